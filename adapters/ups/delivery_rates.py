"""Delivery by UPS: https://developer.ups.com/api/reference/rating/api."""

from typing import Final

import httpx

from adapters.resilience.access_tokens import AccessTokens, IssuedToken, issued_token
from adapters.ups import wire
from adapters.ups.errors import refusal_of
from adapters.ups.settings import UpsSettings
from domain.delivery import DeliveryOffers, DeliveryQuestion
from domain.packing import pack
from ports.cache import Cache
from ports.clock import Clock

_ISSUE: Final = {"operation": "oauth.token", "writes": False}
_RATE: Final = {"operation": "rates.list", "writes": False}


class UpsDeliveryRates:
    """Implements `ports.delivery_rates.DeliveryRates`. Goods that UPS doesn't take are offered nothing."""

    def __init__(self, http: httpx.AsyncClient, settings: UpsSettings, cache: Cache, clock: Clock) -> None:
        self._http = http
        self._settings = settings
        self._clock = clock
        self._tokens = AccessTokens(cache, clock, f"ups:{settings.client_id}", self._issue)

    async def offers(self, question: DeliveryQuestion) -> DeliveryOffers:
        parcels = pack(question.goods, wire.LIMITS)
        is_taken = all(parcel.is_within(wire.LIMITS) for parcel in parcels)
        if not is_taken or sum(parcel.count for parcel in parcels) > wire.MOST_PARCELS:
            return DeliveryOffers()
        if not wire.is_askable(question.destination):
            return DeliveryOffers()
        today = self._clock.now().date()
        settings = self._settings
        body = wire.asked(question, parcels, settings.ships_from, settings.account_number, today)
        answer = await self._tokens.send(lambda token: self._quote(body, token))
        if answer.status_code != httpx.codes.OK:
            raise refusal_of(answer)
        return DeliveryOffers(options=wire.offered(answer.content, question.subtotal.currency))

    async def _quote(self, body: bytes, token: str) -> httpx.Response:
        headers = {
            "Authorization": f"Bearer {token}",
            "Content-Type": "application/json",
            "transId": self._clock.new_id("quote"),
            "transactionSrc": "fastcart",
        }
        return await self._http.post(
            "/api/rating/v2409/Shop",
            params={"additionalinfo": "timeintransit"},
            content=body,
            headers=headers,
            extensions=_RATE,
        )

    async def _issue(self) -> IssuedToken:
        answer = await self._http.post(
            "/security/v1/oauth/token",
            data={"grant_type": "client_credentials"},
            auth=httpx.BasicAuth(self._settings.client_id, self._settings.client_secret),
            extensions=_ISSUE,
        )
        return issued_token(answer, "ups")
