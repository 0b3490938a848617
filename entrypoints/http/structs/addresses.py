"""What is known of an address, as it is shown."""

from datetime import datetime
from typing import Literal

import msgspec

from domain.address import Address
from domain.address_check import AddressCheck
from entrypoints.http.structs.sums import MessageShown, messages_shown
from entrypoints.http.structs.values import AddressStruct, address_shown

Verdict = Literal["verified", "corrected", "unverifiable", "unverified"]


class AddressCheckShown(msgspec.Struct, frozen=True):
    """`verdict` is one of
    - `verified`: there is such a place;
    - `corrected`: `suggested_address` was probably meant; it is null once the shopper took it;
    - `unverifiable`: no such place is known;
    - `unverified`: nobody could be asked.

    None of them keeps a shopper from ordering. A suggestion is taken by sending it as the address.
    """

    verdict: Verdict
    suggested_address: AddressStruct | None
    checked_at: datetime


class AddressCheckRequest(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    address: AddressStruct


class AddressCheckAnswer(msgspec.Struct, frozen=True):
    """As a checkout's `address_check`; `checked_at` is null where the shop doesn't check addresses."""

    verdict: Verdict
    suggested_address: AddressStruct | None
    checked_at: datetime | None
    messages: list[MessageShown]


def address_check_shown(check: AddressCheck, address: Address | None) -> AddressCheckShown:
    suggestion = address_shown(check.open_suggestion(address))
    return AddressCheckShown(check.finding.verdict.value, suggestion, check.checked_at)


def address_check_answer(check: AddressCheck | None, address: Address) -> AddressCheckAnswer:
    if check is None:
        return AddressCheckAnswer("unverified", None, None, [])
    shown, messages = address_check_shown(check, address), messages_shown(check.messages(address))
    return AddressCheckAnswer(shown.verdict, shown.suggested_address, shown.checked_at, messages)
