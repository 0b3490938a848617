"""Story: a checkout is changed, in part or as a whole, and quoted anew."""

from dataclasses import dataclass

from application.cart_draft import CartDraft, CartPatch, draft_of
from application.check_address import CheckAddress
from application.named_customer import named_customer
from application.quote_cart import QuoteCart
from domain.checkout import Checkout
from domain.errors import StaleVersion, UnknownCheckout
from domain.identifiers import CheckoutId
from domain.values import replace
from ports.clock import Clock
from ports.errors import ConcurrentChange
from ports.unit_of_work import UnitOfWork, UnitOfWorkFactory


@dataclass(frozen=True, slots=True, kw_only=True)
class CheckoutChange:
    """`version`: the one that the caller read, or None to change whichever is there.

    `token_hash` None: the merchant.
    """

    checkout_id: CheckoutId
    content: CartDraft | CartPatch
    version: int | None = None
    token_hash: str | None = None


class ChangeCheckout:
    """Repeating a change with the same version is refused as stale; without a version it has the same
    effect again.
    """

    def __init__(
        self, unit_of_work: UnitOfWorkFactory, quote: QuoteCart, check_address: CheckAddress, clock: Clock
    ) -> None:
        self._unit_of_work = unit_of_work
        self._quote = quote
        self._check_address = check_address
        self._clock = clock

    async def __call__(self, change: CheckoutChange) -> Checkout:
        """Raises UnknownCheckout, CheckoutClosed, StaleVersion, NotACustomer, and what QuoteCart raises.

        Who buys is for the merchant to say: a browser changes everything else.
        """
        async with self._unit_of_work() as uow:
            checkout = await find_checkout(uow, change.checkout_id, change.token_hash, to_quote=True)
            checkout.require_open(self._clock.now())
            checkout.require_version(change.version)
            content = change.content
            draft = content.laid_over(draft_of(checkout)) if isinstance(content, CartPatch) else content
            if change.token_hash is not None and draft.customer_id != checkout.customer_id:
                draft = replace(draft, customer_id=checkout.customer_id)
            offer = await self._quote.offer_for(draft, uow, checkout)
        quoted = await self._check_address.of(
            await self._quote(checkout, draft, offer), checkout.shipping_address
        )
        changed = replace(quoted, version=checkout.version + 1)
        async with self._unit_of_work() as uow:
            if changed.customer_id is not None:
                await named_customer(uow, changed.customer_id)
            try:
                await uow.checkouts.save(changed)
            except ConcurrentChange:
                raise StaleVersion(expected=checkout.version, current=changed.version) from None
            await uow.commit()
        return changed


async def find_checkout(
    uow: UnitOfWork, checkout_id: CheckoutId, token_hash: str | None, *, to_quote: bool = False
) -> Checkout:
    """The checkout, if it is there and the caller may see it. Raises UnknownCheckout otherwise."""
    checkout = await uow.checkouts.get(checkout_id, to_quote=to_quote)
    if checkout is None:
        raise UnknownCheckout(checkout_id=checkout_id)
    checkout.require_token(token_hash)
    return checkout
