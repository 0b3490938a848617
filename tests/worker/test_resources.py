"""What is opened is closed, whatever happens; and the container can be wired in every profile."""

import asyncio
from collections.abc import Mapping

import asyncpg
import httpx
import pytest
from dependency_injector import providers

from adapters.dramatiq.nudges import DramatiqNudges
from adapters.in_memory.nudges import InProcessNudges, SilentNudges
from adapters.in_memory.payment_gateway import InMemoryPaymentGateway
from adapters.redis.connection import RedisConnection
from adapters.resilience import policies
from adapters.stripe.payment_gateway import StripePaymentGateway
from entrypoints import resources as opened_by
from entrypoints.container import Container
from entrypoints.embedded.server import Server
from entrypoints.resources import open_resources
from entrypoints.settings import SettingsRefused, settings_from
from ports.errors import Unavailable

STRIPE = {"STRIPE_SECRET_KEY": "sk_test_x", "STRIPE_WEBHOOK_SECRET": "whsec_x"}
SIMULATED = {"FASTCART_PAYMENTS": "simulated"}
SENDGRID = {"FASTCART_EMAIL": "sendgrid", "SENDGRID_API_KEY": "x", "FASTCART_MAIL_FROM": "shop@example.com"}
PUBLIC = {"FASTCART_PUBLIC_URL": "https://pay.shop.example/"}
EMBEDDED = {"FASTCART_WORKER": "embedded"}
NOT_IN_EVERY_PROFILE = {"banks_return_to", "inventory", "taxjar_http"}
PROFILES = (SIMULATED, STRIPE, STRIPE | SENDGRID | PUBLIC, STRIPE | EMBEDDED, SIMULATED | EMBEDDED)


@pytest.mark.parametrize("profile", PROFILES)
async def test_every_provider_resolves(profile: Mapping[str, str], database_url: str) -> None:
    settings = settings_from({"DATABASE_URL": database_url, **profile})
    async with open_resources(settings) as resources:
        container = Container(settings=settings, resources=resources)
        for name, provider in container.providers.items():
            if not isinstance(provider, providers.Dependency):
                assert provider() is not None or name in NOT_IN_EVERY_PROFILE
        expected = StripePaymentGateway if settings.stripe else InMemoryPaymentGateway
        assert isinstance(container.payments().of(settings.payments.value), expected)
        for check in resources.health_checks.values():
            await check()


async def test_everything_is_closed_at_the_end(database_url: str, valkey: Server) -> None:
    settings = settings_from({"DATABASE_URL": database_url, "REDIS_URL": valkey.url, **STRIPE})
    async with open_resources(settings) as resources:
        nudges, stripe, broker = resources.nudges, resources.stripe, resources.broker
        assert isinstance(nudges, DramatiqNudges)
        assert stripe is not None
        assert broker is not None
        assert set(resources.health_checks) == {"database", "redis"}
        for check in resources.health_checks.values():
            await check()
        await nudges.order_is_due("ord_1")
        mail = resources.vendors.http(policies.SENDGRID)
        client: httpx.AsyncClient = stripe.api._http._client_async
        # What can't be reached may fail in any way; it only has to have been opened.
        with pytest.raises(httpx.HTTPError):
            await client.get("http://127.0.0.1:1/")
    assert mail.is_closed
    assert client.is_closed
    assert not nudges._thread.is_alive()
    assert nudges.dropped == 0
    with pytest.raises(asyncpg.InterfaceError):
        await resources.pool.take()


async def test_what_fails_to_open_closes_what_was_opened(
    database_url: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    closed: list[RedisConnection] = []

    class Connection(RedisConnection):
        async def close(self) -> None:
            await super().close()
            closed.append(self)

    def fails(*_: object) -> None:
        raise ZeroDivisionError

    monkeypatch.setattr(opened_by, "RedisConnection", Connection)
    monkeypatch.setattr(opened_by, "StripePaymentGateway", fails)
    environment = {"DATABASE_URL": database_url, "REDIS_URL": "redis://127.0.0.1:1/0", **STRIPE}
    with pytest.raises(ZeroDivisionError):
        async with open_resources(settings_from(environment)):
            raise AssertionError("it must not open")
    assert len(closed) == 1


async def test_a_resource_that_nobody_gives_back_delays_the_end_but_does_not_prevent_it(
    database_url: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("adapters.postgres.connections._CLOSE_SECONDS", 0.2)
    async with asyncio.timeout(5):
        async with open_resources(settings_from({"DATABASE_URL": database_url, **SIMULATED})) as resources:
            await resources.pool.take()


async def test_it_opens_without_a_database_and_says_so_whenever_one_is_needed() -> None:
    """A supervisor may restart a process while the database is away: it must be there when that returns."""
    settings = settings_from({"DATABASE_URL": "postgresql://nobody@127.0.0.1:1/nothing", **SIMULATED})
    async with open_resources(settings) as resources:
        with pytest.raises(Unavailable):
            await resources.health_checks["database"]()


@pytest.mark.parametrize(
    ("more", "kind"),
    [
        ({}, SilentNudges),
        ({"REDIS_URL": "redis://127.0.0.1:1/0"}, DramatiqNudges),
        (EMBEDDED, InProcessNudges),
        (EMBEDDED | {"REDIS_URL": "redis://127.0.0.1:1/0"}, InProcessNudges),
    ],
)
async def test_redis_is_needed_by_nobody(database_url: str, more: Mapping[str, str], kind: type) -> None:
    async with open_resources(
        settings_from({"DATABASE_URL": database_url, **SIMULATED, **more})
    ) as resources:
        assert isinstance(resources.nudges, kind)
        assert (resources.broker is not None) == (kind is DramatiqNudges)


@pytest.mark.parametrize("url", ["pay.shop.example", "ftp://x", "https://", "https://a@b/", "https://x/?q=1"])
def test_a_public_url_that_is_none_is_refused_by_name(url: str) -> None:
    with pytest.raises(SettingsRefused) as refused:
        settings_from({"DATABASE_URL": "x", "FASTCART_PUBLIC_URL": url, **SIMULATED})
    assert "FASTCART_PUBLIC_URL" in str(refused.value)
    assert str(refused.value).endswith("must be a URL such as https://pay.shop.example")


def test_a_public_url_ends_without_a_slash() -> None:
    settings = settings_from(
        {
            "DATABASE_URL": "postgresql://localhost/fastcart",
            "FASTCART_PUBLIC_URL": "https://x.example/pay/",
            **SIMULATED,
        }
    )
    assert settings.public_url == "https://x.example/pay"


def test_the_help_teaches_the_embedded_mode(capsys: pytest.CaptureFixture[str]) -> None:
    from entrypoints.cli.app import app

    with pytest.raises(SystemExit):
        app(["api", "--help"])
    told = " ".join(capsys.readouterr().out.split())
    assert "FASTCART_WORKER=embedded" in told
    assert "no Redis" in told
