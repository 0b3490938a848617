"""Stock at the inventory service, by its API v2 (see `wire`)."""

import asyncio
from collections.abc import Mapping, Sequence
from typing import Final, TypeVar
from urllib.parse import quote

import httpx
import msgspec

from adapters.inventory_service import wire
from adapters.inventory_service.errors import ENDED, NOT_TO_BE_HAD, fault_in, refusal
from adapters.inventory_service.settings import InventorySettings
from domain.identifiers import AttemptId, OrderId, Sku
from domain.reservation import HoldSnapshot, ReservationState
from domain.stock_comparison import KnownHold
from ports.cache import Cache
from ports.clock import Clock
from ports.errors import OutcomeUnknown, PortError, Rejected
from ports.inventory import HoldRequest

# Browsers look at their carts far more often than pieces move; placing asks for the pieces themselves.
_SHOWN_SECONDS: Final = 5
_LONGEST_ASKING_SECONDS: Final = 3
_ASKED_AT_ONCE: Final = 8
_NOT_FOUND: Final = 404

T = TypeVar("T")


class HttpInventoryService:
    """Implements `ports.inventory.InventoryService`."""

    def __init__(
        self, http: httpx.AsyncClient, settings: InventorySettings, cache: Cache, clock: Clock
    ) -> None:
        """`http` applies the policy; what doesn't get an answer is told by it."""
        self._http = http
        self._settings = settings
        self._cache = cache
        self._clock = clock
        self._asking = asyncio.Semaphore(_ASKED_AT_ONCE)

    async def available(self, skus: Sequence[Sku]) -> Mapping[Sku, int]:
        found: dict[Sku, int] = {}

        async def ask(sku: Sku) -> None:
            try:
                found[sku] = await self._available(sku)
            except PortError:
                return

        try:
            async with asyncio.timeout(_LONGEST_ASKING_SECONDS):
                await asyncio.gather(*(ask(sku) for sku in skus))
        except TimeoutError:
            pass
        return found

    async def reserve(self, request: HoldRequest, key: AttemptId) -> HoldSnapshot:
        response = await self._write(
            "POST", "/reservations", "reservations.create", key, wire.reservation_asked(request)
        )
        if response.is_success:
            made = _decoded(response, wire.ReservationMade)
            now = self._clock.now()
            return wire.hold_made(made, request, wire.told_at(response.headers.get("date"), now), now)
        fault = fault_in(response)
        if fault is not None and fault.code in NOT_TO_BE_HAD:
            short = wire.short_of(fault.items, request) if fault.items else ()
            return HoldSnapshot(state=ReservationState.REFUSED, short_of=short)
        raise refusal(response, fault)

    async def confirm(self, reference: str, order_id: OrderId, key: AttemptId) -> HoldSnapshot:
        body = wire.confirmation_asked(reference, order_id)
        response = await self._write("POST", "/orders/confirm", "orders.confirm", key, body)
        return _ended(response, reference, ReservationState.CONFIRMED)

    async def release(self, reference: str, key: AttemptId) -> HoldSnapshot:
        path = f"/reservations/{quote(reference, safe='')}"
        response = await self._write("DELETE", path, "reservations.delete", key)
        return _ended(response, reference, ReservationState.RELEASED)

    async def find(self, order_id: OrderId) -> Sequence[KnownHold]:
        response = await self._http.get(
            f"{self._settings.base_url}/reservations",
            params={"order_id": order_id},
            headers=self._headers(),
            extensions={"operation": "reservations.list", "writes": False},
        )
        if response.is_success:
            seen = _decoded(response, wire.ReservationsSeen).reservations
            return [wire.hold_known(reservation) for reservation in seen]
        fault = fault_in(response)
        if fault is None and response.status_code in (_NOT_FOUND, 405):
            raise Rejected("not_asked")
        raise refusal(response, fault)

    async def _available(self, sku: Sku) -> int:
        name = f"inventory_service available {sku}"
        if (known := await self._cache.get(name)) is not None:
            return int(known)
        async with self._asking:
            response = await self._http.get(
                f"{self._settings.base_url}/products/{quote(sku, safe='')}/availability",
                headers=self._headers(),
                extensions={"operation": "products.availability", "writes": False},
            )
        pieces = _pieces(response)
        await self._cache.put(name, str(pieces).encode(), _SHOWN_SECONDS)
        return pieces

    async def _write(
        self, method: str, path: str, operation: str, key: AttemptId, body: bytes | None = None
    ) -> httpx.Response:
        return await self._http.request(
            method,
            f"{self._settings.base_url}{path}",
            content=body,
            headers={**self._headers(), "Idempotency-Key": key, "Content-Type": "application/json"},
            extensions={"operation": operation, "writes": True},
        )

    def _headers(self) -> dict[str, str]:
        return {"X-API-Key": self._settings.api_key}


def _ended(response: httpx.Response, reference: str, state: ReservationState) -> HoldSnapshot:
    if response.is_success:
        return HoldSnapshot(state=state, reference=reference)
    fault = fault_in(response)
    if fault is not None and fault.code in ENDED:
        return HoldSnapshot(state=ENDED[fault.code], reference=reference)
    raise refusal(response, fault)


def _pieces(response: httpx.Response) -> int:
    """A product that the service doesn't carry can't be had."""
    if response.is_success:
        return max(0, _decoded(response, wire.Availability).quantity_available)
    fault = fault_in(response)
    if fault is not None and fault.code in NOT_TO_BE_HAD:
        return 0
    raise refusal(response, fault)


def _decoded(response: httpx.Response, kind: type[T]) -> T:
    """Raises OutcomeUnknown for an answer that nobody can read: something was done, or will be said again."""
    try:
        decoded: T = msgspec.json.decode(response.content, type=kind)
    except msgspec.MsgspecError as unreadable:
        raise OutcomeUnknown("unreadable_answer") from unreadable
    return decoded
