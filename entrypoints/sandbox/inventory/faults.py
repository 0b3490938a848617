"""The service's refusals, by code and status."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from http import HTTPStatus


@dataclass(eq=False)
class InventoryFault(Exception):
    """`reserved` and `available` say what there was too little of, by SKU."""

    code: str
    status: HTTPStatus
    available: Mapping[str, int] = field(default_factory=dict)


def invalid(code: str = "request_invalid") -> InventoryFault:
    return InventoryFault(code, HTTPStatus.BAD_REQUEST)


def product_unknown(*skus: str) -> InventoryFault:
    return InventoryFault("product_unknown", HTTPStatus.NOT_FOUND, dict.fromkeys(skus, 0))


def insufficient(available: Mapping[str, int]) -> InventoryFault:
    return InventoryFault("insufficient_stock", HTTPStatus.CONFLICT, available)


def key_reused() -> InventoryFault:
    return InventoryFault("idempotency_key_reused", HTTPStatus.UNPROCESSABLE_ENTITY)


def reservation_unknown() -> InventoryFault:
    return InventoryFault("reservation_unknown", HTTPStatus.NOT_FOUND)


def reservation_expired() -> InventoryFault:
    return InventoryFault("reservation_expired", HTTPStatus.GONE)


def reservation_released() -> InventoryFault:
    return InventoryFault("reservation_released", HTTPStatus.CONFLICT)


def reservation_confirmed() -> InventoryFault:
    return InventoryFault("reservation_confirmed", HTTPStatus.CONFLICT)


def order_mismatch() -> InventoryFault:
    return InventoryFault("order_mismatch", HTTPStatus.UNPROCESSABLE_ENTITY)
