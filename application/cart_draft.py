"""What a shopper asked for, before the catalog, the carriers and the tax office have had their say."""

from dataclasses import field, fields
from enum import Enum
from typing import Final, Literal

from domain.address import Address
from domain.checkout import Checkout, Origin
from domain.identifiers import CustomerId, LineId, Sku
from domain.tax import TaxExemption
from domain.values import replace, value


class _Keep(Enum):
    KEEP = "keep"


KEEP: Final = _Keep.KEEP
Keep = Literal[_Keep.KEEP]


@value
class DraftLine:
    """`id` names a line that is there already. `unit_price_minor` may come from a merchant's server only."""

    sku: Sku
    quantity: int
    id: LineId | None = None
    unit_price_minor: int | None = None


@value
class CartDraft:
    """The whole wish: what a full replacement sends, and what a patch is laid over.

    `tax_exemption` and `customer_id` may come from a merchant's server only.
    """

    lines: tuple[DraftLine, ...] = ()
    email: str | None = None
    name: str | None = None
    shipping_address: Address | None = None
    billing_address: Address | None = None
    discount_code: str | None = None
    tax_exemption: TaxExemption | None = None
    delivery_option_id: str | None = None
    origin: Origin = field(default_factory=Origin)
    customer_id: CustomerId | None = None


@value
class CartPatch:
    """A change to a draft: KEEP leaves as it is, None clears."""

    lines: tuple[DraftLine, ...] | Keep = KEEP
    email: str | Keep | None = KEEP
    name: str | Keep | None = KEEP
    shipping_address: Address | Keep | None = KEEP
    billing_address: Address | Keep | None = KEEP
    discount_code: str | Keep | None = KEEP
    tax_exemption: TaxExemption | Keep | None = KEEP
    delivery_option_id: str | Keep | None = KEEP
    origin: Origin | Keep = field(default=KEEP)
    customer_id: CustomerId | Keep | None = KEEP

    def laid_over(self, draft: CartDraft) -> CartDraft:
        given = {name: getattr(self, name) for name in _CHANGEABLE}
        return replace(draft, **{name: wanted for name, wanted in given.items() if wanted is not KEEP})


_CHANGEABLE: Final = tuple(each.name for each in fields(CartPatch))


def draft_of(checkout: Checkout) -> CartDraft:
    """The wish that led to this checkout, so that it can be quoted again."""
    return CartDraft(
        lines=tuple(
            DraftLine(
                sku=line.sku,
                quantity=line.quantity,
                id=line.id,
                unit_price_minor=line.unit_price.minor if line.priced_by_merchant else None,
            )
            for line in checkout.lines
        ),
        email=checkout.email,
        name=checkout.name,
        shipping_address=checkout.shipping_address,
        billing_address=checkout.billing_address,
        discount_code=checkout.discount.code if checkout.discount else None,
        tax_exemption=checkout.tax_exemption,
        delivery_option_id=checkout.delivery.id if checkout.delivery else None,
        origin=checkout.origin,
        customer_id=checkout.customer_id,
    )
