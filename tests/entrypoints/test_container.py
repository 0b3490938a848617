"""The container: in every profile each provider can be resolved, and each port is served by the adapter that
was chosen.
"""

from collections.abc import AsyncIterator, Mapping
from dataclasses import replace
from itertools import product
from types import NoneType
from typing import Any

import pytest
from dependency_injector import providers

from adapters.adyen.payment_gateway import AdyenPaymentGateway
from adapters.adyen.webhooks import AdyenPaymentWebhooks
from adapters.built_in.flat_delivery_rates import FlatDeliveryRates
from adapters.built_in.tax_table import TaxTable
from adapters.dramatiq.nudges import DramatiqNudges
from adapters.flagged.places import FlaggedPlaces
from adapters.flagged.taxes import FlaggedTaxes
from adapters.google_maps.places import GooglePlaces
from adapters.google_maps.settings import GoogleMapsSettings
from adapters.in_memory.email import InMemoryEmailSender
from adapters.in_memory.nudges import SilentNudges
from adapters.in_memory.payment_gateway import InMemoryPaymentGateway
from adapters.in_memory.places import KNOWN
from adapters.in_memory.webhooks import NoPaymentWebhooks
from adapters.inventory_service.inventory_service import HttpInventoryService
from adapters.sendgrid.email_sender import SendGridEmailSender
from adapters.stripe.payment_gateway import StripePaymentGateway
from adapters.stripe.webhooks import StripePaymentWebhooks
from application.ask_carriers import AskCarriers
from domain.events import MessageKind
from domain.shop import StockKeeper
from domain.tax import TaxQuestion
from entrypoints.container import Container
from entrypoints.flag_vendors import not_set_up
from entrypoints.http.use_cases import UseCases
from entrypoints.resources import Resources, open_resources
from entrypoints.settings import Settings, SettingsRefused, TaxSource, settings_from
from entrypoints.stack import carriers_at
from ports.errors import Unavailable
from ports.flags import Flag
from tests.builders import an_address, an_order, eur

SIMULATED = {"FASTCART_PAYMENTS": "simulated"}
STRIPE = {"STRIPE_SECRET_KEY": "sk_test_1", "STRIPE_WEBHOOK_SECRET": "whsec_1"}
ADYEN = {
    "FASTCART_PAYMENTS": "adyen",
    "ADYEN_API_KEY": "AQE_1",
    "ADYEN_MERCHANT_ACCOUNT": "FastCart",
    "ADYEN_CLIENT_KEY": "test_1",
    "ADYEN_HMAC_KEYS": "00ff",
    "ADYEN_BASE_URL": "https://checkout-test.adyen.com/v71",
}
NO_MAIL: dict[str, str] = {}
SENDGRID = {
    "FASTCART_EMAIL": "sendgrid",
    "SENDGRID_API_KEY": "SG.1",
    "FASTCART_MAIL_FROM": "orders@shop.example",
}
TAXJAR = {"FASTCART_TAXES": "taxjar", "TAXJAR_API_KEY": "taxjar_1"}
CARRIERS = {
    **carriers_at("http://127.0.0.1:1"),
    "FASTCART_SHIPS_FROM_COUNTRY": "US",
    "FASTCART_SHIPS_FROM_POSTCODE": "38118",
}
# Nothing is connected, and no certificate read, before goods are to be held.
INVENTORY = {
    "FASTCART_STOCK": "service",
    "INVENTORY_URL": "https://127.0.0.1:1/api/v2",
    "INVENTORY_API_KEY": "inv_1",
    "INVENTORY_CLIENT_CERTIFICATE": "client.pem",
    "INVENTORY_CLIENT_KEY": "client.key",
    "INVENTORY_CA": "ca.pem",
}
NO_REDIS: dict[str, str] = {}
# Nobody listens there: wiring asks nobody for anything.
REDIS = {"REDIS_URL": "redis://127.0.0.1:1/0"}
SEPARATE: dict[str, str] = {}
EMBEDDED = {"FASTCART_WORKER": "embedded", "FASTCART_PUBLIC_URL": "https://pay.shop.example"}

PROFILES = [
    {**payments, **email, **redis, **worker}
    for payments, email, redis, worker in product(
        (SIMULATED, STRIPE, ADYEN),
        (NO_MAIL, SENDGRID | TAXJAR | INVENTORY),
        (NO_REDIS, REDIS),
        (SEPARATE, EMBEDDED),
    )
]


