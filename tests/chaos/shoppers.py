"""Shoppers, many at once: each comes, plays one story as a good client would, and goes."""

import asyncio
import itertools
import random
import time
from collections.abc import Awaitable, Callable
from dataclasses import dataclass, field
from typing import Any, Final

import httpx

from tests.chaos.client import Answer, GaveUp, PatientClient, Transcript, connection
from tests.chaos.goods import AMPLE, CURRENCY, SCARCE, Line, total_minor
from tests.chaos.purchase import Ending, Purchase
from tests.chaos.sandbox import Sandbox

GOOD_CARD: Final = "pm_card_visa"
DECLINED_CARD: Final = "pm_card_visa_chargeDeclinedInsufficientFunds"
BANK_ASKS: Final = "pm_card_threeDSecure2Required"
_TOWN: Final = {"city": "Albany", "region": "NY", "postcode": "12207", "country": "US"}
_PATIENCE_SECONDS: Final = 75.0
_FIRST_PAUSE_SECONDS, _LONGEST_PAUSE_SECONDS = 0.15, 2.0
_OVER: Final = {"paid": Ending.PAID, "canceled": Ending.CANCELED, "expired": Ending.EXPIRED}


class UnexpectedAnswer(Exception):
    """The API refused something that it had no reason to refuse."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Shop:
    """Where shoppers go. A browser has the publishable key, the merchant's server the secret one."""

    api_url: str
    sandbox: Sandbox
    publishable_key: str
    secret_key: str


@dataclass(slots=True, kw_only=True)
class Crowd:
    """All shoppers of a run and what became of their purchases.

    They come at a steady rate whether or not the shop copes, as shoppers do: one who has to wait keeps
    nobody else away. A shopper's story, basket and moment of arrival are drawn from the seed.
    """

    shop: Shop
    seed: int
    transcript: Transcript = field(default_factory=Transcript)
    purchases: list[Purchase] = field(default_factory=list)
    closed: asyncio.Event = field(default_factory=asyncio.Event)

    async def shop_until_closed(self, per_second: float) -> None:
        """Returns when the last shopper who came before the closing has left."""
        opened = time.monotonic()
        dice = random.Random(f"{self.seed}/arrivals")
        arrives_at = 0.0
        async with connection(self.shop.api_url) as http, asyncio.TaskGroup() as shoppers:
            for number in itertools.count():
                arrives_at += dice.expovariate(per_second)
                if await self._closed_before(opened + arrives_at):
                    return
                shoppers.create_task(self._buy(number, http))

    async def _closed_before(self, moment: float) -> bool:
        try:
            async with asyncio.timeout(max(0.0, moment - time.monotonic())):
                return await self.closed.wait()
        except TimeoutError:
            return False

    async def _buy(self, number: int, http: httpx.AsyncClient) -> None:
        dice = random.Random(f"{self.seed}/{number}")
        story = dice.choices(list(STORIES), weights=list(STORIES.values()))[0]
        purchase = Purchase(
            story=story.__name__.replace("_", " "),
            email=f"shopper-{number}@example.com",
            lines=_wanted(dice),
            started_at=time.monotonic(),
        )
        self.purchases.append(purchase)
        clients = (
            PatientClient(http, self.shop.publishable_key, self.transcript, dice),
            PatientClient(http, self.shop.secret_key, self.transcript, dice),
        )
        try:
            purchase.ending = await story(Visit(purchase, *clients, self.shop.sandbox, dice))
        except GaveUp:
            purchase.ending = Ending.LEFT_WAITING
        except UnexpectedAnswer as answer:
            self.transcript.breaches.append(f"{purchase.story}: {answer}")
        finally:
            purchase.ended_at = time.monotonic()


