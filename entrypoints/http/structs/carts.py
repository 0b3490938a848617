"""What a caller sends to create or change a checkout, and the draft or patch that it asks for."""

from collections.abc import Sequence
from typing import Annotated, Final

import msgspec
from msgspec import UNSET, Meta, UnsetType

from application.cart_draft import KEEP, CartDraft, CartPatch, DraftLine, Keep
from domain.address import Address
from domain.checkout import Origin
from domain.errors import CustomerNotAllowed, PriceNotAllowed, TaxExemptionNotAllowed
from domain.identifiers import CustomerId, LineId, Sku
from domain.money import Currency
from domain.tax import TaxExemption
from entrypoints.http.structs.values import (
    AddressStruct,
    CurrencyCode,
    EmailAddress,
    PriceStruct,
    SkuText,
    Text,
    Url,
    Word,
    address_of,
)

LINE_ID: Final = "^line_[0-9a-hjkmnp-tv-z]{26}$"
CUSTOMER_ID: Final = r"^cus_[0-9a-hjkmnp-tv-z]{26}$(?!\n)"
OPTION_ID: Final = r"^[!-~]+$(?!\n)"


class LineRequest(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """`id` keeps a line that is there what it is. `unit_price` (net) may come with a secret key only."""

    sku: SkuText
    quantity: Annotated[int, Meta(ge=1, le=1_000_000)]
    id: Annotated[str, Meta(max_length=31, pattern=LINE_ID)] | None = None
    unit_price: PriceStruct | None = None


CustomerIdText = Annotated[str, Meta(max_length=30, pattern=CUSTOMER_ID)]
Lines = Annotated[list[LineRequest], Meta(max_length=1_000)]


class CartRequest(msgspec.Struct, frozen=True, forbid_unknown_fields=True, kw_only=True):
    """A cart's whole content. `locale`, `channel` and `source` are kept as told and never trusted.

    `tax_exemption` may come with a secret key only: the merchant has seen the buyer's certificate. So may
    `customer_id`, whom you know to be the buyer.
    """

    lines: Lines = []
    email: EmailAddress | None = None
    name: Word | None = None
    shipping_address: AddressStruct | None = None
    billing_address: AddressStruct | None = None
    discount_code: Word | None = None
    tax_exemption: TaxExemption | None = None
    delivery_option_id: Word | None = None
    locale: Word | None = None
    channel: Word | None = None
    source: Text | None = None
    return_url: Url | None = None
    cancel_url: Url | None = None
    customer_id: CustomerIdText | None = None


class OpenRequest(CartRequest, frozen=True, forbid_unknown_fields=True, kw_only=True):
    """A new cart, complete or not. Its currency stays."""

    currency: CurrencyCode


class ReplaceRequest(CartRequest, frozen=True, forbid_unknown_fields=True, kw_only=True):
    """The new content, as a whole: what is left out is cleared. A currency must be the checkout's."""

    currency: CurrencyCode | None = None


class PatchRequest(msgspec.Struct, frozen=True, forbid_unknown_fields=True, kw_only=True):
    """A change: what is left out stays as it is, null clears."""

    lines: Lines | UnsetType | None = UNSET
    email: EmailAddress | UnsetType | None = UNSET
    name: Word | UnsetType | None = UNSET
    shipping_address: AddressStruct | UnsetType | None = UNSET
    billing_address: AddressStruct | UnsetType | None = UNSET
    discount_code: Word | UnsetType | None = UNSET
    tax_exemption: TaxExemption | UnsetType | None = UNSET
    delivery_option_id: Word | UnsetType | None = UNSET
    customer_id: CustomerIdText | UnsetType | None = UNSET


class DeliveryChoice(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """One of the ids that delivery-options lists."""

    option_id: Annotated[str, Meta(min_length=1, max_length=120, pattern=OPTION_ID)]


def draft_of_request(request: CartRequest, currency: Currency | None, *, may_price: bool) -> CartDraft:
    """`currency` None: nobody may set prices.

    Raises PriceNotAllowed, TaxExemptionNotAllowed, CustomerNotAllowed and CurrencyMismatch.
    """
    return CartDraft(
        lines=_lines(request.lines, currency, may_price=may_price),
        email=request.email,
        name=request.name or None,
        shipping_address=address_of(request.shipping_address),
        billing_address=address_of(request.billing_address),
        discount_code=request.discount_code or None,
        tax_exemption=_exemption(request.tax_exemption, may_exempt=may_price),
        delivery_option_id=request.delivery_option_id or None,
        origin=Origin(
            locale=request.locale,
            channel=request.channel,
            source=request.source,
            return_url=request.return_url,
            cancel_url=request.cancel_url,
        ),
        customer_id=_buyer(request.customer_id, may_name=may_price),
    )


def patch_of_request(request: PatchRequest, currency: Currency | None, *, may_price: bool) -> CartPatch:
    """As `draft_of_request`."""
    lines: tuple[DraftLine, ...] | Keep = KEEP
    if request.lines is not UNSET:
        lines = _lines(request.lines or [], currency, may_price=may_price)
    return CartPatch(
        lines=lines,
        email=_kept(request.email),
        name=_kept(request.name),
        shipping_address=_kept_address(request.shipping_address),
        billing_address=_kept_address(request.billing_address),
        discount_code=_kept(request.discount_code),
        tax_exemption=KEEP
        if request.tax_exemption is UNSET
        else _exemption(request.tax_exemption, may_exempt=may_price),
        delivery_option_id=_kept(request.delivery_option_id),
        customer_id=KEEP if request.customer_id is UNSET else _buyer(request.customer_id, may_name=may_price),
    )


def sets_prices(lines: Sequence[LineRequest] | UnsetType | None) -> bool:
    return lines is not UNSET and any(line.unit_price is not None for line in lines or ())


def _lines(
    requests: Sequence[LineRequest], currency: Currency | None, *, may_price: bool
) -> tuple[DraftLine, ...]:
    return tuple(
        DraftLine(
            sku=Sku(request.sku),
            quantity=request.quantity,
            id=LineId(request.id) if request.id else None,
            unit_price_minor=_price(f"/lines/{index}/unit_price", request, currency, may_price=may_price),
        )
        for index, request in enumerate(requests)
    )


def _price(path: str, request: LineRequest, currency: Currency | None, *, may_price: bool) -> int | None:
    if request.unit_price is None:
        return None
    if not may_price or currency is None:
        raise PriceNotAllowed(path=path)
    return request.unit_price.minor_in(currency, path)


def _exemption(told: TaxExemption | None, *, may_exempt: bool) -> TaxExemption | None:
    if told is not None and not may_exempt:
        raise TaxExemptionNotAllowed(path="/tax_exemption")
    return told


def _buyer(told: str | None, *, may_name: bool) -> CustomerId | None:
    if told is not None and not may_name:
        raise CustomerNotAllowed(path="/customer_id")
    return CustomerId(told) if told is not None else None


def _kept(value: str | UnsetType | None) -> str | Keep | None:
    return KEEP if value is UNSET else (value or None)


def _kept_address(value: AddressStruct | UnsetType | None) -> Address | Keep | None:
    return KEEP if value is UNSET else address_of(value)