def named(profile: Mapping[str, str]) -> str:
    shown = (
        "FASTCART_PAYMENTS",
        "STRIPE_SECRET_KEY",
        "ADYEN_API_KEY",
        "FASTCART_EMAIL",
        "REDIS_URL",
        "FASTCART_WORKER",
    )
    return " ".join(name.lower() for name in shown if name in profile)


@pytest.fixture(params=PROFILES, ids=named)
async def opened(
    request: pytest.FixtureRequest, database_url: str
) -> AsyncIterator[tuple[Settings, Resources]]:
    settings = settings_from({"DATABASE_URL": database_url, **request.param})
    async with open_resources(settings) as resources:
        yield settings, resources


def resolved(container: Container) -> dict[str, Any]:
    """What each provider of the container gives, by its name."""
    return {name: provider() for name, provider in container.providers.items()}


async def test_every_provider_can_be_resolved(opened: tuple[Settings, Resources]) -> None:
    settings, resources = opened
    everything = resolved(Container(settings=settings, resources=resources))
    assert len(everything) > 30
    # A resource that is opened asynchronously would turn whoever needs it into a Future.
    assert not [name for name, thing in everything.items() if hasattr(thing, "__await__")]
    assert not [name for name, thing in everything.items() if isinstance(thing, providers.Provider)]
    use_cases = everything["use_cases"]
    assert isinstance(use_cases, UseCases)
    assert use_cases.place_order is everything["place_order"]


async def test_each_port_is_served_by_the_vendor_that_was_chosen(opened: tuple[Settings, Resources]) -> None:
    settings, resources = opened
    everything = resolved(Container(settings=settings, resources=resources))
    gateways = {
        "simulated": InMemoryPaymentGateway,
        "stripe": StripePaymentGateway,
        "adyen": AdyenPaymentGateway,
    }
    usual = settings.payments.value
    assert isinstance(everything["payments"].of(usual), gateways[usual])
    webhooks = StripePaymentWebhooks if settings.stripe is not None else NoPaymentWebhooks
    assert isinstance(everything["stripe_webhooks"], webhooks)
    webhooks_too = AdyenPaymentWebhooks if settings.adyen is not None else NoPaymentWebhooks
    assert isinstance(everything["adyen_webhooks"], webhooks_too)
    assert everything["payment_choice"](an_order()) == usual
    sends_mail = settings.sendgrid is not None
    assert isinstance(everything["email"], SendGridEmailSender if sends_mail else InMemoryEmailSender)
    asks_taxjar = settings.taxes is TaxSource.TAXJAR
    assert isinstance(everything["taxes"], FlaggedTaxes if asks_taxjar else TaxTable)
    keeps_stock = settings.stock is StockKeeper.SERVICE
    assert isinstance(everything["inventory"], HttpInventoryService if keeps_stock else NoneType)
    assert everything["keeper"]() is settings.stock
    assert set(everything["tax_services"]) == ({"taxjar"} if asks_taxjar else set())


@pytest.mark.parametrize(
    ("stock", "switch", "keeper"),
    [
        ("service", "on", StockKeeper.SERVICE),
        ("service", "off", StockKeeper.BUILT_IN),
        ("built_in", "on", StockKeeper.BUILT_IN),
    ],
)
async def test_the_flag_says_who_keeps_the_goods_of_new_orders_and_the_service_stays_at_hand(
    database_url: str, stock: str, switch: str, keeper: StockKeeper
) -> None:
    profile = {**SIMULATED, **INVENTORY, "FASTCART_STOCK": stock, "FASTCART_FLAG_INVENTORY_SERVICE": switch}
    settings = settings_from({"DATABASE_URL": database_url, **profile})
    async with open_resources(settings) as resources:
        container = Container(settings=settings, resources=resources)
        assert container.keeper()() is keeper
        assert isinstance(container.inventory(), HttpInventoryService)


async def test_a_shop_that_left_taxjar_still_reports_to_it(database_url: str) -> None:
    profile = {"DATABASE_URL": database_url, **SIMULATED, "TAXJAR_API_KEY": "taxjar_1"}
    settings = settings_from(profile)
    async with open_resources(settings) as resources:
        container = Container(settings=settings, resources=resources)
        assert isinstance(container.taxes(), TaxTable)
        assert set(container.tax_services()) == {"taxjar"}


