"""Story: a cart is opened, complete or not."""

from dataclasses import dataclass

from application.cart_draft import CartDraft
from application.check_address import CheckAddress
from application.client_token import hashed
from application.named_customer import named_customer
from application.quote_cart import QuoteCart
from domain.checkout import Checkout, CheckoutState
from domain.identifiers import CheckoutId
from domain.money import Currency
from domain.pricing import nothing_priced
from domain.shop import ShopRules
from ports.clock import Clock
from ports.unit_of_work import UnitOfWorkFactory


@dataclass(frozen=True, slots=True, kw_only=True)
class OpenedCheckout:
    """`client_token` is shown this once; only its hash is kept."""

    checkout: Checkout
    client_token: str


class OpenCheckout:
    """Makes a checkout from a draft.

    Not idempotent by itself: a repeat is recognised by its Idempotency-Key.
    """

    def __init__(
        self,
        unit_of_work: UnitOfWorkFactory,
        quote: QuoteCart,
        check_address: CheckAddress,
        clock: Clock,
        rules: ShopRules,
    ) -> None:
        self._unit_of_work = unit_of_work
        self._quote = quote
        self._check_address = check_address
        self._clock = clock
        self._rules = rules

    async def __call__(self, currency: Currency, draft: CartDraft) -> OpenedCheckout:
        """Raises what QuoteCart raises, and NotACustomer."""
        opened = await self.quoted(currency, draft)
        checkout = await self._check_address.of(opened.checkout)
        async with self._unit_of_work() as uow:
            if checkout.customer_id is not None:
                await named_customer(uow, checkout.customer_id)
            await uow.checkouts.add(checkout)
            await uow.commit()
        return OpenedCheckout(checkout=checkout, client_token=opened.client_token)

    async def quoted(
        self,
        currency: Currency,
        draft: CartDraft,
        checkout_id: CheckoutId | None = None,
        client_token: str | None = None,
    ) -> OpenedCheckout:
        """A checkout that is priced but neither stored nor its address checked: whoever buys in a single call
        isn't there to look at a correction.
        """
        token = client_token or self._clock.new_secret()
        async with self._unit_of_work() as uow:
            offer = await self._quote.offer_for(draft, uow)
        checkout = await self._quote(self._empty(currency, hashed(token), checkout_id), draft, offer)
        return OpenedCheckout(checkout=checkout, client_token=token)

    def _empty(self, currency: Currency, token_hash: str, checkout_id: CheckoutId | None) -> Checkout:
        now = self._clock.now()
        return Checkout(
            id=checkout_id or CheckoutId(self._clock.new_id("chk")),
            version=1,
            state=CheckoutState.OPEN,
            currency=currency,
            created_at=now,
            expires_at=now + self._rules.checkout_lifetime,
            client_token_hash=token_hash,
            lines=(),
            pricing=nothing_priced(currency),
        )
