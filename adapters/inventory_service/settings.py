"""What the inventory service's adapter needs to know."""

from dataclasses import dataclass, field
from pathlib import Path


@dataclass(frozen=True, slots=True, kw_only=True)
class CertificateFiles:
    """PEM files: who we are, and by whom the service's own certificate has to be signed.

    They are read again when they change, without a restart.
    """

    certificate: Path
    key: Path = field(repr=False)
    ca: Path


@dataclass(frozen=True, slots=True, kw_only=True)
class InventorySettings:
    """`base_url` is that of the API's version, such as `https://inventory.internal/api/v2`."""

    base_url: str
    api_key: str = field(repr=False)
