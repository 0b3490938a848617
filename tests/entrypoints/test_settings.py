"""Settings: every variable is documented, a wrong one is refused by its name without telling its value, and
what nobody set is closed.
"""

import re
from collections.abc import Iterator, Mapping
from datetime import time, timedelta
from pathlib import Path

import pytest

from domain.address import Address
from domain.shop import CaptureMethod, ShopRules, StockKeeper
from entrypoints.carrier_settings import CarrierAccess, DeliverySettings, DeliverySource, UspsPrices
from entrypoints.payment_settings import PaymentVendor
from entrypoints.settings import (
    EmailVendor,
    FlagSettings,
    InventoryAccess,
    Settings,
    SettingsRefused,
    TaxJarAccess,
    TaxSource,
    WorkerMode,
    settings_from,
)
from ports.flags import Flag
from tests.architecture.sources import ROOT

DOCUMENT = ROOT / "docs" / "operations" / "settings.md"

DATABASE = {"DATABASE_URL": "postgresql://fastcart:s3cret-db@db.internal:5432/fastcart"}
STRIPE = {"STRIPE_SECRET_KEY": "sk_live_s3cret", "STRIPE_WEBHOOK_SECRET": "whsec_s3cret"}
ADYEN = {
    "ADYEN_API_KEY": "AQE-s3cret",
    "ADYEN_MERCHANT_ACCOUNT": "Shop",
    "ADYEN_CLIENT_KEY": "test_client",
    "ADYEN_HMAC_KEYS": "00ff, 11EE",
    "ADYEN_BASE_URL": "https://checkout-test.adyen.com/v71/",
}
SENDGRID = {
    "FASTCART_EMAIL": "sendgrid",
    "SENDGRID_API_KEY": "SG.s3cret",
    "FASTCART_MAIL_FROM": "orders@shop.example",
}
GOOGLE = {"FASTCART_PLACES": "google", "GOOGLE_MAPS_API_KEY": "AIza-s3cret"}
TAXJAR = {"FASTCART_TAXES": "taxjar", "TAXJAR_API_KEY": "taxjar_s3cret"}
INVENTORY = {
    "FASTCART_STOCK": "service",
    "INVENTORY_URL": "https://inventory.internal/api/v2/",
    "INVENTORY_API_KEY": "inv_s3cret",
    "INVENTORY_CLIENT_CERTIFICATE": "/etc/fastcart/client.pem",
    "INVENTORY_CLIENT_KEY": "/etc/fastcart/s3cret.key",
    "INVENTORY_CA": "/etc/fastcart/ca.pem",
}
INVENTORY_ACCESS = InventoryAccess(
    base_url="https://inventory.internal/api/v2",
    api_key="inv_s3cret",
    certificate=Path("/etc/fastcart/client.pem"),
    key=Path("/etc/fastcart/s3cret.key"),
    ca=Path("/etc/fastcart/ca.pem"),
)
FEDEX = {
    "FEDEX_CLIENT_ID": "fedex",
    "FEDEX_CLIENT_SECRET": "s3cret",
    "FEDEX_ACCOUNT_NUMBER": "740561073",
}
VENDORS = "http://127.0.0.1:8001"
LEAST = {**DATABASE, **STRIPE}
SIMULATED = {**DATABASE, "FASTCART_PAYMENTS": "simulated"}

ASKED_CARRIERS = DeliverySettings(
    source=DeliverySource.CARRIERS,
    fedex=CarrierAccess(
        client_id="fedex",
        client_secret="s3cret",
        base_url=f"{VENDORS}/fedex",
        account_number="740561073",
    ),
    ups=None,
    usps=CarrierAccess(
        client_id="usps",
        client_secret="s3cret",
        base_url="https://apis.usps.com",
        account_number=None,
    ),
    usps_prices=UspsPrices.COMMERCIAL,
)


def refusal_of(environment: Mapping[str, str]) -> list[str]:
    """The problems, a line each."""
    with pytest.raises(SettingsRefused) as refused:
        settings_from(environment)
    return str(refused.value).splitlines()


class Watched(Mapping[str, str]):
    """An environment that knows which of its variables were asked for."""

    def __init__(self, variables: Mapping[str, str]) -> None:
        self._variables = variables
        self.asked: set[str] = set()

    def __getitem__(self, name: str) -> str:
        self.asked.add(name)
        return self._variables[name]

    def __iter__(self) -> Iterator[str]:
        raise AssertionError("settings ask for variables by name")

    def __len__(self) -> int:
        raise AssertionError("settings ask for variables by name")


