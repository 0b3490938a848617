"""What the carriers answer is read as it was recorded, and whatever else comes: no answer brings an error
that nobody knows.
"""

import json
from collections.abc import Callable
from typing import Any, Final

import httpx
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from adapters.fedex import errors as fedex_errors
from adapters.fedex import wire as fedex
from adapters.ups import errors as ups_errors
from adapters.ups import wire as ups
from adapters.usps import errors as usps_errors
from adapters.usps import wire as usps
from domain.delivery import DeliveryOption
from domain.money import Currency
from ports.errors import PortError, Rejected, Unavailable
from tests.contracts.delivery.carriers import NAMES
from tests.contracts.vendor_papers import needs, read

PARSERS: Final[dict[str, Callable[[bytes], object]]] = {
    "fedex": lambda body: fedex.offered(body, Currency.of("USD")),
    "ups": lambda body: ups.offered(body, Currency.of("CAD")),
    "usps": usps.priced,
}
REFUSALS: Final[dict[str, Callable[[httpx.Response], PortError]]] = {
    "fedex": fedex_errors.refusal_of,
    "ups": ups_errors.refusal_of,
    "usps": usps_errors.refusal_of,
}
RECORDED: Final = {
    "fedex": ("rate.response.domestic.json",),
    "ups": ("rate.response.shop.json", "rate.response.single-object.fr.json"),
    "usps": ("options.response.domestic.json",),
}
ABSURD: Final[list[Any]] = ["NaN", "-1", "1e999", -1, 1e300, 10**30, "", [], {}, None, "\u0000"]
MANY: Final = settings(max_examples=200, deadline=None)


def recorded(carrier: str, name: str) -> Any:
    return read(carrier, f"fixtures/{name}")["response"]


def encoded(document: Any) -> bytes:
    return json.dumps(document).encode()


def shown(options: tuple[DeliveryOption, ...]) -> list[tuple[str, str, str, int, int]]:
    return [(o.id, o.title, str(o.amount), o.min_days, o.max_days) for o in options]


@needs("fedex")
@pytest.mark.parametrize(
    ("currency", "offered"),
    [
        ("USD", [("fedex_express_saver", "FedEx Economy", "38.54 USD", 3, 3)]),
        ("CAD", [("fedex_express_saver", "FedEx Economy", "52.76 CAD", 3, 3)]),
        ("EUR", []),
    ],
)
def test_fedex_quotes_one_service_in_several_currencies_and_the_checkouts_is_taken(
    currency: str, offered: list[Any]
) -> None:
    body = encoded(recorded("fedex", "rate.response.domestic.json"))
    assert shown(fedex.offered(body, Currency.of(currency))) == offered


@needs("fedex")
def test_fedexs_account_rate_counts_before_the_lists_wherever_it_stands() -> None:
    answer = recorded("fedex", "rate.response.domestic.json")
    rated = answer["output"]["rateReplyDetails"][0]["ratedShipmentDetails"]
    rated.insert(0, {**rated[0], "rateType": "LIST", "totalNetCharge": 99.99})
    rated.insert(0, {**rated[0], "rateType": "INCENTIVE", "totalNetCharge": 1})
    (option,) = fedex.offered(encoded(answer), Currency.of("USD"))
    assert str(option.amount) == "38.54 USD"


@needs("fedex")
@pytest.mark.parametrize(
    ("told", "days"),
    [
        ({"operationalDetail": {"transitTime": "TWO_DAYS"}}, (2, 2)),
        (
            {
                "commit": {
                    "transitDays": {"minimumTransitTime": "TWO_DAYS", "maximumTransitTime": "FOUR_DAYS"}
                }
            },
            (2, 4),
        ),
        # Quoted on a Thursday for the Tuesday after next.
        ({"commit": {"dateDetail": {"dayFormat": "2024-07-30T17:00:00"}}}, (8, 8)),
        ({"commit": {"dateDetail": {"dayFormat": "2023-07-30"}}}, (3, 3)),
        ({"commit": ["nonsense"], "operationalDetail": 7}, (3, 3)),
    ],
)
def test_fedex_tells_when_it_arrives_in_several_ways(told: dict[str, Any], days: tuple[int, int]) -> None:
    answer = recorded("fedex", "rate.response.domestic.json")
    answer["output"]["rateReplyDetails"][0] |= told
    (option,) = fedex.offered(encoded(answer), Currency.of("USD"))
    assert (option.min_days, option.max_days) == days


@needs("ups")
def test_upss_negotiated_rates_count_before_the_published_ones() -> None:
    options = ups.offered(encoded(recorded("ups", "rate.response.shop.json")), Currency.of("CAD"))
    assert ("ups_14", "UPS Express Early", "321.03 CAD", 1, 1) in shown(options)
    assert ("ups_01", "UPS Express", "282.45 CAD", 1, 1) in shown(options)
    assert [option.amount.minor for option in options] == sorted(option.amount.minor for option in options)
    assert ups.offered(encoded(recorded("ups", "rate.response.shop.json")), Currency.of("USD")) == ()


