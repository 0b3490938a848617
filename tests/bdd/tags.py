"""What a scenario's tags ask of the shop that it is played in."""

import pytest


def has_carriers(request: pytest.FixtureRequest) -> bool:
    """`@carriers`: the shop asks FedEx, UPS and USPS, and not only its own flat rates."""
    return request.node.get_closest_marker("carriers") is not None