def test_every_variable_that_is_read_is_documented_and_no_other() -> None:
    environment = Watched({**LEAST, **ADYEN, **SENDGRID, **GOOGLE, **TAXJAR, **INVENTORY})
    settings_from(environment)
    rows = re.findall(r"^\| `([A-Z_]+)` \| .+ \| .+ \|$", DOCUMENT.read_text(encoding="utf-8"), re.MULTILINE)
    assert sorted(rows) == sorted(environment.asked)


def test_the_documented_countries_are_the_ones_that_are_delivered_to() -> None:
    (row,) = re.findall(r"`FASTCART_DELIVERS_TO`.*\| ([A-Z ]+) \|", DOCUMENT.read_text(encoding="utf-8"))
    assert set(row.split()) == ShopRules().delivers_to


@pytest.mark.parametrize(
    ("variable", "seconds"),
    [
        ("FASTCART_PAYMENT_WINDOW_SECONDS", ShopRules().payment_window),
        ("FASTCART_PAYMENT_TRY_SECONDS", ShopRules().payment_try_time),
        ("FASTCART_HOLD_MARGIN_SECONDS", ShopRules().hold_margin),
        ("FASTCART_CHECKOUT_LIFETIME_SECONDS", ShopRules().checkout_lifetime),
        ("FASTCART_DUNNING_GRACE_SECONDS", ShopRules().dunning_grace),
    ],
)
def test_a_documented_time_is_the_one_that_holds(variable: str, seconds: timedelta) -> None:
    (documented,) = re.findall(rf"`{variable}`.*\| (\d+) \|", DOCUMENT.read_text(encoding="utf-8"))
    assert timedelta(seconds=int(documented)) == seconds


def test_what_is_not_set_is_closed() -> None:
    settings = settings_from(LEAST)
    assert settings.payments is PaymentVendor.STRIPE
    assert settings.allowed_origins == ()
    assert settings.email is EmailVendor.NONE
    assert settings.worker is WorkerMode.SEPARATE
    assert (settings.stock, settings.inventory) == (StockKeeper.BUILT_IN, None)
    assert (settings.redis_url, settings.storefront_url, settings.public_url) == (None, None, None)
    assert settings.shop == ShopRules()
    assert settings.shop.requires_email
    assert settings.shop.requires_name
    assert settings.shop.capture_method is CaptureMethod.MANUAL
    assert settings.stripe is not None
    assert settings.stripe.cards_only


def test_simulated_payments_are_never_fallen_back_to() -> None:
    problems = refusal_of(DATABASE)
    assert problems == ["STRIPE_SECRET_KEY is not set", "STRIPE_WEBHOOK_SECRET is not set"]


def test_every_problem_is_told_at_once() -> None:
    problems = refusal_of({"FASTCART_EMAIL": "sendgrid", "FASTCART_WORKER": "no", "REDIS_URL": "valkey"})
    told = [problem.split()[0] for problem in problems]
    assert sorted(told) == sorted(
        [
            "DATABASE_URL",
            "REDIS_URL",
            "STRIPE_SECRET_KEY",
            "STRIPE_WEBHOOK_SECRET",
            "SENDGRID_API_KEY",
            "FASTCART_MAIL_FROM",
            "FASTCART_WORKER",
        ]
    )


