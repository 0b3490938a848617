"""How a sandbox is started: read once from the environment, every mistake named at once."""

from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Final

_PREFIX: Final = "SANDBOX_"
_HEXADECIMAL: Final = frozenset("0123456789abcdefABCDEF")


class SettingsInvalid(ValueError):
    """Names every setting that is wrong, one a line."""


@dataclass(frozen=True, slots=True, kw_only=True)
class SandboxSettings:
    """`public_url` is where a browser finds this server; the 3-D Secure pages are linked from it.

    A failed webhook delivery is tried again after each of `webhook_retry_ms`. A `seed` makes ids and secrets
    repeatable. The inventory service listens on a port of its own, where one is given; its certificates, and
    those of its client, are made in the folder `certificates`.
    """

    public_url: str = "http://127.0.0.1:12111"
    stripe_webhook_url: str | None = None
    stripe_webhook_secret: str = "whsec_sandbox"  # noqa: S105 - shared with whoever verifies
    adyen_webhook_url: str | None = None
    adyen_hmac_key: str = "44782DEF547AAA06C910C43932B1EB0C71FC68D9D0C057550C48EC2ACF6BA056"
    adyen_merchant_account: str = "FastCartSandbox"
    latency_ms: int = 0
    webhook_retry_ms: tuple[int, ...] = (100, 300, 1_000, 3_000, 10_000)
    seed: int | None = None
    inventory_port: int | None = None
    certificates: Path | None = None


def from_environment(environment: Mapping[str, str]) -> SandboxSettings:
    """Reads `SANDBOX_PUBLIC_URL` and so on, one variable a field; what is absent keeps its default."""
    default, wrong = SandboxSettings(), list[str]()

    def number(name: str) -> int | None:
        text = environment.get(_PREFIX + name, "")
        if text and not text.isdecimal():
            wrong.append(f"{_PREFIX}{name} must be a whole number, not {text!r}")
        return int(text) if text.isdecimal() else None

    def numbers(name: str, fallback: tuple[int, ...]) -> tuple[int, ...]:
        parts = [part.strip() for part in environment.get(_PREFIX + name, "").split(",") if part.strip()]
        if not all(part.isdecimal() for part in parts):
            wrong.append(f"{_PREFIX}{name} must be whole numbers with commas between")
            return fallback
        return tuple(int(part) for part in parts) or fallback

    def hexadecimal(name: str, fallback: str) -> str:
        text = environment.get(_PREFIX + name) or fallback
        if len(text) % 2 or not all(digit in _HEXADECIMAL for digit in text):
            wrong.append(f"{_PREFIX}{name} must be hexadecimal, two digits a byte")
        return text

    settings = SandboxSettings(
        public_url=environment.get(_PREFIX + "PUBLIC_URL", default.public_url).rstrip("/"),
        stripe_webhook_url=environment.get(_PREFIX + "STRIPE_WEBHOOK_URL") or None,
        stripe_webhook_secret=environment.get(
            _PREFIX + "STRIPE_WEBHOOK_SECRET", default.stripe_webhook_secret
        ),
        adyen_webhook_url=environment.get(_PREFIX + "ADYEN_WEBHOOK_URL") or None,
        adyen_hmac_key=hexadecimal("ADYEN_HMAC_KEY", default.adyen_hmac_key),
        adyen_merchant_account=environment.get(
            _PREFIX + "ADYEN_MERCHANT_ACCOUNT", default.adyen_merchant_account
        ),
        latency_ms=number("LATENCY_MS") or default.latency_ms,
        webhook_retry_ms=numbers("WEBHOOK_RETRY_MS", default.webhook_retry_ms),
        seed=number("SEED"),
        inventory_port=number("INVENTORY_PORT"),
        certificates=Path(folder) if (folder := environment.get(_PREFIX + "CERTIFICATES")) else None,
    )
    if settings.inventory_port is not None and settings.certificates is None:
        wrong.append(f"{_PREFIX}INVENTORY_PORT needs a folder {_PREFIX}CERTIFICATES")
    if wrong:
        raise SettingsInvalid("\n".join(wrong))
    return settings