async def test_every_message_has_somebody_who_tells_it(opened: tuple[Settings, Resources]) -> None:
    settings, resources = opened
    container = Container(settings=settings, resources=resources)
    assert set(container.message_tellers()) == set(MessageKind)


@pytest.mark.parametrize(("switch", "asked"), [("on", 1), ("off", 0)])
async def test_the_flag_switches_taxjar_off_and_the_table_takes_over(
    database_url: str, switch: str, asked: int
) -> None:
    profile = {**SIMULATED, **TAXJAR, "TAXJAR_BASE_URL": "http://127.0.0.1:1"}
    settings = settings_from({"DATABASE_URL": database_url, **profile, "FASTCART_FLAG_TAX_SERVICE": switch})
    async with open_resources(settings) as resources:
        taxes = Container(settings=settings, resources=resources).taxes()
        question = TaxQuestion(destination=an_address(), lines=(), delivery=eur(500))
        if asked:
            with pytest.raises(Unavailable):
                await taxes.calculate(question)
        else:
            assert (await taxes.calculate(question)).total() == eur(95)


async def test_the_same_payment_gateways_serve_every_story(opened: tuple[Settings, Resources]) -> None:
    """Two simulated ones would each know half of the payments."""
    settings, resources = opened
    container = Container(settings=settings, resources=resources)
    assert container.vendor_calls()._payments is container.payments()
    assert container.handle_webhook()._payments is container.payments()
    assert container.return_from_bank()._payments is container.payments()


@pytest.mark.parametrize(("redis", "kind"), [(NO_REDIS, SilentNudges), (REDIS, DramatiqNudges)])
async def test_redis_only_brings_nudges(database_url: str, redis: Mapping[str, str], kind: type) -> None:
    settings = settings_from({"DATABASE_URL": database_url, **SIMULATED, **redis})
    async with open_resources(settings) as resources:
        assert isinstance(Container(settings=settings, resources=resources).nudges(), kind)


async def test_real_payments_without_their_key_are_refused_not_simulated(database_url: str) -> None:
    settings = settings_from({"DATABASE_URL": database_url, **STRIPE})
    async with open_resources(settings) as resources:
        container = Container(settings=settings, resources=replace(resources, stripe=None))
        with pytest.raises(SettingsRefused, match="stripe need its keys"):
            container.payment_choice()


async def test_the_flag_says_where_payments_begin_and_both_providers_stay_at_hand(database_url: str) -> None:
    profile = {**STRIPE, **ADYEN, "FASTCART_PAYMENTS": "stripe", "FASTCART_FLAG_PAYMENT_PROVIDER": "adyen"}
    settings = settings_from({"DATABASE_URL": database_url, **profile})
    async with open_resources(settings) as resources:
        container = Container(settings=settings, resources=resources)
        assert container.payment_choice()(an_order()) == "adyen"
        assert [each.provider for each in container.payments().all()] == ["stripe", "adyen"]


async def test_a_flag_chooses_no_provider_that_is_not_set_up(database_url: str) -> None:
    settings = settings_from(
        {"DATABASE_URL": database_url, **STRIPE, "FASTCART_FLAG_PAYMENT_PROVIDER": "adyen"}
    )
    async with open_resources(settings) as resources:
        container = Container(settings=settings, resources=resources)
        assert container.payment_choice()(an_order()) == "stripe"
        with pytest.raises(Unavailable):
            container.payments().of("adyen")


GOOGLE = {"FASTCART_PLACES": "google", "GOOGLE_MAPS_API_KEY": "AIza-1"}


@pytest.mark.parametrize(
    ("base_url", "validation_url", "geocoding_url"),
    [
        ({}, "https://addressvalidation.googleapis.com", "https://maps.googleapis.com"),
        ({"GOOGLE_MAPS_BASE_URL": "http://127.0.0.1:1/g"}, "http://127.0.0.1:1/g", "http://127.0.0.1:1/g"),
    ],
    ids=["google itself", "the sandbox"],
)
async def test_google_is_asked_where_it_is_set_up(
    database_url: str, base_url: Mapping[str, str], validation_url: str, geocoding_url: str
) -> None:
    settings = settings_from({"DATABASE_URL": database_url, **SIMULATED, **GOOGLE, **base_url})
    async with open_resources(settings) as resources:
        places = Container(settings=settings, resources=resources).places()
        assert isinstance(places, FlaggedPlaces)
        assert isinstance(places._vendor, GooglePlaces)
        assert places._vendor._settings == GoogleMapsSettings(
            api_key="AIza-1", validation_url=validation_url, geocoding_url=geocoding_url
        )


