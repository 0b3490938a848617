"""`fastcart demo`: real purchases through the public API, and then the books: everything has to agree."""

import tempfile
import time
from pathlib import Path
from typing import Final

from rich.console import Console

from entrypoints.cli.demo_books import closing_table, disagreements
from entrypoints.cli.demo_integrations import IntegrationStories
from entrypoints.cli.demo_payments import PaymentStories
from entrypoints.cli.demo_reading import books_of, stock_of
from entrypoints.cli.demo_storefront import Purchase, Storefront
from entrypoints.cli.demo_vendors import Vendors
from entrypoints.cli.product_csv import read_products
from entrypoints.cli.screens import screen
from entrypoints.stack import Stack, running_stack
from ports.api_keys import Role

_SETTINGS: Final = {
    # Long enough to pay in, short enough to watch a shopper walk away.
    "FASTCART_PAYMENT_WINDOW_SECONDS": "6",
    "FASTCART_PAYMENT_TRY_SECONDS": "4",
    "FASTCART_HOLD_MARGIN_SECONDS": "2",
    # Beside what every stack has: parcels by FedEx, UPS and USPS, and addresses checked at Google.
    "FASTCART_DELIVERY": "carriers",
    "FASTCART_SHIPS_FROM_COUNTRY": "US",
    "FASTCART_SHIPS_FROM_REGION": "TN",
    "FASTCART_SHIPS_FROM_POSTCODE": "38118",
    "FASTCART_SHIPS_FROM_CITY": "Memphis",
    "FASTCART_SHIPS_FROM_STREET": "1 Dock Street",
    "FASTCART_PLACES": "google",
}
# Carriers serve shoppers who pay in dollars; everybody else has the shop's flat rates.
_FLAGS: Final = "".join(
    f'[{carrier}]\nvalue = "off"\n[[{carrier}.rules]]\ncurrencies = ["USD"]\nvalue = "on"\n'
    for carrier in ("fedex", "ups", "usps")
)


def play() -> int:
    """0 if every order, the provider, the journal and the stock agree; 1 otherwise."""
    console = screen()
    with tempfile.TemporaryDirectory(prefix="fastcart-demo-") as folder:
        console.print(
            "[bold]FastCart demo[/bold]: starting PostgreSQL, Valkey, the sandbox, the API and a worker …"
        )
        started = time.monotonic()
        flags = Path(folder, "flags.toml")
        flags.write_text(_FLAGS, encoding="utf-8")
        settings = {**_SETTINGS, "FASTCART_FLAGS_FILE": str(flags)}
        with running_stack(data=None, logs=Path(folder), overrides=settings) as stack:
            console.print(f"  up after {time.monotonic() - started:.1f} s, API at {stack.api_url}\n")
            shop = Storefront(stack.api_url, stack.new_key(Role.SECRET, "demo"), console)
            vendors = Vendors(stack.sandbox_url)
            exit_code = _close(_purchases(stack, shop, vendors), shop, vendors, console)
        console.print(f"All of it took {time.monotonic() - started:.1f} s; nothing is left running.")
        return exit_code


def _purchases(stack: Stack, shop: Storefront, vendors: Vendors) -> list[Purchase]:
    """Taxes fail last: for half a minute nobody asks a service again that was down."""
    with (Path(__file__).with_name("demo_catalog.csv")).open(encoding="utf-8", newline="") as lines:
        shop.stock_up(read_products(lines))
    payments, integrations = PaymentStories(shop, vendors), IntegrationStories(shop, vendors)
    walker = payments.walks_away()
    purchases = [
        payments.pays_at_once(),
        payments.confirms_at_the_bank(),
        payments.tries_another_card(),
        payments.pays_in_yen(),
        payments.gets_money_back(),
        payments.never_hears_of_the_capture(),
        payments.confirms_while_nobody_works(stack.processes["worker"]),
        integrations.mistypes_the_street(),
        integrations.waits_for_no_carrier(),
        integrations.buys_while_taxes_cannot_be_asked(),
    ]
    shop.wait_until(walker, "expired")
    return [*purchases, walker]


def _close(purchases: list[Purchase], shop: Storefront, vendors: Vendors, console: Console) -> int:
    books = [books_of(purchase, shop, vendors) for purchase in purchases]
    for book in books:
        console.print(f"\n[bold]{book.story}[/bold]  {book.order_id}")
        for at, what in book.timeline:
            console.print(f"  {at}  {what}", highlight=False)
    stock = stock_of([book.sku for book in books], shop)
    console.print()
    console.print(closing_table(books, stock))
    problems = disagreements(books, stock)
    for problem in problems:
        console.print(f"[red]{problem}[/red]")
    if not problems:
        console.print(
            "[green]Every order, its timeline, the provider, the journal and the stock agree.[/green]"
        )
    return 1 if problems else 0
