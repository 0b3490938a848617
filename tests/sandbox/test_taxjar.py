"""The simulated TaxJar answers like the real one, as far as that is on record."""

from typing import Any, Final

import httpx
import pytest

from tests.contracts.vendor_papers import needs, read
from tests.sandbox.server import RunningSandbox

KEY: Final = {"Authorization": "Bearer taxjar_sandbox"}
ORDER: Final[dict[str, Any]] = {
    "transaction_id": "ord_1",
    "transaction_date": "2024-01-26T21:12:59Z",
    "to_country": "US",
    "to_zip": "11430",
    "to_state": "NY",
    "amount": 16.5,
    "shipping": 1.5,
    "sales_tax": 0.95,
    "line_items": [{"quantity": 1, "unit_price": 15, "sales_tax": 0.95}],
}


def ask(sandbox: RunningSandbox, method: str, path: str, body: object = None) -> httpx.Response:
    headers = {**KEY, "Content-Type": "application/json"}
    return sandbox.control.request(method, f"/taxjar/v2{path}", json=body, headers=headers)


@needs("taxjar")
@pytest.mark.parametrize("name", ["taxes.200.ny-three-lines", "taxes.400.zip-state"])
def test_a_recorded_question_gets_its_recorded_answer(sandbox: RunningSandbox, name: str) -> None:
    recorded = read("taxjar", f"recorded/{name}.json")
    answer = ask(sandbox, "POST", "/taxes", recorded["request"]["body"])
    assert answer.status_code == recorded["response"]["status"]
    told, body = answer.json(), recorded["response"]["body"]
    if answer.is_client_error:
        assert told == body
        return
    for name_of_sum in ("amount_to_collect", "taxable_amount", "rate", "shipping", "order_total_amount"):
        assert told["tax"][name_of_sum] == body["tax"][name_of_sum]
    for ours, theirs in zip(
        told["tax"]["breakdown"]["line_items"], body["tax"]["breakdown"]["line_items"], strict=True
    ):
        assert ours.items() <= theirs.items() | {("special_tax_rate", 0.0)}


@needs("taxjar")
@pytest.mark.parametrize(
    ("name", "kind"), [("orders.create.201", "orders"), ("refunds.create.201.negative", "refunds")]
)
def test_a_recorded_transaction_is_kept_as_it_was(sandbox: RunningSandbox, name: str, kind: str) -> None:
    recorded = read("taxjar", f"recorded/{name}.json")
    answer = ask(sandbox, "POST", f"/transactions/{kind}", recorded["request"]["body"])
    assert answer.status_code == 201
    one = kind.removesuffix("s")
    theirs = dict(recorded["response"]["body"][one])
    ours = answer.json()[one]
    for unknown in ("user_id", "from_country"):
        theirs.pop(unknown)
        ours.pop(unknown)
    # What is nothing has a sign in the recording.
    assert ours | {"shipping": "0.0"} == theirs | {"shipping": "0.0"}


@needs("taxjar")
def test_a_repeat_is_refused_as_it_is_on_record(sandbox: RunningSandbox) -> None:
    ask(sandbox, "POST", "/transactions/orders", ORDER)
    refund = {**ORDER, "transaction_reference_id": "x"}
    for path, body in (("orders", ORDER), ("refunds", refund)):
        answer = ask(sandbox, "POST", f"/transactions/{path}", body)
        assert (answer.status_code, answer.json()) == (
            422,
            read("taxjar", "recorded/refunds.create.422.duplicate.json")["response"]["body"],
        )


@needs("taxjar")
def test_a_wrong_key_is_refused_as_it_is_on_record(sandbox: RunningSandbox) -> None:
    recorded = read("taxjar", "recorded/nexus.401.json")["response"]
    answer = sandbox.control.get("/taxjar/v2/transactions/orders", headers={"Authorization": "Bearer x"})
    assert answer.status_code == recorded["status"]
    assert answer.json().keys() == recorded["body"].keys()
    assert answer.json()["error"] == recorded["body"]["error"]


def test_what_is_no_json_is_not_taken(sandbox: RunningSandbox) -> None:
    answer = sandbox.control.post("/taxjar/v2/taxes", data={"to_country": "US"}, headers=KEY)
    assert answer.status_code == 406


