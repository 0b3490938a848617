"""Delivery by USPS: https://developers.usps.com/domesticpricesv3.

USPS answers sixty questions an hour until it is asked for more. So its prices are kept by parcel and route
for the day, also that there are none, and few parcels are asked about at all.
"""

from collections import Counter
from collections.abc import Mapping, Sequence
from typing import Final

import httpx

from adapters.resilience.access_tokens import AccessTokens, IssuedToken, issued_token
from adapters.usps import wire
from adapters.usps.errors import refusal_of
from adapters.usps.settings import UspsSettings
from domain.delivery import DeliveryOffers, DeliveryOption, DeliveryQuestion, by_price
from domain.money import Money
from domain.packing import PackedParcel, pack
from ports.cache import Cache
from ports.clock import Clock
from ports.errors import Rejected

_ISSUE: Final = {"operation": "oauth.token", "writes": False}
_RATE: Final = {"operation": "rates.list", "writes": False}
# Equal parcels are one question; a cart of more kinds would eat up an hour's questions.
_MOST_KINDS: Final = 3
_DAY_SECONDS: Final = 24 * 3_600
_HOUR_SECONDS: Final = 3_600


class UspsDeliveryRates:
    """Implements `ports.delivery_rates.DeliveryRates`, within the United States and in dollars."""

    def __init__(self, http: httpx.AsyncClient, settings: UspsSettings, cache: Cache, clock: Clock) -> None:
        self._http = http
        self._settings = settings
        self._cache = cache
        self._clock = clock
        self._tokens = AccessTokens(cache, clock, f"usps:{settings.client_id}", self._issue)

    async def offers(self, question: DeliveryQuestion) -> DeliveryOffers:
        origin = wire.zip_code(self._settings.ships_from)
        destination = wire.zip_code(question.destination)
        if origin is None or destination is None or question.subtotal.currency != wire.DOLLARS:
            return DeliveryOffers()
        parcels = pack(question.goods, wire.LIMITS)
        if not all(parcel.is_within(wire.LIMITS) for parcel in parcels):
            return DeliveryOffers()
        bodies = self._bodies(parcels, origin, destination)
        if len(bodies) > _MOST_KINDS:
            return DeliveryOffers()
        prices = [(await self._prices(body), count) for body, count in bodies.items()]
        return DeliveryOffers(options=_options(prices))

    def _bodies(self, parcels: Sequence[PackedParcel], origin: str, destination: str) -> Mapping[bytes, int]:
        """Each different question, and how many parcels it is about."""
        bodies: Counter[bytes] = Counter()
        for parcel in parcels:
            asked = wire.asked(parcel, origin, destination, self._settings.price_type)
            bodies[wire.written(asked)] += parcel.count
        return bodies

    async def _prices(self, body: bytes) -> tuple[wire.Price, ...]:
        """Of one parcel; asked for once a day at most, because prices change at midnight."""
        key = f"usps:{self._clock.now():%Y-%m-%d}:{body.decode()}"
        cached = await self._cache.get(key)
        if cached is not None and (known := wire.found(cached)) is not None:
            return known
        answer = await self._tokens.send(lambda token: self._quote(body, token))
        prices = self._read(answer)
        await self._cache.put(key, wire.kept(prices), _DAY_SECONDS if prices else _HOUR_SECONDS)
        return prices

    @staticmethod
    def _read(answer: httpx.Response) -> tuple[wire.Price, ...]:
        if answer.status_code == httpx.codes.OK:
            return wire.priced(answer.content)
        refusal = refusal_of(answer)
        if isinstance(refusal, Rejected):
            return ()
        raise refusal

    async def _quote(self, body: bytes, token: str) -> httpx.Response:
        headers = {"Authorization": f"Bearer {token}", "Content-Type": "application/json"}
        return await self._http.post(
            "/prices/v3/total-rates/search", content=body, headers=headers, extensions=_RATE
        )

    async def _issue(self) -> IssuedToken:
        credentials = {
            "grant_type": "client_credentials",
            "client_id": self._settings.client_id,
            "client_secret": self._settings.client_secret,
        }
        answer = await self._http.post("/oauth2/v3/token", json=credentials, extensions=_ISSUE)
        return issued_token(answer, "usps")


def _options(prices: Sequence[tuple[Sequence[wire.Price], int]]) -> tuple[DeliveryOption, ...]:
    """What all parcels together cost by each mail class that takes all of them."""
    cents: Counter[str] = Counter()
    takers: Counter[str] = Counter()
    for of_parcel, count in prices:
        for price in of_parcel:
            cents[price.mail_class] += price.cents * count
            takers[price.mail_class] += 1
    return by_price(
        _option(mail_class, cents[mail_class])
        for mail_class in takers
        if takers[mail_class] == len(prices) and mail_class in wire.SERVICES
    )


def _option(mail_class: str, cents: int) -> DeliveryOption:
    title, (least, most) = wire.SERVICES[mail_class]
    return DeliveryOption(
        id="usps_" + mail_class.lower().removeprefix("usps_"),
        title=title,
        amount=Money(minor=cents, currency=wire.DOLLARS),
        min_days=least,
        max_days=most,
    )
