"""Settings, read once from the environment.

Every mistake is told at once, with the variable's name and what it takes.
"""

import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from datetime import timedelta
from enum import Enum
from pathlib import Path
from typing import Final, TypeVar
from urllib.parse import urlsplit

from domain.shop import CaptureMethod, ShopRules
from ports.flags import Flag

T = TypeVar("T")


class SettingsRefused(Exception):
    """The environment doesn't make sense; the message lists every problem, a line each."""


class PaymentVendor(Enum):
    """STRIPE is the real thing (or its sandbox); SIMULATED keeps payments in process, for benchmarks and
    trying out.
    """

    STRIPE = "stripe"
    SIMULATED = "simulated"


class EmailVendor(Enum):
    SENDGRID = "sendgrid"
    NONE = "none"


class WorkerMode(Enum):
    """SEPARATE: workers are processes of their own. EMBEDDED: the API process does the worker's job too."""

    SEPARATE = "separate"
    EMBEDDED = "embedded"


@dataclass(frozen=True, slots=True, kw_only=True)
class StripeAccess:
    """`base_url` None is Stripe itself; the sandbox's URL elsewhere.

    `cards_only` False: Stripe's automatic methods.
    """

    secret_key: str = field(repr=False)
    webhook_secret: str = field(repr=False)
    base_url: str | None
    cards_only: bool


@dataclass(frozen=True, slots=True, kw_only=True)
class SendGridAccess:
    api_key: str = field(repr=False)
    base_url: str
    sender: str


@dataclass(frozen=True, slots=True, kw_only=True)
class FlagSettings:
    """Where flags are turned.

    What they say is not judged here: a flag that can't be read means its default.
    """

    file: Path | None
    values: Mapping[Flag, str]


@dataclass(frozen=True, slots=True, kw_only=True)
class Settings:
    """Everything that differs from one installation to the next.

    `public_url` is where shoppers' browsers reach the API: banks send them back there.
    """

    database_url: str = field(repr=False)
    redis_url: str | None = field(repr=False)
    database_connections: int
    payments: PaymentVendor
    stripe: StripeAccess | None
    email: EmailVendor
    sendgrid: SendGridAccess | None
    shop: ShopRules
    flags: FlagSettings
    worker: WorkerMode
    sweep_interval_seconds: float
    allowed_origins: tuple[str, ...]
    storefront_url: str | None
    public_url: str | None


def settings_from(environment: Mapping[str, str]) -> Settings:
    """Raises SettingsRefused, naming every variable that is missing or wrong."""
    reader = _Reader(environment)
    payments = reader.choice("FASTCART_PAYMENTS", PaymentVendor, PaymentVendor.STRIPE)
    email = reader.choice("FASTCART_EMAIL", EmailVendor, EmailVendor.NONE)
    settings = Settings(
        database_url=_database_url(reader),
        redis_url=reader.server("REDIS_URL", _REDIS, "redis://host:6379/0"),
        database_connections=reader.number("FASTCART_DATABASE_CONNECTIONS", 10, at_least=1, at_most=1_000),
        payments=payments,
        stripe=_stripe(reader) if payments is PaymentVendor.STRIPE else None,
        email=email,
        sendgrid=_sendgrid(reader) if email is EmailVendor.SENDGRID else None,
        shop=_shop(reader),
        flags=_flags(reader),
        worker=reader.choice("FASTCART_WORKER", WorkerMode, WorkerMode.SEPARATE),
        sweep_interval_seconds=reader.number(
            "FASTCART_SWEEP_INTERVAL_MS", 1_000, at_least=10, at_most=3_600_000
        )
        / 1_000,
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
    return _flags(_Reader(environment))


def _flags(reader: "_Reader") -> FlagSettings:
    said = {flag: reader.optional(f"FASTCART_FLAG_{flag.name}") for flag in Flag}
    file = reader.optional("FASTCART_FLAGS_FILE")
    return FlagSettings(
        file=Path(file) if file else None,
        values={flag: value for flag, value in said.items() if value is not None},
    )


def _database_url(reader: "_Reader") -> str:
    if reader.optional("DATABASE_URL") is None:
        reader.problems.append(f"DATABASE_URL is not set; it looks like {_DATABASE_EXAMPLE}")
    return reader.server("DATABASE_URL", _DATABASE, _DATABASE_EXAMPLE) or ""


def _stripe(reader: "_Reader") -> StripeAccess:
    return StripeAccess(
        secret_key=reader.required("STRIPE_SECRET_KEY"),
        webhook_secret=reader.required("STRIPE_WEBHOOK_SECRET"),
        base_url=reader.url("STRIPE_BASE_URL"),
        cards_only=reader.flag("STRIPE_CARDS_ONLY", default=True),
    )


def _sendgrid(reader: "_Reader") -> SendGridAccess:
    return SendGridAccess(
        api_key=reader.required("SENDGRID_API_KEY"),
        base_url=reader.url("SENDGRID_BASE_URL") or "https://api.sendgrid.com",
        sender=reader.address("FASTCART_MAIL_FROM"),
    )


def _shop(reader: "_Reader") -> ShopRules:
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
    )


