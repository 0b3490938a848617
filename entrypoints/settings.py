"""Settings, read once from the environment.

Every mistake is told at once, with the variable's name and what it takes.
"""

import re
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import time, timedelta
from enum import Enum
from pathlib import Path
from typing import Final

from domain.address import Address
from domain.shop import CaptureMethod, ShopRules, StockKeeper
from domain.values import replace
from entrypoints.carrier_settings import DeliverySettings, DeliverySource, delivery_from
from entrypoints.environment import Reader
from entrypoints.payment_settings import (
    AdyenAccess,
    PaymentVendor,
    StripeAccess,
    adyen_from,
    stripe_from,
)
from ports.flags import Flag


class SettingsRefused(Exception):
    """The environment doesn't make sense; the message lists every problem, a line each."""


class EmailVendor(Enum):
    SENDGRID = "sendgrid"
    NONE = "none"


class PlacesVendor(Enum):
    """NONE: addresses are taken as typed."""

    GOOGLE = "google"
    NONE = "none"


class TaxSource(Enum):
    """BUILT_IN: our own table of rates. TAXJAR where it serves, and the table elsewhere."""

    BUILT_IN = "built_in"
    TAXJAR = "taxjar"


class WorkerMode(Enum):
    """SEPARATE: workers are processes of their own. EMBEDDED: the API process does the worker's job too."""

    SEPARATE = "separate"
    EMBEDDED = "embedded"


@dataclass(frozen=True, slots=True, kw_only=True)
class SendGridAccess:
    api_key: str = field(repr=False)
    base_url: str
    sender: str


@dataclass(frozen=True, slots=True, kw_only=True)
class GoogleMapsAccess:
    """`base_url` None is Google itself; the sandbox's URL elsewhere."""

    api_key: str = field(repr=False)
    base_url: str | None


@dataclass(frozen=True, slots=True, kw_only=True)
class FlagSettings:
    """Where flags are turned.

    What they say is not judged here: a flag that can't be read means its default.
    """

    file: Path | None
    values: Mapping[Flag, str]


@dataclass(frozen=True, slots=True, kw_only=True)
class TaxJarAccess:
    api_key: str = field(repr=False)
    base_url: str


@dataclass(frozen=True, slots=True, kw_only=True)
class InventoryAccess:
    """The certificate, its key and the authorities to trust are files; they may change while we run."""

    base_url: str
    api_key: str = field(repr=False)
    certificate: Path
    key: Path = field(repr=False)
    ca: Path


@dataclass(frozen=True, slots=True, kw_only=True)
class Settings:
    """Everything that differs from one installation to the next.

    `public_url` is where shoppers' browsers reach the API: banks send them back there. With `taxjar` its
    orders are reported, also where the `taxes` are asked for elsewhere by now; with `inventory` the orders
    whose goods it holds are looked after, whoever keeps the `stock` for new ones. `reconcile_at` is a time of
    day in UTC; None where nothing is reconciled by itself.
    """

    database_url: str = field(repr=False)
    redis_url: str | None = field(repr=False)
    database_connections: int
    payments: PaymentVendor
    stripe: StripeAccess | None
    adyen: AdyenAccess | None
    email: EmailVendor
    sendgrid: SendGridAccess | None
    google_maps: GoogleMapsAccess | None
    stock: StockKeeper
    inventory: InventoryAccess | None
    taxes: TaxSource
    taxjar: TaxJarAccess | None
    delivery: DeliverySettings
    shop: ShopRules
    flags: FlagSettings
    worker: WorkerMode
    sweep_interval_seconds: float
    reconcile_at: time | None
    allowed_origins: tuple[str, ...]
    storefront_url: str | None
    public_url: str | None