NOT_NUMBERS = ["0", "-1", "1.5", "1e3", "1_000", "ten", "٣", "9" * 30]
NO_URLS = ["shop.example", "ftp://shop.example", "https://", "https://me@shop.example", "https://a b"]
WRONG: dict[str, list[str]] = {
    "DATABASE_URL": [
        "fastcart",
        "mysql://host/db",
        "postgresql://",
        "postgresql://host:port/db",
        "sqlite:///x",
    ],
    "REDIS_URL": ["valkey", "http://host:6379", "redis://host:port/0"],
    "FASTCART_PAYMENTS": ["none", "Stripe", "stripe,simulated"],
    "FASTCART_EMAIL": ["smtp", "yes"],
    "FASTCART_PLACES": ["yes", "Google"],
    "GOOGLE_MAPS_BASE_URL": NO_URLS,
    "FASTCART_TAXES": ["TaxJar", "none"],
    "FASTCART_STOCK": ["built-in", "Service"],
    "FASTCART_WORKER": ["both", "true"],
    "FASTCART_CAPTURE": ["later"],
    "FASTCART_DATABASE_CONNECTIONS": [*NOT_NUMBERS, "1001"],
    "FASTCART_SWEEP_INTERVAL_MS": [*NOT_NUMBERS, "9", "3600001"],
    "FASTCART_RECONCILE_AT": ["3:30", "24:00", "03:60", "03:30:00", "never", "03.30"],
    "FASTCART_PAYMENT_WINDOW_SECONDS": NOT_NUMBERS,
    "FASTCART_PAYMENT_TRY_SECONDS": NOT_NUMBERS,
    "FASTCART_HOLD_MARGIN_SECONDS": NOT_NUMBERS,
    "FASTCART_CHECKOUT_LIFETIME_SECONDS": NOT_NUMBERS,
    "FASTCART_DUNNING_GRACE_SECONDS": NOT_NUMBERS,
    "FASTCART_REQUIRES_EMAIL": ["maybe", "2", "y"],
    "FASTCART_REQUIRES_NAME": ["maybe"],
    "STRIPE_CARDS_ONLY": ["cards"],
    "STRIPE_BASE_URL": NO_URLS,
    "SENDGRID_BASE_URL": NO_URLS,
    "TAXJAR_BASE_URL": NO_URLS,
    "FASTCART_STOREFRONT_URL": NO_URLS,
    "FASTCART_PUBLIC_URL": NO_URLS,
    "FASTCART_ALLOWED_ORIGINS": ["*", "shop.example", "https://shop.example/", "https://a.example, *"],
    "FASTCART_SHIPS_FROM_COUNTRY": ["Germany", "de", "D"],
    "FASTCART_DELIVERS_TO": ["Germany", "de", "DE;AT", "D"],
    "FASTCART_MAIL_FROM": ["orders", "Shop <orders@shop.example>", "a@b@c"],
}


@pytest.mark.parametrize(
    ("variable", "value"), [(variable, value) for variable, values in WRONG.items() for value in values]
)
def test_a_value_that_makes_no_sense_is_refused_by_name_and_not_repeated(variable: str, value: str) -> None:
    problems = refusal_of({**LEAST, **SENDGRID, **GOOGLE, variable: value})
    assert [problem.split()[0] for problem in problems] == [variable]
    assert " must be " in problems[0]
    # The same words whatever the value was: none of it can be in them.
    assert problems == refusal_of({**LEAST, **SENDGRID, **GOOGLE, variable: "~ ~"})


@pytest.mark.parametrize(
    "variable", [*DATABASE, *STRIPE, "SENDGRID_API_KEY", "FASTCART_MAIL_FROM", "GOOGLE_MAPS_API_KEY"]
)
@pytest.mark.parametrize("value", [None, "", "   "])
def test_what_is_needed_is_asked_for_by_name(variable: str, value: str | None) -> None:
    environment = {**LEAST, **SENDGRID, **GOOGLE, variable: value or ""}
    if value is None:
        del environment[variable]
    (problem,) = refusal_of(environment)
    assert problem.startswith(f"{variable} is not set")


@pytest.mark.parametrize("variable", sorted(WRONG))
def test_a_secret_in_the_wrong_variable_is_not_told(variable: str) -> None:
    told = "\n".join(refusal_of({**LEAST, **SENDGRID, **GOOGLE, variable: "sk_live_51H8s3cret!"}))
    assert "51H8" not in told
    assert "s3cret" not in told


@pytest.mark.parametrize("part", ["REGION", "POSTCODE", "CITY", "STREET"])
def test_an_origin_without_its_country_is_refused(part: str) -> None:
    (problem,) = refusal_of({**LEAST, f"FASTCART_SHIPS_FROM_{part}": "s3cret"})
    assert problem.startswith("FASTCART_SHIPS_FROM_COUNTRY is not set")
    assert "s3cret" not in problem


def test_taxes_by_taxjar_need_its_key_and_the_key_alone_asks_nothing() -> None:
    assert refusal_of({**LEAST, "FASTCART_TAXES": "taxjar"}) == ["TAXJAR_API_KEY is not set"]
    settings = settings_from({**LEAST, "TAXJAR_API_KEY": "taxjar_s3cret"})
    assert settings.taxes is TaxSource.BUILT_IN
    assert settings.taxjar is not None
    assert settings.taxjar.base_url == "https://api.taxjar.com"


@pytest.mark.parametrize("variable", [name for name in INVENTORY if name != "FASTCART_STOCK"])
def test_stock_at_a_service_needs_all_that_opens_it(variable: str) -> None:
    environment = {**LEAST, **INVENTORY}
    del environment[variable]
    assert refusal_of(environment) == [f"{variable} is not set"]


