"""What a checked address means to its checkout: something to look at, never something that stops it."""

from dataclasses import replace

import pytest

from domain.address import Address
from domain.address_check import AddressCheck, AddressFinding, AddressVerdict
from domain.identifiers import OrderId
from domain.order import order_from
from domain.readiness import Severity
from domain.shop import ShopRules
from tests.builders import NOW, a_checkout, an_address

RULES = ShopRules()
TYPED = an_address(line1="Unter den Lindne 1")
MEANT = an_address()


def a_check(verdict: AddressVerdict, suggestion: Address | None = None) -> AddressCheck:
    return AddressCheck(finding=AddressFinding(verdict=verdict, suggestion=suggestion), checked_at=NOW)


CORRECTED = a_check(AddressVerdict.CORRECTED, MEANT)
OTHERS = [a_check(v) for v in AddressVerdict if v is not AddressVerdict.CORRECTED]


@pytest.mark.parametrize("verdict", AddressVerdict)
def test_a_correction_has_a_suggestion_and_nothing_else_has_one(verdict: AddressVerdict) -> None:
    is_correction = verdict is AddressVerdict.CORRECTED
    with pytest.raises(ValueError, match="suggestion"):
        AddressFinding(verdict=verdict, suggestion=None if is_correction else MEANT)


@pytest.mark.parametrize(
    ("check", "code", "severity"),
    [
        (CORRECTED, "address_corrected", Severity.NEEDS_REVIEW),
        (a_check(AddressVerdict.UNVERIFIABLE), "address_unverifiable", Severity.NEEDS_REVIEW),
        (a_check(AddressVerdict.UNVERIFIED), "address_unverified", Severity.RECOVERABLE),
    ],
)
def test_the_shopper_is_told_what_to_look_at(check: AddressCheck, code: str, severity: Severity) -> None:
    (message,) = check.messages(TYPED)
    assert (message.code, message.severity, message.path) == (code, severity, "/shipping_address")


def test_an_address_that_exists_needs_no_words() -> None:
    assert a_check(AddressVerdict.VERIFIED).messages(TYPED) == ()


@pytest.mark.parametrize("check", [CORRECTED, *OTHERS])
def test_nothing_that_is_found_keeps_a_checkout_from_its_order(check: AddressCheck) -> None:
    checkout = a_checkout(shipping_address=TYPED, address_check=check)
    checkout.require_ready(RULES)
    order = order_from(checkout, OrderId("ord_1"), RULES, NOW)
    assert order.shipping_address == TYPED


def test_a_suggestion_that_was_taken_is_no_longer_one() -> None:
    taken = replace(MEANT, name="Somebody else", phone="1")
    assert CORRECTED.open_suggestion(TYPED) == MEANT
    assert CORRECTED.open_suggestion(taken) is None
    assert CORRECTED.messages(taken) == ()


@pytest.mark.parametrize(
    ("check", "address", "outcome"),
    [
        (CORRECTED, MEANT, "corrected"),
        (CORRECTED, TYPED, "correction_not_taken"),
        (a_check(AddressVerdict.VERIFIED), TYPED, "verified"),
        (a_check(AddressVerdict.UNVERIFIABLE), TYPED, "unverifiable"),
        (a_check(AddressVerdict.UNVERIFIED), TYPED, "unverified"),
    ],
)
def test_the_outcome_is_a_word_for_the_timeline(check: AddressCheck, address: Address, outcome: str) -> None:
    assert check.outcome(address) == outcome


@pytest.mark.parametrize("change", [{"name": "Ada"}, {"phone": "1"}, {}], ids=str)
def test_a_check_holds_while_the_place_is_the_same(change: dict[str, str]) -> None:
    assert a_check(AddressVerdict.VERIFIED).holds_for(replace(TYPED, **change), TYPED)


@pytest.mark.parametrize(
    "change",
    [{"line1": "x"}, {"line2": "x"}, {"city": "x"}, {"region": "x"}, {"postcode": "x"}, {"country": "AT"}],
    ids=str,
)
def test_another_place_is_another_question(change: dict[str, str]) -> None:
    assert not a_check(AddressVerdict.VERIFIED).holds_for(replace(TYPED, **change), TYPED)
    assert not a_check(AddressVerdict.VERIFIED).holds_for(TYPED, None)


def test_a_check_holds_for_what_it_suggests() -> None:
    assert CORRECTED.holds_for(MEANT, TYPED)


@pytest.mark.parametrize(
    ("address", "names_a_place"),
    [
        (MEANT, True),
        (replace(MEANT, name=None), True),
        (replace(MEANT, postcode=None), False),
        (replace(MEANT, line1=None), False),
        (replace(MEANT, country="US"), False),
        (replace(MEANT, country="US", region="CA"), True),
        (replace(MEANT, country="HK", postcode=None), True),
    ],
)
def test_a_place_is_named_when_all_is_told_that_it_is_found_by(
    address: Address, *, names_a_place: bool
) -> None:
    assert address.names_a_place is names_a_place
