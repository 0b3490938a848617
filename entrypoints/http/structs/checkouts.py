"""A checkout as it is shown."""

from datetime import datetime

import msgspec
from msgspec import UNSET, UnsetType

from domain.checkout import Checkout, CheckoutState, DeliveryGroup
from domain.readiness import blocking
from domain.shop import ShopRules
from domain.tax import TaxExemption
from entrypoints.http.structs.addresses import AddressCheckShown, address_check_shown
from entrypoints.http.structs.sums import (
    GroupShown,
    LineShown,
    MessageShown,
    TaxShown,
    TotalShown,
    line_shown,
    messages_shown,
    option_shown,
    taxes_shown,
    totals_shown,
)
from entrypoints.http.structs.values import AddressStruct, MoneyStruct, address_shown, money_shown


class CheckoutShown(msgspec.Struct, frozen=True, kw_only=True):
    """`state` is one of
    - `incomplete`: `messages` say what is missing; those to be reviewed, or recoverable, keep from nothing;
    - `ready`: it can be placed in this `version` for this `total`;
    - `completed`: it became the order with `order_id`;
    - `canceled`, `expired`: it can't be changed any more.

    `messages` that are recoverable, or to be reviewed, are to be known and stand in nobody's way.
    `address_check` is what is known of the delivery address, null where addresses aren't checked or it isn't
    complete. `tax_estimated`: the tax service could not be asked. `client_token` opens the checkout, and
    later its order, to a browser; it comes with the answer that creates the checkout and never again.
    """

    id: str
    version: int
    state: str
    currency: str
    lines: list[LineShown]
    totals: list[TotalShown]
    total: MoneyStruct
    taxes: list[TaxShown]
    tax_estimated: bool
    delivery_groups: list[GroupShown]
    messages: list[MessageShown]
    email: str | None
    name: str | None
    shipping_address: AddressStruct | None
    address_check: AddressCheckShown | None
    billing_address: AddressStruct | None
    discount_code: str | None
    tax_exemption: TaxExemption | None
    locale: str | None
    channel: str | None
    source: str | None
    return_url: str | None
    cancel_url: str | None
    continue_url: str | None
    created_at: datetime
    expires_at: datetime
    order_id: str | None
    customer_id: str | None
    client_token: str | UnsetType = UNSET


def checkout_shown(
    checkout: Checkout,
    rules: ShopRules,
    now: datetime,
    storefront_url: str | None,
    client_token: str | UnsetType = UNSET,
) -> CheckoutShown:
    messages = checkout.messages(rules) if checkout.state is CheckoutState.OPEN else ()
    totals, origin, check = checkout.pricing.totals, checkout.origin, checkout.address_check
    lines = zip(checkout.pricing.lines, checkout.lines, strict=True)
    return CheckoutShown(
        id=checkout.id,
        version=checkout.version,
        state=_state(checkout, now, is_ready=not blocking(messages)),
        currency=checkout.currency.code,
        lines=[line_shown(priced, line) for priced, line in lines],
        totals=totals_shown(totals),
        total=money_shown(totals.total),
        taxes=taxes_shown(totals),
        tax_estimated=totals.tax_estimated,
        delivery_groups=[_group_shown(group) for group in checkout.delivery_groups()],
        messages=messages_shown(messages),
        email=checkout.email,
        name=checkout.name,
        shipping_address=address_shown(checkout.shipping_address),
        address_check=address_check_shown(check, checkout.shipping_address) if check else None,
        billing_address=address_shown(checkout.billing_address),
        discount_code=checkout.discount.code if checkout.discount else None,
        tax_exemption=checkout.tax_exemption,
        locale=origin.locale,
        channel=origin.channel,
        source=origin.source,
        return_url=origin.return_url,
        cancel_url=origin.cancel_url,
        continue_url=f"{storefront_url.rstrip('/')}/checkouts/{checkout.id}" if storefront_url else None,
        created_at=checkout.created_at,
        expires_at=checkout.expires_at,
        order_id=checkout.order_id,
        customer_id=checkout.customer_id,
        client_token=client_token,
    )


def _group_shown(group: DeliveryGroup) -> GroupShown:
    chosen = option_shown(group.chosen) if group.chosen else None
    return GroupShown(group.id, [*group.line_ids], address_shown(group.destination), chosen)


def _state(checkout: Checkout, now: datetime, *, is_ready: bool) -> str:
    if checkout.state is CheckoutState.PLACED:
        return "completed"
    if checkout.state is CheckoutState.CANCELLED:
        return "canceled"
    if checkout.is_expired_at(now):
        return "expired"
    return "ready" if is_ready else "incomplete"