def test_a_service_that_keeps_the_goods_of_earlier_orders_only_is_set_up_all_the_same() -> None:
    settings = settings_from({**LEAST, **INVENTORY, "FASTCART_STOCK": "built_in"})
    assert settings.stock is StockKeeper.BUILT_IN
    assert settings.inventory is not None
    assert settings.inventory.base_url == "https://inventory.internal/api/v2"


def test_settings_can_be_printed_without_telling_a_secret() -> None:
    settings = settings_from(
        {
            **LEAST,
            **SENDGRID,
            **GOOGLE,
            **TAXJAR,
            **INVENTORY,
            "REDIS_URL": "redis://:s3cret-redis@cache:6379/0",
        }
    )
    assert "s3cret" not in repr(settings)
    assert "s3cret" not in str(settings)


def test_every_variable_has_its_effect() -> None:
    settings = settings_from(
        {
            **LEAST,
            **SENDGRID,
            **GOOGLE,
            "GOOGLE_MAPS_BASE_URL": "http://127.0.0.1:8001/google_maps",
            "REDIS_URL": "rediss://cache:6379/1",
            "STRIPE_BASE_URL": "http://127.0.0.1:8001/stripe",
            "STRIPE_CARDS_ONLY": "NO",
            "SENDGRID_BASE_URL": "http://127.0.0.1:8001/sendgrid/",
            "FASTCART_WORKER": "embedded",
            "FASTCART_CAPTURE": "automatic",
            "FASTCART_DATABASE_CONNECTIONS": "25",
            "FASTCART_SWEEP_INTERVAL_MS": "250",
            "FASTCART_RECONCILE_AT": "04:45",
            "FASTCART_PAYMENT_WINDOW_SECONDS": "60",
            "FASTCART_PAYMENT_TRY_SECONDS": "20",
            "FASTCART_HOLD_MARGIN_SECONDS": "10",
            "FASTCART_CHECKOUT_LIFETIME_SECONDS": "3600",
            "FASTCART_REQUIRES_EMAIL": "off",
            "FASTCART_REQUIRES_NAME": "0",
            "FASTCART_DELIVERS_TO": " DE , AT,",
            "FASTCART_ALLOWED_ORIGINS": "https://shop.example, http://localhost:3000",
            **INVENTORY,
            **TAXJAR,
            "TAXJAR_BASE_URL": "http://127.0.0.1:8001/taxjar/",
            "FASTCART_SHIPS_FROM_COUNTRY": "US",
            "FASTCART_SHIPS_FROM_REGION": "NY",
            "FASTCART_SHIPS_FROM_POSTCODE": "11430",
            "FASTCART_SHIPS_FROM_CITY": "Jamaica",
            "FASTCART_SHIPS_FROM_STREET": "1 Main St",
            **FEDEX,
            "FASTCART_DELIVERY": "carriers",
            "FASTCART_DELIVERY_QUOTE_SECONDS": "600",
            "FEDEX_BASE_URL": f"{VENDORS}/fedex/",
            "UPS_BASE_URL": f"{VENDORS}/ups",
            "USPS_CLIENT_ID": "usps",
            "USPS_CLIENT_SECRET": "s3cret",
            "USPS_PRICES": "commercial",
            "FASTCART_STOREFRONT_URL": "https://shop.example/",
            "FASTCART_PUBLIC_URL": "https://pay.shop.example",
            "FASTCART_FLAGS_FILE": "/etc/fastcart/flags.toml",
            "FASTCART_FLAG_USPS": "off",
            "FASTCART_FLAG_UPS": "",
        }
    )
    assert settings == _expected(settings)


