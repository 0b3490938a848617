"""Adyen's webhooks: what it signed is read item by item, everything else refused."""

import hmac
import json
from base64 import b64encode
from datetime import UTC, datetime
from hashlib import sha256
from typing import Any, Final

import pytest

from adapters.adyen.settings import AdyenSettings
from adapters.adyen.webhooks import AdyenPaymentWebhooks
from ports.errors import SignatureInvalid
from ports.payments import Subject, WebhookNotice
from tests.contracts.adyen.specification import Specification, needed
from tests.contracts.vendor_papers import read
from tests.sandbox.server import RunningSandbox

NOW: Final = datetime(2026, 1, 1, tzinfo=UTC)
KEY: Final = "44782DEF547AAA06C910C43932B1EB0C71FC68D9D0C057550C48EC2ACF6BA056"
MERCHANT: Final = "FastCart"


def reader(*keys: str, merchant: str = MERCHANT) -> AdyenPaymentWebhooks:
    return AdyenPaymentWebhooks(
        AdyenSettings(
            api_key="AQE",
            merchant_account=merchant,
            client_key="test",
            hmac_keys=keys or (KEY,),
            base_url="https://adyen.test",
        )
    )


def item(event_code: str = "AUTHORISATION", **more: Any) -> dict[str, Any]:
    return {
        "amount": {"currency": "EUR", "value": 1000},
        "eventCode": event_code,
        "eventDate": "2026-01-01T01:00:00+01:00",
        "merchantAccountCode": MERCHANT,
        "merchantReference": "ord_1",
        "paymentMethod": "visa",
        "pspReference": "QFQTPCQ8HXSKGK82",
        "success": "true",
        **more,
    }


def signed(each: dict[str, Any], key: str = KEY) -> dict[str, Any]:
    fields = [
        each["pspReference"],
        each.get("originalReference", ""),
        each["merchantAccountCode"],
        each["merchantReference"],
        str(each["amount"]["value"]),
        each["amount"]["currency"],
        each["eventCode"],
        each["success"],
    ]
    digest = hmac.new(bytes.fromhex(key), ":".join(fields).encode(), sha256).digest()
    more = {**each.get("additionalData", {}), "hmacSignature": b64encode(digest).decode()}
    return {**each, "additionalData": more}


def body(*items: dict[str, Any]) -> bytes:
    wrapped = [{"NotificationRequestItem": each} for each in items]
    return json.dumps({"live": "false", "notificationItems": wrapped}).encode()


def told(*items: dict[str, Any]) -> tuple[WebhookNotice, ...]:
    return reader().read(body(*items), {}, NOW)


def test_an_authorisation_names_the_payment_by_our_id() -> None:
    (notice,) = told(signed(item(additionalData={"metadata.payment_id": "pay_1"})))
    assert (notice.provider, notice.event_type) == ("adyen", "AUTHORISATION")
    assert notice.event_id == "AUTHORISATION.QFQTPCQ8HXSKGK82.true"
    assert (notice.payment_reference, notice.about) == ("pay_1", Subject.PAYMENT)


def test_a_modification_names_the_payment_by_adyens_reference() -> None:
    (notice,) = told(signed(item("CAPTURE", originalReference="9913140798220028")))
    assert notice.payment_reference == "9913140798220028"


@pytest.mark.parametrize(
    ("event_code", "about"),
    [
        ("AUTHORISATION", Subject.PAYMENT),
        ("CAPTURE", Subject.PAYMENT),
        ("CAPTURE_FAILED", Subject.PAYMENT),
        ("CANCELLATION", Subject.PAYMENT),
        ("EXPIRE", Subject.PAYMENT),
        ("REFUND", Subject.REFUND),
        ("REFUND_FAILED", Subject.REFUND),
        ("REFUNDED_REVERSED", Subject.REFUND),
        ("REQUEST_FOR_INFORMATION", Subject.DISPUTE),
        ("NOTIFICATION_OF_CHARGEBACK", Subject.DISPUTE),
        ("CHARGEBACK", Subject.DISPUTE),
        ("CHARGEBACK_REVERSED", Subject.DISPUTE),
        ("SECOND_CHARGEBACK", Subject.DISPUTE),
        ("REPORT_AVAILABLE", Subject.PAYMENT),
    ],
)
def test_an_event_says_what_has_to_be_read_again(event_code: str, about: Subject) -> None:
    (notice,) = told(signed(item(event_code)))
    assert (notice.event_type, notice.about) == (event_code, about)


def test_what_is_kept_says_nothing_about_a_person() -> None:
    more = {"cardSummary": "1111", "shopperEmail": "ada@example.com", "modification.action": "cancel"}
    (notice,) = told(signed(item(reason="087330:1111:03/2030", additionalData=more)))
    assert notice.kept is not None
    assert b"modification.action" in notice.kept
    for personal in (b"1111", b"ada@example.com", b"hmacSignature"):
        assert personal not in notice.kept
    (refused,) = told(signed(item(success="false", reason="Not enough balance")))
    assert refused.kept is not None
    assert b"Not enough balance" in refused.kept