_YEAR_SECONDS: Final = 366 * 24 * 3600
_DATABASE: Final = re.compile(r"postgres(?:ql)?://[^\s]+")
_DATABASE_EXAMPLE: Final = "postgresql://user:password@host:5432/fastcart"
_REDIS: Final = re.compile(r"(?:rediss?|unix)://[^\s]+")
_URL: Final = re.compile(r"https?://[^\s/?#@]+(?:/[^\s?#@]*)?")
_ORIGIN: Final = re.compile(r"https?://[^\s/?#@*]+")
_COUNTRY: Final = re.compile(r"[A-Z]{2}")
_ADDRESS: Final = re.compile(r"[^\s@<>]+@[^\s@<>]+")
_YES: Final = frozenset({"1", "true", "yes", "on"})
_NO: Final = frozenset({"0", "false", "no", "off"})
Choice = TypeVar("Choice", bound=Enum)


class _Reader:
    """Reads variables and collects what is wrong with them, so that one start tells everything."""

    def __init__(self, environment: Mapping[str, str]) -> None:
        self._environment = environment
        self.problems: list[str] = []

    def optional(self, name: str) -> str | None:
        return self._environment.get(name, "").strip() or None

    def url(self, name: str) -> str | None:
        """Without a slash at its end."""

        def parse(text: str) -> str | None:
            if not _URL.fullmatch(text):
                raise ValueError
            return text.rstrip("/")

        return self._parsed(name, None, parse, "a URL such as https://pay.shop.example")

    def required(self, name: str) -> str:
        value = self.optional(name)
        if value is None:
            self.problems.append(f"{name} is not set")
        return value or ""

    def server(self, name: str, shape: re.Pattern[str], example: str) -> str | None:
        def parse(text: str) -> str:
            # A port that is no number is found here, not when somebody connects.
            if not shape.fullmatch(text) or urlsplit(text).port == 0:
                raise ValueError
            return text

        return self._parsed(name, None, parse, f"a URL such as {example}")

    def address(self, name: str) -> str:
        def parse(text: str) -> str:
            if not _ADDRESS.fullmatch(text):
                raise ValueError
            return text

        return self._parsed(name, self.required(name), parse, "an e-mail address such as orders@shop.example")

    def words(self, name: str, shape: re.Pattern[str], takes: str) -> tuple[str, ...]:
        def parse(text: str) -> tuple[str, ...]:
            words = tuple(word.strip() for word in text.split(",") if word.strip())
            if not all(shape.fullmatch(word) for word in words):
                raise ValueError
            return words

        return self._parsed(name, (), parse, takes)

    def number(self, name: str, default: int, *, at_least: int, at_most: int) -> int:
        def parse(text: str) -> int:
            # Without the length, a number of thousands of digits would be a question of patience.
            if not (text.isascii() and text.isdigit() and len(text) <= 12):
                raise ValueError
            if not at_least <= int(text) <= at_most:
                raise ValueError
            return int(text)

        return self._parsed(name, default, parse, f"a whole number from {at_least} to {at_most}")

    def flag(self, name: str, *, default: bool) -> bool:
        def parse(text: str) -> bool:
            if text.lower() not in _YES | _NO:
                raise ValueError
            return text.lower() in _YES

        return self._parsed(name, default, parse, "yes or no")

    def choice(self, name: str, choices: type[Choice], default: Choice) -> Choice:
        allowed = ", ".join(str(choice.value) for choice in choices)
        return self._parsed(name, default, choices, f"one of {allowed}")

    def _parsed(self, name: str, default: T, parse: Callable[[str], T], takes: str) -> T:
        text = self.optional(name)
        if text is None:
            return default
        try:
            return parse(text)
        except ValueError:
            # The value itself is not repeated: it may be a secret that got into the wrong variable.
            self.problems.append(f"{name} must be {takes}")
            return default
