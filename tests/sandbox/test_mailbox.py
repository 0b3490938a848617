"""Mail that SendGrid's SDK sends lands in the mailbox; wrong mail is refused as SendGrid refuses it."""

from typing import Any

import httpx
import pytest
from sendgrid import SendGridAPIClient  # type: ignore[import-untyped]
from sendgrid.helpers.mail import Mail  # type: ignore[import-untyped]

from tests.sandbox.server import RunningSandbox

_GOOD: dict[str, Any] = {
    "personalizations": [{"to": [{"email": "Ada@Example.com"}], "dynamic_template_data": {"order": "ord_1"}}],
    "from": {"email": "shop@example.com"},
    "template_id": "d-confirmed",
    "custom_args": {"message_id": "msg_1"},
}


def _send(sandbox: RunningSandbox, mail: object, key: str = "SG.sandbox") -> httpx.Response:
    headers = {"Authorization": f"Bearer {key}"}
    return sandbox.control.post("/sendgrid/v3/mail/send", json=mail, headers=headers)


def test_the_sdks_mail_is_accepted_and_kept(sandbox: RunningSandbox) -> None:
    mail = Mail("shop@example.com", "ada@example.com", "Your order", "It is on its way.")
    answer = SendGridAPIClient("SG.sandbox", host=f"{sandbox.url}/sendgrid").send(mail)
    assert answer.status_code == 202
    assert answer.headers["X-Message-Id"]
    (letter,) = sandbox.control.get("/_control/mailbox", params={"to": "ada@example.com"}).json()
    assert (letter["id"], letter["subject"]) == (answer.headers["X-Message-Id"], "Your order")
    assert letter["text"] == "It is on its way."


def test_template_data_and_our_own_ids_are_kept(sandbox: RunningSandbox) -> None:
    assert _send(sandbox, _GOOD).status_code == 202
    (letter,) = sandbox.control.get("/_control/mailbox").json()
    assert (letter["template_id"], letter["to"]) == ("d-confirmed", ["ada@example.com"])
    assert (letter["template_data_json"], letter["custom_args"]) == (
        '{"order":"ord_1"}',
        {"message_id": "msg_1"},
    )
    assert sandbox.control.get("/_control/mailbox", params={"to": "bob@example.com"}).json() == []
    sandbox.control.delete("/_control/mailbox").raise_for_status()
    assert sandbox.control.get("/_control/mailbox").json() == []


@pytest.mark.parametrize(
    ("change", "field"),
    [
        ({"personalizations": []}, "personalizations"),
        ({"personalizations": [{"to": []}]}, "personalizations.0.to"),
        ({"personalizations": [{"to": [{"email": "nobody"}]}]}, "personalizations.0.to.0.email"),
        ({"from": None}, "from.email"),
        ({"template_id": None, "subject": "Hello"}, "content"),
        ({"template_id": None, "content": [{"type": "text/plain", "value": "x"}]}, "subject"),
        ({"personalizations": "all of them"}, None),
    ],
)
def test_wrong_mail_is_refused_by_field(
    sandbox: RunningSandbox, change: dict[str, object], field: str | None
) -> None:
    answer = _send(sandbox, _GOOD | change)
    (error,) = answer.json()["errors"]
    assert (answer.status_code, error["field"]) == (400, field)
    assert sandbox.control.get("/_control/mailbox").json() == []


def test_an_address_can_be_made_to_be_refused_and_taken_again(sandbox: RunningSandbox) -> None:
    refused = "/_control/mailbox/refused/ada@example.com"
    sandbox.control.post(refused).raise_for_status()
    (error,) = _send(sandbox, _GOOD).json()["errors"]
    assert error["field"] == "personalizations.0.to.0.email"
    sandbox.control.delete(refused).raise_for_status()
    assert _send(sandbox, _GOOD).status_code == 202


def test_without_a_key_no_mail_is_taken(sandbox: RunningSandbox) -> None:
    assert _send(sandbox, _GOOD, key="wrong").status_code == 401


@pytest.mark.parametrize(
    ("kind", "status", "letters"), [("429", 429, 0), ("500", 500, 0), ("500_after", 500, 1)]
)
def test_mail_suffers_faults_like_everything_else(
    sandbox: RunningSandbox, kind: str, status: int, letters: int
) -> None:
    sandbox.fault("mail.send", kind, vendor="sendgrid")
    assert _send(sandbox, _GOOD).status_code == status
    assert len(sandbox.control.get("/_control/mailbox").json()) == letters


def test_a_lost_answer_leaves_the_mail_sent(sandbox: RunningSandbox) -> None:
    sandbox.fault("mail.send", "lost", vendor="sendgrid")
    with pytest.raises(httpx.RemoteProtocolError):
        _send(sandbox, _GOOD)
    assert len(sandbox.control.get("/_control/mailbox").json()) == 1