def _expected(settings: Settings) -> Settings:
    """What that environment means; vendors' records are compared one by one."""
    assert settings.stripe is not None
    assert settings.sendgrid is not None
    assert settings.google_maps is not None
    assert settings.google_maps.api_key == GOOGLE["GOOGLE_MAPS_API_KEY"]
    assert settings.google_maps.base_url == "http://127.0.0.1:8001/google_maps"
    assert settings.stripe.secret_key == STRIPE["STRIPE_SECRET_KEY"]
    assert settings.stripe.webhook_secret == STRIPE["STRIPE_WEBHOOK_SECRET"]
    assert (settings.stripe.base_url, settings.stripe.cards_only) == ("http://127.0.0.1:8001/stripe", False)
    assert settings.sendgrid.api_key == SENDGRID["SENDGRID_API_KEY"]
    assert settings.sendgrid.base_url == "http://127.0.0.1:8001/sendgrid"
    assert settings.sendgrid.sender == "orders@shop.example"
    return Settings(
        database_url=DATABASE["DATABASE_URL"],
        redis_url="rediss://cache:6379/1",
        database_connections=25,
        payments=PaymentVendor.STRIPE,
        stripe=settings.stripe,
        adyen=None,
        email=EmailVendor.SENDGRID,
        sendgrid=settings.sendgrid,
        google_maps=settings.google_maps,
        stock=StockKeeper.SERVICE,
        inventory=INVENTORY_ACCESS,
        taxes=TaxSource.TAXJAR,
        taxjar=TaxJarAccess(api_key="taxjar_s3cret", base_url="http://127.0.0.1:8001/taxjar"),
        delivery=ASKED_CARRIERS,
        shop=ShopRules(
            delivers_to=frozenset({"DE", "AT"}),
            ships_from=Address(
                country="US", region="NY", postcode="11430", city="Jamaica", line1="1 Main St"
            ),
            requires_email=False,
            requires_name=False,
            capture_method=CaptureMethod.AUTOMATIC,
            checkout_lifetime=timedelta(hours=1),
            payment_window=timedelta(minutes=1),
            payment_try_time=timedelta(seconds=20),
            hold_margin=timedelta(seconds=10),
            delivery_quotes_hold=timedelta(minutes=10),
        ),
        flags=FlagSettings(file=Path("/etc/fastcart/flags.toml"), values={Flag.USPS: "off"}),
        worker=WorkerMode.EMBEDDED,
        sweep_interval_seconds=0.25,
        reconcile_at=time(4, 45),
        allowed_origins=("https://shop.example", "http://localhost:3000"),
        storefront_url="https://shop.example",
        public_url="https://pay.shop.example",
    )


@pytest.mark.parametrize(
    "url",
    [
        "postgres://localhost/fastcart",
        "postgresql://user:p%40ss@[::1]:5432/fastcart?sslmode=require",
        "postgresql://user@/fastcart?host=/run/postgresql",
    ],
)
def test_a_database_is_found_in_every_usual_way(url: str) -> None:
    assert settings_from({**STRIPE, "DATABASE_URL": url}).database_url == url


def test_simulated_payments_need_no_vendor() -> None:
    settings = settings_from(SIMULATED)
    assert (settings.payments, settings.stripe) == (PaymentVendor.SIMULATED, None)


PARCELS_START = {"FASTCART_SHIPS_FROM_COUNTRY": "US", "FASTCART_SHIPS_FROM_POSTCODE": "38118"}


@pytest.mark.parametrize(
    ("variables", "told"),
    [
        (PARCELS_START, ["FASTCART_DELIVERY=carriers needs FEDEX_, UPS_ or USPS_CLIENT_ID"]),
        (FEDEX, ["FASTCART_DELIVERY=carriers needs FASTCART_SHIPS_FROM_COUNTRY and _POSTCODE"]),
        (
            {**PARCELS_START, "USPS_CLIENT_ID": "usps"},
            ["USPS_CLIENT_SECRET is not set, but other settings of this carrier are"],
        ),
        (
            {**PARCELS_START, **FEDEX, "FEDEX_ACCOUNT_NUMBER": "s3cret"},
            [
                "FEDEX_ACCOUNT_NUMBER must be up to nine digits",
                "FEDEX_ACCOUNT_NUMBER is not set, but other settings of this carrier are",
            ],
        ),
    ],
    ids=["nobody to ask", "no origin", "half a carrier", "a wrong account"],
)
def test_carriers_that_could_not_be_asked_are_refused_at_the_start(
    variables: Mapping[str, str], told: list[str]
) -> None:
    assert refusal_of({**LEAST, "FASTCART_DELIVERY": "carriers", **variables}) == told


def test_delivery_is_by_flat_rates_until_somebody_says_so() -> None:
    settings = settings_from({**LEAST, **PARCELS_START, **FEDEX})
    assert settings.delivery.source is DeliverySource.BUILT_IN
    assert settings.shop.delivery_quotes_hold is None


def test_the_documented_time_that_quotes_hold_is_the_one_that_does() -> None:
    (documented,) = re.findall(r"`FASTCART_DELIVERY_QUOTE_SECONDS`.*\| (\d+) \|", DOCUMENT.read_text())
    settings = settings_from({**LEAST, **PARCELS_START, **FEDEX, "FASTCART_DELIVERY": "carriers"})
    assert settings.shop.delivery_quotes_hold == timedelta(seconds=int(documented))