@needs("ups")
def test_ups_leaves_the_brackets_out_where_there_is_one() -> None:
    answer = recorded("ups", "rate.response.single-object.fr.json")
    options = ups.offered(encoded(answer), Currency.of("EUR"))
    assert ("ups_65", "UPS Express Saver", "12.47 EUR", 1, 1) in shown(options)
    assert len(options) == len(answer["RateResponse"]["RatedShipment"])
    only = answer["RateResponse"]["RatedShipment"][0]
    answer["RateResponse"]["RatedShipment"] = only
    assert shown(ups.offered(encoded(answer), Currency.of("EUR"))) == [
        ("ups_07", "UPS Express", "15.11 EUR", 1, 1)
    ]
    only["NegotiatedRateCharges"] = [only["NegotiatedRateCharges"]]
    only["TimeInTransit"] = [only["TimeInTransit"]]
    assert str(ups.offered(encoded(answer), Currency.of("EUR"))[0].amount) == "15.11 EUR"
    del only["NegotiatedRateCharges"], only["TimeInTransit"]
    assert shown(ups.offered(encoded(answer), Currency.of("EUR"))) == [
        ("ups_07", "UPS Worldwide Express", "68.05 EUR", 1, 3)
    ]


@needs("usps")
def test_usps_sells_parcels_in_any_box_and_neither_flat_rates_nor_books() -> None:
    prices = usps.priced(encoded(recorded("usps", "options.response.domestic.json")))
    assert {price.mail_class: price.cents for price in prices} == {
        "PRIORITY_MAIL": 18_400,
        "PRIORITY_MAIL_EXPRESS": 45_730,
        "USPS_GROUND_ADVANTAGE": 15_185,
    }


@needs("usps")
def test_usps_total_rates_lie_side_by_side() -> None:
    answer = recorded("usps", "options.response.domestic.json")
    classes = answer["pricingOptions"][0]["shippingOptions"]
    flat = {"rateOptions": [option for each in classes for option in each["rateOptions"]]}
    assert usps.priced(encoded(flat)) == usps.priced(encoded(answer))


json_values = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(max_size=20),
    lambda inner: st.lists(inner, max_size=4) | st.dictionaries(st.text(max_size=12), inner, max_size=4),
    max_leaves=12,
)


@pytest.mark.parametrize("carrier", NAMES)
@MANY
@given(body=st.binary(max_size=200) | json_values.map(encoded))
def test_any_bytes_are_offers_or_unavailable(carrier: str, body: bytes) -> None:
    read_or_unavailable(carrier, body)


@pytest.mark.parametrize("carrier", NAMES)
@pytest.mark.parametrize(
    "body",
    [
        b"",
        b"null",
        b"[" * 100_000,
        b"\xff\xfe",
        b'{"output": {"rateReplyDetails": 1}}',
        b'{"RateResponse": 0}',
    ],
    ids=["empty", "null", "deep", "no text", "no list", "no object"],
)
def test_nonsense_is_unavailable(carrier: str, body: bytes) -> None:
    with pytest.raises(Unavailable):
        PARSERS[carrier](body)


@needs("ups")
@pytest.mark.parametrize(("carrier", "name"), [(c, name) for c, names in RECORDED.items() for name in names])
@MANY
@given(data=st.data())
def test_a_recorded_answer_that_was_spoilt_anywhere_is_offers_or_unavailable(
    carrier: str, name: str, data: st.DataObject
) -> None:
    answer = recorded(carrier, name)
    for _ in range(data.draw(st.integers(1, 3))):
        parent, key = data.draw(st.sampled_from(list(places_in(answer))))
        absurd: st.SearchStrategy[Any] = st.sampled_from(
            ["NaN", "-1", "1e999", -1, 1e300, 10**30, "", [], {}, None, "\u0000"]
        )
        parent[key] = data.draw(absurd | json_values)
    read_or_unavailable(carrier, encoded(answer))


def places_in(document: Any) -> Any:
    """Every place of a document, as the container and the key in it."""
    keys = document if isinstance(document, dict) else range(len(document))
    for key in keys:
        yield document, key
        if isinstance(document[key], dict | list):
            yield from places_in(document[key])


def read_or_unavailable(carrier: str, body: bytes) -> None:
    try:
        found = PARSERS[carrier](body)
    except Unavailable:
        return
    assert isinstance(found, tuple)
    for each in found:
        if isinstance(each, DeliveryOption):
            assert 0 < each.amount.minor <= 10**9
            assert 0 < each.min_days <= each.max_days
            assert 0 < len(each.title) <= 120
            assert each.title.isprintable()
        else:
            assert 0 < each.cents <= 10**9


@needs("ups")
@pytest.mark.parametrize(
    ("carrier", "code"),
    [("fedex", "TRACKING.TRACKINGNUMBER.EMPTY"), ("ups", "250003"), ("usps", "string")],
)
def test_a_refusal_has_the_carriers_code_and_not_its_words(carrier: str, code: str) -> None:
    body = read(carrier, "fixtures/error.sample.json")["body"]
    refusal = REFUSALS[carrier](httpx.Response(400, json=body))
    assert isinstance(refusal, Rejected)
    assert refusal.code == code


@pytest.mark.parametrize("carrier", NAMES)
@MANY
@given(
    status=st.sampled_from([301, 400, 401, 403, 404, 422, 429, 500, 503]),
    body=st.binary(max_size=100) | json_values.map(encoded),
)
def test_any_refusal_is_known_and_tells_nothing(carrier: str, status: int, body: bytes) -> None:
    refusal = REFUSALS[carrier](httpx.Response(status, content=body))
    assert type(refusal) is (Rejected if status in {400, 404, 422} else Unavailable)
