"""What the TaxJar adapter needs to know."""

from dataclasses import dataclass, field


@dataclass(frozen=True, slots=True, kw_only=True)
class TaxJarSettings:
    """`base_url` without the version: https://api.taxjar.com."""

    api_key: str = field(repr=False)
    base_url: str = "https://api.taxjar.com"
