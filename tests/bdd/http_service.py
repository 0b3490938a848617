"""The running service that scenarios are played against: API, worker and vendor sandbox, a process each."""

from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Final

from entrypoints.stack import running_processes
from ports.api_keys import Role

# Time for a scenario to pay in, and not too long to wait for a shopper who walks away. Whoever tries a card
# has the usual ten minutes from then on.
PAYMENT_WINDOW_SECONDS: Final = 5
_SETTINGS: Final = {
    "FASTCART_PAYMENT_WINDOW_SECONDS": str(PAYMENT_WINDOW_SECONDS),
    "FASTCART_SWEEP_INTERVAL_MS": "100",
    # Time for a scenario to look, and not too long to wait for the end of a grace.
    "FASTCART_DUNNING_GRACE_SECONDS": "4",
    "FASTCART_PLACES": "google",
    "STRIPE_CARDS_ONLY": "no",
}
# Time for a scenario to choose and place, and not too long to wait for the end of a promise.
QUOTE_SECONDS: Final = 8
CARRIERS: Final = {
    "FASTCART_DELIVERY": "carriers",
    "FASTCART_DELIVERY_QUOTE_SECONDS": str(QUOTE_SECONDS),
    "FASTCART_SHIPS_FROM_COUNTRY": "US",
    "FASTCART_SHIPS_FROM_REGION": "TN",
    "FASTCART_SHIPS_FROM_CITY": "Memphis",
    "FASTCART_SHIPS_FROM_POSTCODE": "38118",
}
_LAST_WORDS: Final = 2_000
_OPERATORS: Final = ("Kim", "Robin")


@dataclass(frozen=True, slots=True, kw_only=True)
class Service:
    """Where it is reached, with the merchant's key, the one that a storefront's pages carry, and those of
    operators by their names. Commands are run in its `environment`; its `flags` are turned in a file.
    """

    api_url: str
    sandbox_url: str
    merchant_key: str = field(repr=False)
    browser_key: str = field(repr=False)
    operator_keys: Mapping[str, str] = field(repr=False)
    environment: Mapping[str, str] = field(repr=False)
    logs: Path
    flags: Path

    def last_words(self) -> str:
        """What each process said last."""
        logs = sorted(self.logs.glob("*.log"))
        return "\n".join(f"{log.stem}: {log.read_text(errors='replace')[-_LAST_WORDS:]}" for log in logs)


@contextmanager
def running_service(
    database_url: str, redis_url: str, logs: Path, more_settings: Mapping[str, str] | None = None
) -> Iterator[Service]:
    flags = logs / "flags.toml"
    flags.touch()
    settings = {**_SETTINGS, "FASTCART_FLAGS_FILE": str(flags), **(more_settings or {})}
    processes = running_processes(
        database_url=database_url, redis_url=redis_url, logs=logs, overrides=settings
    )
    with processes as stack:
        yield Service(
            api_url=stack.api_url,
            sandbox_url=stack.sandbox_url,
            merchant_key=stack.new_key(Role.SECRET, "scenarios: merchant"),
            logs=logs,
            flags=flags,
            environment=stack.environment,
            browser_key=stack.new_key(Role.PUBLISHABLE, "scenarios: storefront"),
            operator_keys={name: stack.new_key(Role.OPERATOR, name) for name in _OPERATORS},
        )