def test_each_item_of_a_batch_is_read() -> None:
    notices = told(signed(item()), signed(item("CAPTURE", pspReference="OTHER")))
    assert [notice.event_type for notice in notices] == ["AUTHORISATION", "CAPTURE"]


def test_one_item_that_is_forged_spoils_its_batch() -> None:
    forged = signed(item("CAPTURE")) | {"amount": {"currency": "EUR", "value": 1}}
    with pytest.raises(SignatureInvalid):
        told(signed(item()), forged)


@pytest.mark.parametrize(
    "changed",
    [
        {"amount": {"currency": "EUR", "value": 1001}},
        {"amount": {"currency": "USD", "value": 1000}},
        {"success": "false"},
        {"eventCode": "CAPTURE"},
        {"pspReference": "OTHER"},
        {"originalReference": "OTHER"},
        {"merchantReference": "ord_2"},
        {"merchantAccountCode": "Another"},
        {"additionalData": {}},
        {"additionalData": {"hmacSignature": "\u00e9"}},
    ],
    ids=lambda changed: next(iter(changed)),
)
def test_what_is_signed_can_not_be_changed(changed: dict[str, Any]) -> None:
    with pytest.raises(SignatureInvalid):
        told({**signed(item()), **changed})


@pytest.mark.parametrize(
    "nonsense", [b"", b"[]", b"{}", b"\xff", b'{"notificationItems": []}', b"[" * 100_000]
)
def test_what_is_no_notification_is_refused(nonsense: bytes) -> None:
    with pytest.raises(SignatureInvalid):
        reader().read(nonsense, {}, NOW)


def test_while_a_key_is_replaced_both_are_good() -> None:
    old, new = "00" * 32, "11" * 32
    both = reader(old, new)
    assert both.read(body(signed(item(), old)), {}, NOW)
    assert both.read(body(signed(item(), new)), {}, NOW)
    with pytest.raises(SignatureInvalid):
        both.read(body(signed(item(), KEY)), {}, NOW)


def test_another_merchants_event_is_kept_and_nothing_is_read() -> None:
    (notice,) = told(signed(item(merchantAccountCode="Another")))
    assert notice.payment_reference is None


@needed
def test_adyens_own_vectors_verify() -> None:
    vectors = read("adyen", "webhook-hmac-vectors.json")["vectors"]
    assert len(vectors) == 5
    for vector in vectors:
        each = vector["item"]
        more = {**each.get("additionalData", {}), "hmacSignature": vector["expected"]}
        notification = body({**each, "additionalData": more})
        ours = reader(vector["key"], merchant=each["merchantAccountCode"])
        (notice,) = ours.read(notification, {}, NOW)
        assert notice.payment_reference == each["pspReference"]
        with pytest.raises(SignatureInvalid):
            ours.read(notification.replace(b'"value": 1', b'"value": 2'), {}, NOW)


@needed
def test_every_example_of_the_specification_is_read() -> None:
    specification = Specification()
    examples = specification.webhook_examples()
    assert len(examples) == 11
    for event_code, example in examples.items():
        assert specification.webhook_problems(event_code, example) == []
        (wrapped,) = example["notificationItems"]
        each = signed(wrapped["NotificationRequestItem"])
        ours = reader(merchant="YOUR_MERCHANT_ACCOUNT")
        (notice,) = ours.read(body(each), {}, NOW)
        assert notice.event_type == event_code
        assert notice.payment_reference == each.get("originalReference", each["pspReference"])


@needed
def test_the_sandbox_tells_as_adyen_does(vendors: RunningSandbox) -> None:
    """An account that money moved on in every way."""
    control = vendors.control
    control.post("/_control/adyen/charges", json={"value": 1000}).raise_for_status()
    (payment,) = control.get("/_control/adyen/payments").json()
    psp = payment["psp_reference"]
    back = control.post(f"/_control/adyen/payments/{psp}/refund", json={"value": 100}).json()
    control.post(f"/_control/adyen/refunds/{back['psp_reference']}/send_back").raise_for_status()
    control.post(f"/_control/adyen/payments/{psp}/disputes/CHARGEBACK").raise_for_status()
    specification, kinds = Specification(), []
    for text in control.get("/_control/adyen/notifications").json():
        notification = json.loads(text)
        kinds.append(notification["notificationItems"][0]["NotificationRequestItem"]["eventCode"])
        assert specification.webhook_problems(kinds[-1], notification) == []
    assert kinds == ["AUTHORISATION", "REFUND", "REFUND_FAILED", "CHARGEBACK"]