class Visit:
    """One shopper in the shop with one purchase in mind: the steps that stories are made of."""

    def __init__(
        self,
        purchase: Purchase,
        browser: PatientClient,
        server: PatientClient,
        sandbox: Sandbox,
        dice: random.Random,
    ) -> None:
        self.purchase = purchase
        self._browser = browser
        self._server = server
        self._sandbox = sandbox
        self._dice = dice

    async def places(self) -> dict[str, Any] | None:
        """Step by step, in a browser: cart, address, delivery, order. None when the goods are sold out."""
        cart = {"currency": CURRENCY, "lines": _bodies(self.purchase.lines)}
        opened = _expected(await self._browser.ask("POST", "/v1/checkouts", cart)).body
        self._browser.client_token = opened["client_token"]
        path = f"/v1/checkouts/{opened['id']}"
        _expected(await self._browser.ask("PATCH", path, self._contact()))
        options = _expected(await self._browser.ask("GET", f"{path}/delivery-options")).body["options"]
        choice = next(option for option in options if option["id"] == "standard")
        answer = await self._browser.ask("PUT", f"{path}/delivery", {"option_id": choice["id"]})
        chosen = _expected(answer).body
        accepted = {"version": chosen["version"], "accepted_total": chosen["total"]}
        placed = _expected(await self._browser.ask("POST", f"{path}/place", accepted), *_SOLD_OUT)
        return self.purchase.heard(placed.body) if placed.is_success else None

    async def buys_in_one_call(self, card: str) -> dict[str, Any] | None:
        """Everything in one request of the merchant's server. None when the goods are sold out."""
        body = {
            "currency": CURRENCY,
            "lines": _bodies(self.purchase.lines),
            **self._contact(),
            "delivery_option_id": "standard",
            "accepted_total": {"minor": total_minor(self.purchase.lines), "currency": CURRENCY},
            "payment": {"instrument": {"token": card}},
        }
        bought = _expected(await self._server.ask("POST", "/v1/orders", body), *_SOLD_OUT)
        return self.purchase.heard(bought.body["order"]) if bought.is_success else None

    async def pays(self, card: str) -> dict[str, Any]:
        """The order after the card was offered; a repeat of a lost try may find that it isn't payable now."""
        body = {"instrument": {"token": card}}
        answer = await self._client.ask("POST", f"{self._order_path}/payments/confirm", body)
        if _expected(answer, "order_not_payable").is_success:
            return self.purchase.heard(answer.body)
        return await self.looks()

    async def cancels(self) -> dict[str, Any]:
        """The order after it was called off, or as it is when it was paid before."""
        answer = await self._client.ask("POST", f"{self._order_path}/cancel")
        if _expected(answer, "order_already_paid").is_success:
            return self.purchase.heard(answer.body)
        return await self.looks()

    async def looks(self) -> dict[str, Any]:
        return self.purchase.heard(_expected(await self._client.ask("GET", self._order_path)).body)

    async def waits(self, order: dict[str, Any], *statuses: str) -> dict[str, Any]:
        """Until it is no longer FastCart's turn, looking ever more rarely. Raises GaveUp."""
        give_up_at = time.monotonic() + _PATIENCE_SECONDS
        pause_seconds = _FIRST_PAUSE_SECONDS
        while order["status"] in ("processing", *statuses):
            if time.monotonic() > give_up_at:
                raise GaveUp(f"order {order['id']} is still {order['status']}")
            await asyncio.sleep(pause_seconds)
            pause_seconds = min(pause_seconds * 1.5, _LONGEST_PAUSE_SECONDS)
            order = await self.looks()
        return order

    async def answers_the_bank(self, order: dict[str, Any]) -> dict[str, Any]:
        """The shopper confirms at the bank; one in five fails there. The provider tells FastCart."""
        intent = order["payment"]["client_secret"].partition("_secret_")[0]
        word = "complete" if self._dice.random() < 0.8 else "fail"
        # An order that was called off or expired meanwhile is refused by the bank, too.
        await self._sandbox.send("POST", f"/stripe/payments/{intent}/{word}_authentication")
        return await self.waits(order, "action_required")

    @property
    def _client(self) -> PatientClient:
        """The one that may see the order: the browser that placed it, or the server that bought it."""
        return self._browser if self._browser.client_token is not None else self._server

    @property
    def _order_path(self) -> str:
        return f"/v1/orders/{self.purchase.order_id}"

    def _contact(self) -> dict[str, object]:
        """Everybody lives in another house, so that TaxJar is asked about each."""
        house = self.purchase.email.partition("@")[0].removeprefix("shopper-")
        address = {"line1": f"{house} Example Street", **_TOWN}
        return {"email": self.purchase.email, "name": "A. Shopper", "shipping_address": address}


