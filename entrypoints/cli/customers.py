"""`fastcart customers`: who is known, all that is known of one, and having them forgotten."""

import asyncio
import os
import sys
from pathlib import Path
from typing import Annotated

import msgspec
from cyclopts import App, Parameter

from domain.customer import Customer
from domain.errors import CustomerStillNeeded, UnknownCustomer
from domain.identifiers import CustomerId
from entrypoints.cli.administration import Limit, administer
from entrypoints.cli.endings import NotDone
from entrypoints.cli.screens import Listing, screen
from entrypoints.container import Container
from entrypoints.http.structs.customer_export import export_shown
from entrypoints.resources import open_resources
from entrypoints.settings import SettingsRefused, settings_from
from ports.errors import Rejected, Unavailable

customers = App(
    name="customers",
    help="""Customers: who is known, all that is known of one, and having them forgotten.

`fastcart customers export` answers a person who asks what is known of them, `fastcart customers delete` one
who wants to be forgotten; docs/operations/personal-data.md says what stays, and why. `list` and `delete` need
DATABASE_URL alone; `export` asks the payment provider too, with the settings of the API.""",
)
Who = Annotated[str, Parameter(help="The customer's id (cus_…); `fastcart customers list` shows it.")]


@customers.command(name="list")
def list_customers(
    *,
    limit: Limit = 100,
    after: Annotated[str | None, Parameter(help="Those behind this customer (cus_…).")] = None,
) -> None:
    """List customers, the newest first.

    For example: `fastcart customers list --limit 20`
    """
    behind = CustomerId(after) if after is not None else None
    found = administer(lambda container: container.read_customer().page(behind, limit))
    if not found:
        print("No such customers.")
        return
    listing = Listing(("Customer", "Since"), ("State", "E-mail", "At the provider"))
    for customer in found:
        listing.add((customer.id, f"{customer.created_at:%Y-%m-%d %H:%M}"), *_row(customer))
    console = screen()
    listing.print_on(console)
    if len(found) == limit:
        console.print(f"These are {limit}; others with --after {found[-1].id}.")


@customers.command
def export(
    customer_id: Who,
    *,
    to: Annotated[Path | None, Parameter(help="The file to write; without it, to the screen.")] = None,
) -> None:
    """Export all that is known of a customer as one JSON document, for the person whom it is about.

    For example: `fastcart customers export cus_01jd3v5x6zfp8t2m4n7q9r1s3t --to ada.json`
    """
    try:
        settings = settings_from(os.environ)
    except SettingsRefused as refused:
        raise NotDone(f"This can't be done with this environment:\n{refused}") from None

    async def tell() -> bytes:
        async with open_resources(settings) as resources:
            container = Container(settings=settings, resources=resources)
            found = await container.export_customer()(CustomerId(customer_id))
            shown = export_shown(found, settings.shop, container.clock().now())
            return msgspec.json.format(msgspec.json.encode(shown), indent=2)

    try:
        document = asyncio.run(tell())
    except UnknownCustomer:
        raise NotDone(f"There is no customer {customer_id}; `fastcart customers list` shows all.") from None
    except (Rejected, Unavailable) as away:
        what = away.code if isinstance(away, Rejected) else away.reason
        raise NotDone(
            f"Nothing was exported: database or payment provider can't be asked ({what}). Half an export"
            " would look like a whole one; try again later, with the settings of the API."
        ) from None
    if to is None:
        sys.stdout.write(document.decode() + "\n")
    else:
        to.write_bytes(document)
        print(f"Written to {to}. It holds personal data: delete it once it has been handed over.")


@customers.command
def delete(customer_id: Who) -> None:
    """Have a customer forgotten, here and at the payment provider, for good; a worker does it.

    For example: `fastcart customers delete cus_01jd3v5x6zfp8t2m4n7q9r1s3t`
    """

    async def begin(container: Container) -> Customer:
        wanted = CustomerId(customer_id)
        await container.delete_customer().begin(wanted)
        return await container.read_customer()(wanted)

    try:
        customer = administer(begin)
    except UnknownCustomer:
        raise NotDone(f"There is no customer {customer_id}; `fastcart customers list` shows all.") from None
    except CustomerStillNeeded as needed:
        raise NotDone(
            f"Nobody was forgotten: {', '.join(needed.waits_for)} must be over first. Settle the orders, end"
            " the subscriptions, and ask again."
        ) from None
    print(f"{customer.id} is {customer.state.value}; a running worker forgets them within seconds.")


def _row(customer: Customer) -> tuple[str, ...]:
    accounts = (f"{each.provider}: {each.state.value}" for each in customer.accounts)
    return (
        customer.state.value,
        customer.email or "–",
        ", ".join(accounts) or "–",
    )