def settings_from(environment: Mapping[str, str]) -> Settings:
    """Raises SettingsRefused, naming every variable that is missing or wrong."""
    reader = Reader(environment)
    payments = reader.choice("FASTCART_PAYMENTS", PaymentVendor, PaymentVendor.STRIPE)
    email = reader.choice("FASTCART_EMAIL", EmailVendor, EmailVendor.NONE)
    places = reader.choice("FASTCART_PLACES", PlacesVendor, PlacesVendor.NONE)
    stock = reader.choice("FASTCART_STOCK", StockKeeper, StockKeeper.BUILT_IN)
    taxes = reader.choice("FASTCART_TAXES", TaxSource, TaxSource.BUILT_IN)
    shop = _shop(reader)
    delivery = delivery_from(reader, shop.ships_from)
    settings = Settings(
        database_url=_database_url(reader),
        redis_url=reader.server("REDIS_URL", _REDIS, "redis://host:6379/0"),
        database_connections=reader.number("FASTCART_DATABASE_CONNECTIONS", 10, at_least=1, at_most=1_000),
        payments=payments,
        stripe=stripe_from(reader, payments),
        adyen=adyen_from(reader, payments),
        email=email,
        sendgrid=_sendgrid(reader) if email is EmailVendor.SENDGRID else None,
        google_maps=_google_maps(reader) if places is PlacesVendor.GOOGLE else None,
        stock=stock,
        inventory=_inventory(reader, is_needed=stock is StockKeeper.SERVICE),
        taxes=taxes,
        taxjar=_taxjar(reader, is_needed=taxes is TaxSource.TAXJAR),
        delivery=delivery,
        shop=_held(shop, reader, delivery),
        flags=_flags(reader),
        worker=reader.choice("FASTCART_WORKER", WorkerMode, WorkerMode.SEPARATE),
        sweep_interval_seconds=reader.number(
            "FASTCART_SWEEP_INTERVAL_MS", 1_000, at_least=10, at_most=3_600_000
        )
        / 1_000,
        reconcile_at=_reconcile_at(reader) if payments is not PaymentVendor.SIMULATED else None,
        allowed_origins=reader.words(
            "FASTCART_ALLOWED_ORIGINS", _ORIGIN, "origins such as https://shop.example, with commas between"
        ),
        storefront_url=reader.url("FASTCART_STOREFRONT_URL"),
        public_url=reader.url("FASTCART_PUBLIC_URL"),
    )
    if reader.problems:
        raise SettingsRefused("\n".join(reader.problems))
    return settings


def flag_settings_from(environment: Mapping[str, str]) -> FlagSettings:
    """For a command that looks at nothing else."""
    return _flags(Reader(environment))


def _flags(reader: Reader) -> FlagSettings:
    said = {flag: reader.optional(f"FASTCART_FLAG_{flag.name}") for flag in Flag}
    file = reader.optional("FASTCART_FLAGS_FILE")
    return FlagSettings(
        file=Path(file) if file else None,
        values={flag: value for flag, value in said.items() if value is not None},
    )


def _reconcile_at(reader: Reader) -> time | None:
    takes = "a time of day in UTC such as 03:30, or off"
    said = reader.matching("FASTCART_RECONCILE_AT", _TIME_OF_DAY, takes) or "03:30"
    return None if said == "off" else time.fromisoformat(said)


def _database_url(reader: Reader) -> str:
    if reader.optional("DATABASE_URL") is None:
        reader.problems.append(f"DATABASE_URL is not set; it looks like {_DATABASE_EXAMPLE}")
    return reader.server("DATABASE_URL", _DATABASE, _DATABASE_EXAMPLE) or ""


def _sendgrid(reader: Reader) -> SendGridAccess:
    return SendGridAccess(
        api_key=reader.required("SENDGRID_API_KEY"),
        base_url=reader.url("SENDGRID_BASE_URL") or "https://api.sendgrid.com",
        sender=reader.address("FASTCART_MAIL_FROM"),
    )


def _google_maps(reader: Reader) -> GoogleMapsAccess:
    return GoogleMapsAccess(
        api_key=reader.required("GOOGLE_MAPS_API_KEY"), base_url=reader.url("GOOGLE_MAPS_BASE_URL")
    )


def _inventory(reader: Reader, *, is_needed: bool) -> InventoryAccess | None:
    """Also where new orders hold our own stock by now: those of before are looked after until they end."""
    base_url = reader.url("INVENTORY_URL")
    if base_url is None and not is_needed:
        return None
    return InventoryAccess(
        base_url=base_url or reader.required("INVENTORY_URL"),
        api_key=reader.required("INVENTORY_API_KEY"),
        certificate=Path(reader.required("INVENTORY_CLIENT_CERTIFICATE")),
        key=Path(reader.required("INVENTORY_CLIENT_KEY")),
        ca=Path(reader.required("INVENTORY_CA")),
    )


