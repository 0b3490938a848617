"""Who buys, where they live, and how much of everything a shop has unless a scenario says otherwise."""

from typing import Final

NAME: Final = "A. Shopper"
EMAIL: Final = "shopper@example.com"
ADDRESSES: Final = {
    "DE": {"line1": "Unter den Linden 1", "city": "Berlin", "postcode": "10117"},
    "US": {"line1": "160-15 Rockaway Blvd", "city": "Jamaica", "region": "NY", "postcode": "11430"},
    "JP": {"line1": "1-1 Chiyoda", "city": "Tokyo", "postcode": "100-8111"},
}
PLENTY: Final = 100