@pytest.mark.parametrize(
    ("changes", "word"),
    [
        ({"to_country": ""}, "to_country"),
        ({"to_zip": None}, "to_zip"),
        ({"to_state": ""}, "to_state"),
        ({"to_zip": "90002"}, "not used within"),
        ({"shipping": None}, "shipping"),
        ({"amount": None, "line_items": []}, "amount"),
        ({"amount": "much"}, "parse"),
    ],
)
def test_a_question_that_lacks_something_is_refused_by_its_name(
    sandbox: RunningSandbox, changes: dict[str, Any], word: str
) -> None:
    body = {"to_country": "US", "to_zip": "11430", "to_state": "NY", "shipping": 0, "amount": 10, **changes}
    answer = ask(sandbox, "POST", "/taxes", {key: told for key, told in body.items() if told is not None})
    assert answer.status_code == 400
    assert word in answer.json()["detail"]


@pytest.mark.parametrize(
    "changes",
    [
        {"transaction_id": "has spaces"},
        {"transaction_id": ""},
        {"transaction_date": ""},
        {"amount": 16.51},
        {"sales_tax": None},
        {"to_state": None},
    ],
)
def test_a_transaction_that_does_not_add_up_is_refused(
    sandbox: RunningSandbox, changes: dict[str, Any]
) -> None:
    body = {key: told for key, told in {**ORDER, **changes}.items() if told is not None}
    assert ask(sandbox, "POST", "/transactions/orders", body).status_code == 400
    assert sandbox.control.get("/_control/taxjar/transactions").json() == []


def test_transactions_are_shown_changed_listed_and_deleted(sandbox: RunningSandbox) -> None:
    path = "/transactions/orders/ord_1"
    assert ask(sandbox, "GET", path).status_code == 404
    assert ask(sandbox, "PUT", path, ORDER).status_code == 404
    ask(sandbox, "POST", "/transactions/orders", ORDER)
    assert ask(sandbox, "PUT", path, {**ORDER, "sales_tax": 1}).json()["order"]["sales_tax"] == "1.0"
    days = "from_transaction_date=2024/01/26&to_transaction_date=2024/01/26"
    assert ask(sandbox, "GET", f"/transactions/orders?{days}").json() == {"orders": ["ord_1"]}
    assert ask(sandbox, "GET", "/transactions/orders?transaction_date=2024/01/27").json() == {"orders": []}
    assert ask(sandbox, "GET", "/transactions/refunds/ord_1").status_code == 404
    assert ask(sandbox, "DELETE", path).status_code == 200
    assert ask(sandbox, "DELETE", path).status_code == 404


@pytest.mark.parametrize(
    ("place", "rate", "freight"),
    [
        (("US", "CA", "90002"), 0.095, False),
        (("US", "TX", "78701"), 0.0825, True),
        (("CA", "BC", "V6B 1A1"), 0.12, True),
        (("DE", "", "10117"), 0.19, True),
        (("AU", "NSW", "2000"), 0.1, True),
    ],
)
def test_each_place_has_its_rate(
    sandbox: RunningSandbox, place: tuple[str, str, str], rate: float, freight: bool
) -> None:
    country, state, postcode = place
    body = {"to_country": country, "to_state": state, "to_zip": postcode, "shipping": 10, "amount": 100}
    tax = ask(sandbox, "POST", "/taxes", body).json()["tax"]
    assert (tax["rate"], tax["freight_taxable"], tax["has_nexus"]) == (rate, freight, True)
    assert tax["amount_to_collect"] == pytest.approx((110 if freight else 100) * rate, abs=0.0051)


def test_nothing_is_collected_without_a_nexus_or_from_who_is_exempt(sandbox: RunningSandbox) -> None:
    body = {"to_country": "US", "to_state": "NV", "to_zip": "89101", "shipping": 1, "amount": 10}
    assert ask(sandbox, "POST", "/taxes", body).json()["tax"]["has_nexus"] is False
    queens = {**body, "to_state": "NY", "to_zip": "11430", "exemption_type": "government"}
    assert ask(sandbox, "POST", "/taxes", queens).json()["tax"]["amount_to_collect"] == 0


def test_nonsense_is_told_as_often_as_it_was_asked_for(sandbox: RunningSandbox) -> None:
    body = {"to_country": "DE", "shipping": 1, "amount": 10}
    nonsense = {"way": "negative", "times": 2}
    sandbox.control.post("/_control/taxjar/nonsense", json=nonsense).raise_for_status()
    told = [ask(sandbox, "POST", "/taxes", body).json()["tax"]["amount_to_collect"] for _ in range(3)]
    assert [amount < 0 for amount in told] == [True, True, False]
    assert sandbox.control.get("/_control/taxjar/nonsense").json() == {"negative": 2}
