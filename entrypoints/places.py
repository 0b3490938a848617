"""Where addresses are checked: at Google where it is set up, behind its flag."""

from dataclasses import replace

from adapters.flagged.places import FlaggedPlaces
from adapters.google_maps.places import GooglePlaces
from adapters.google_maps.settings import GoogleMapsSettings
from adapters.resilience.policies import GOOGLE_MAPS
from entrypoints.resources import Resources
from entrypoints.settings import Settings
from ports.places import Places


def places_of(settings: Settings, resources: Resources) -> Places:
    """Google where it is set up, behind its flag; otherwise addresses are taken as typed."""
    return FlaggedPlaces(resources.flags, _google_places(settings, resources))


def _google_places(settings: Settings, resources: Resources) -> Places | None:
    if (access := settings.google_maps) is None:
        return None
    vendor = GoogleMapsSettings(api_key=access.api_key)
    if access.base_url is not None:
        vendor = replace(vendor, validation_url=access.base_url, geocoding_url=access.base_url)
    return GooglePlaces(resources.vendors.http(GOOGLE_MAPS), vendor)