async def test_a_flag_turns_places_off_in_a_wired_shop(database_url: str) -> None:
    environment = {"DATABASE_URL": database_url, **SIMULATED, **GOOGLE, "FASTCART_FLAG_PLACES": "off"}
    settings = settings_from(environment)
    async with open_resources(settings) as resources:
        places = Container(settings=settings, resources=resources).places()
        assert await places.check(KNOWN[0]) is None


async def test_without_google_addresses_are_taken_as_typed(database_url: str) -> None:
    settings = settings_from({"DATABASE_URL": database_url, **SIMULATED})
    async with open_resources(settings) as resources:
        places = Container(settings=settings, resources=resources).places()
        assert await places.check(KNOWN[0]) is None


SHIPS: Mapping[str, str] = {
    "FASTCART_DELIVERY": "carriers",
    "FASTCART_SHIPS_FROM_COUNTRY": "US",
    "FASTCART_SHIPS_FROM_POSTCODE": "11430",
    "USPS_CLIENT_ID": "x",
    "USPS_CLIENT_SECRET": "x",
}


@pytest.mark.parametrize(
    ("environment", "set_up"),
    [
        (SIMULATED, set()),
        (STRIPE, {Flag.PAYMENT_PROVIDER}),
        ({**SIMULATED, **SENDGRID}, {Flag.MAIL_PROVIDER}),
        ({**SIMULATED, **GOOGLE}, {Flag.PLACES}),
        ({**SIMULATED, "FASTCART_TAXES": "taxjar", "TAXJAR_API_KEY": "x"}, {Flag.TAX_SERVICE}),
        ({**SIMULATED, **SHIPS}, {Flag.USPS}),
        ({**SIMULATED, **SHIPS, "FASTCART_DELIVERY": "built_in"}, set()),
        ({**SIMULATED, **INVENTORY, "FASTCART_STOCK": "service"}, {Flag.INVENTORY_SERVICE}),
    ],
    ids=[
        "nothing",
        "stripe",
        "sendgrid",
        "google",
        "taxjar",
        "usps",
        "carriers that aren't asked",
        "inventory",
    ],
)
def test_a_flag_chooses_among_what_is_set_up(environment: Mapping[str, str], set_up: set[Flag]) -> None:
    missing = not_set_up(settings_from({"DATABASE_URL": "postgresql://db/shop", **environment}))
    assert {flag for flag in Flag if flag.default not in missing[flag]} == set_up
    assert not [flag for flag in Flag if "off" in missing[flag]], "turning off needs nobody"


@pytest.mark.parametrize(
    ("delivery", "names"),
    [
        ({}, None),
        ({"FASTCART_DELIVERY": "carriers"}, ["FedEx", "UPS", "USPS"]),
        ({"FASTCART_DELIVERY": "carriers", "UPS_CLIENT_ID": "", "UPS_CLIENT_SECRET": ""}, ["FedEx", "USPS"]),
    ],
    ids=["flat rates", "three carriers", "two carriers"],
)
async def test_delivery_is_by_the_carriers_that_are_set_up(
    database_url: str, delivery: Mapping[str, str], names: list[str] | None
) -> None:
    environment = {"DATABASE_URL": database_url, **SIMULATED, **CARRIERS, **delivery}
    if not environment["UPS_CLIENT_ID"]:
        del environment["UPS_ACCOUNT_NUMBER"]
    settings = settings_from(environment)
    async with open_resources(settings) as resources:
        container = Container(settings=settings, resources=resources)
        rates = container.delivery_rates()
        if names is None:
            assert isinstance(rates, FlatDeliveryRates)
        else:
            assert isinstance(rates, AskCarriers)
            assert [carrier.name for carrier in rates._carriers] == names
        assert container.quote_cart()._rates is rates