def _taxjar(reader: Reader, *, is_needed: bool) -> TaxJarAccess | None:
    base_url = reader.url("TAXJAR_BASE_URL") or "https://api.taxjar.com"
    api_key = reader.required("TAXJAR_API_KEY") if is_needed else reader.optional("TAXJAR_API_KEY")
    return TaxJarAccess(api_key=api_key, base_url=base_url) if api_key is not None else None


def _shop(reader: Reader) -> ShopRules:
    defaults = ShopRules()

    def seconds(name: str, default: timedelta) -> timedelta:
        fallback = int(default.total_seconds())
        return timedelta(seconds=reader.number(name, fallback, at_least=1, at_most=_YEAR_SECONDS))

    countries = reader.words(
        "FASTCART_DELIVERS_TO", _COUNTRY, "two-letter country codes such as DE, with commas between"
    )
    return ShopRules(
        delivers_to=frozenset(countries) or defaults.delivers_to,
        requires_email=reader.flag("FASTCART_REQUIRES_EMAIL", default=defaults.requires_email),
        requires_name=reader.flag("FASTCART_REQUIRES_NAME", default=defaults.requires_name),
        capture_method=reader.choice("FASTCART_CAPTURE", CaptureMethod, defaults.capture_method),
        checkout_lifetime=seconds("FASTCART_CHECKOUT_LIFETIME_SECONDS", defaults.checkout_lifetime),
        payment_window=seconds("FASTCART_PAYMENT_WINDOW_SECONDS", defaults.payment_window),
        payment_try_time=seconds("FASTCART_PAYMENT_TRY_SECONDS", defaults.payment_try_time),
        hold_margin=seconds("FASTCART_HOLD_MARGIN_SECONDS", defaults.hold_margin),
        ships_from=_ships_from(reader),
        dunning_grace=seconds("FASTCART_DUNNING_GRACE_SECONDS", defaults.dunning_grace),
    )


def _held(shop: ShopRules, reader: Reader, delivery: DeliverySettings) -> ShopRules:
    """Carriers' quotes are held for a while; the shop's own rates need no holding."""
    seconds = reader.number("FASTCART_DELIVERY_QUOTE_SECONDS", 1_800, at_least=1, at_most=_DAY_SECONDS)
    if delivery.source is DeliverySource.BUILT_IN:
        return shop
    return replace(shop, delivery_quotes_hold=timedelta(seconds=seconds))


def _ships_from(reader: Reader) -> Address | None:
    """None where nothing of it is set; a part of an address needs its country."""
    parts = {
        field: reader.optional(f"FASTCART_SHIPS_FROM_{variable}")
        for field, variable in (
            *(("region", "REGION"), ("postcode", "POSTCODE"), ("city", "CITY"), ("line1", "STREET")),
        )
    }
    country = reader.matching("FASTCART_SHIPS_FROM_COUNTRY", _COUNTRY, "a two-letter country code such as DE")
    if country is not None:
        return Address(country=country, **parts)
    if any(parts.values()):
        reader.problems.append("FASTCART_SHIPS_FROM_COUNTRY is not set, but other parts of that address are")
    return None


_DAY_SECONDS: Final = 24 * 3600
_YEAR_SECONDS: Final = 366 * 24 * 3600
_DATABASE: Final = re.compile(r"postgres(?:ql)?://[^\s]+")
_DATABASE_EXAMPLE: Final = "postgresql://user:password@host:5432/fastcart"
_TIME_OF_DAY: Final = re.compile(r"(?:[01][0-9]|2[0-3]):[0-5][0-9]|off")
_REDIS: Final = re.compile(r"(?:rediss?|unix)://[^\s]+")
_ORIGIN: Final = re.compile(r"https?://[^\s/?#@*]+")
_COUNTRY: Final = re.compile(r"[A-Z]{2}")
