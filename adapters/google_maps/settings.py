"""What the Google Maps adapter needs to know."""

from dataclasses import dataclass, field


@dataclass(frozen=True, slots=True, kw_only=True)
class GoogleMapsSettings:
    """The two APIs have servers of their own."""

    api_key: str = field(repr=False)
    validation_url: str = "https://addressvalidation.googleapis.com"
    geocoding_url: str = "https://maps.googleapis.com"