Story = Callable[[Visit], Awaitable[Ending]]
_SOLD_OUT: Final = ("out_of_stock", "checkout_not_ready")


async def pays_step_by_step(visit: Visit) -> Ending:
    if await visit.places() is None:
        return Ending.SOLD_OUT
    return _ending(await visit.waits(await visit.pays(GOOD_CARD)))


async def buys_in_one_call(visit: Visit) -> Ending:
    order = await visit.buys_in_one_call(GOOD_CARD)
    return Ending.SOLD_OUT if order is None else _ending(await visit.waits(order))


async def tries_another_card(visit: Visit) -> Ending:
    if await visit.places() is None:
        return Ending.SOLD_OUT
    await visit.waits(await visit.pays(DECLINED_CARD))
    return _ending(await visit.waits(await visit.pays(GOOD_CARD)))


async def tries_another_card_after_one_call(visit: Visit) -> Ending:
    order = await visit.buys_in_one_call(DECLINED_CARD)
    if order is None:
        return Ending.SOLD_OUT
    await visit.waits(order)
    return _ending(await visit.waits(await visit.pays(GOOD_CARD)))


async def confirms_at_the_bank(visit: Visit) -> Ending:
    if await visit.places() is None:
        return Ending.SOLD_OUT
    order = await visit.waits(await visit.pays(BANK_ASKS))
    if order["status"] == "action_required":
        order = await visit.answers_the_bank(order)
    return _ending(order)


async def walks_away(visit: Visit) -> Ending:
    return Ending.SOLD_OUT if await visit.places() is None else Ending.WALKED_AWAY


async def walks_away_from_the_bank(visit: Visit) -> Ending:
    order = await visit.buys_in_one_call(BANK_ASKS)
    return Ending.SOLD_OUT if order is None else Ending.WALKED_AWAY


async def cancels(visit: Visit) -> Ending:
    if await visit.places() is None:
        return Ending.SOLD_OUT
    return _ending(await visit.waits(await visit.cancels()))


async def cancels_while_paying(visit: Visit) -> Ending:
    """Two tabs: one pays, the other calls off. Whoever wins, both are told the same in the end."""
    if await visit.places() is None:
        return Ending.SOLD_OUT
    await asyncio.gather(visit.pays(GOOD_CARD), visit.cancels())
    return _ending(await visit.waits(await visit.looks()))


STORIES: Final[dict[Story, int]] = {
    pays_step_by_step: 5,
    buys_in_one_call: 6,
    tries_another_card: 2,
    tries_another_card_after_one_call: 2,
    confirms_at_the_bank: 3,
    walks_away: 1,
    walks_away_from_the_bank: 1,
    cancels: 1,
    cancels_while_paying: 2,
}


def _wanted(dice: random.Random) -> list[Line]:
    """Mostly one thing that there is plenty of; now and then two, or something that others want too."""
    skus = dice.sample(AMPLE, 1 if dice.random() < 0.7 else 2)
    if dice.random() < 0.3:
        skus[0] = dice.choice(SCARCE)
    return [Line(sku, dice.randint(1, 2)) for sku in skus]


def _bodies(lines: Any) -> list[dict[str, object]]:
    return [{"sku": line.sku, "quantity": line.quantity} for line in lines]


def _ending(order: dict[str, Any]) -> Ending:
    return _OVER.get(order["status"], Ending.NOT_PAID)


def _expected(answer: Answer, *refusals: str) -> Answer:
    """A success, or one of the refusals that the story can live with. Raises UnexpectedAnswer."""
    if answer.is_success or answer.code in refusals:
        return answer
    raise UnexpectedAnswer(f"{answer.status} {answer.code}: {str(answer.body)[:300]}")
