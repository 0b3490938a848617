"""Delivery by FedEx: https://developer.fedex.com/api/en-us/catalog/rate/v1/docs.html."""

from typing import Final

import httpx

from adapters.fedex import wire
from adapters.fedex.errors import refusal_of
from adapters.fedex.settings import FedExSettings
from adapters.resilience.access_tokens import AccessTokens, IssuedToken, issued_token
from domain.delivery import DeliveryOffers, DeliveryQuestion
from domain.packing import pack
from ports.cache import Cache
from ports.clock import Clock

_ISSUE: Final = {"operation": "oauth.token", "writes": False}
_RATE: Final = {"operation": "rates.list", "writes": False}


class FedExDeliveryRates:
    """Implements `ports.delivery_rates.DeliveryRates`. Goods that FedEx doesn't take are offered nothing."""

    def __init__(self, http: httpx.AsyncClient, settings: FedExSettings, cache: Cache, clock: Clock) -> None:
        self._http = http
        self._settings = settings
        self._tokens = AccessTokens(cache, clock, f"fedex:{settings.client_id}", self._issue)

    async def offers(self, question: DeliveryQuestion) -> DeliveryOffers:
        parcels = pack(question.goods, wire.LIMITS)
        is_taken = all(parcel.is_within(wire.LIMITS) for parcel in parcels)
        if not is_taken or sum(parcel.count for parcel in parcels) > wire.MOST_PARCELS:
            return DeliveryOffers()
        if not wire.is_askable(question.destination):
            return DeliveryOffers()
        body = wire.asked(question, parcels, self._settings.ships_from, self._settings.account_number)
        answer = await self._tokens.send(lambda token: self._quote(body, token))
        if answer.status_code != httpx.codes.OK:
            raise refusal_of(answer)
        return DeliveryOffers(options=wire.offered(answer.content, question.subtotal.currency))

    async def _quote(self, body: bytes, token: str) -> httpx.Response:
        headers = {
            "Authorization": f"Bearer {token}",
            "Content-Type": "application/json",
            "X-locale": "en_US",
        }
        return await self._http.post("/rate/v1/rates/quotes", content=body, headers=headers, extensions=_RATE)

    async def _issue(self) -> IssuedToken:
        form = {
            "grant_type": "client_credentials",
            "client_id": self._settings.client_id,
            "client_secret": self._settings.client_secret,
        }
        return issued_token(await self._http.post("/oauth/token", data=form, extensions=_ISSUE), "fedex")
