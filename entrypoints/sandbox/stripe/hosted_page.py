"""The bank's 3-D Secure page: two buttons for the shopper, and the way back to the shop."""

from html import escape
from http import HTTPStatus
from typing import Final
from urllib.parse import urlencode

import msgspec
from litestar import MediaType, Response, get, post
from litestar.params import FromPath, URLEncodedBody
from litestar.response import Redirect

from entrypoints.sandbox.dependency import TheWorld
from entrypoints.sandbox.stripe.currencies import shown
from entrypoints.sandbox.stripe.models import IntentStatus, PaymentIntent

_PAGE: Final = """<!doctype html>
<html lang="en">
<meta charset="utf-8">
<meta name="viewport" content="width=device-width, initial-scale=1">
<title>3-D Secure test page</title>
<style>body {{ font: 16px/1.5 system-ui; max-width: 28rem; margin: 15vh auto; padding: 0 1rem }}
button {{ font: inherit; padding: .5rem 1rem; margin-right: .5rem }}</style>
<h1>{title}</h1>
<p>{text}</p>
{form}
</html>
"""
_FORM: Final = """<form method="post">
<button name="outcome" value="complete">Complete authentication</button>
<button name="outcome" value="fail">Fail authentication</button>
</form>"""


class Answer(msgspec.Struct):
    outcome: str = "fail"


@get("/stripe/3d_secure/{authentication_id:str}", include_in_schema=False)
async def show_page(authentication_id: FromPath[str], world: TheWorld) -> Response[str]:
    intent = world.stripe.awaiting_authentication(authentication_id)
    if intent is None:
        return _page(
            "Nothing to authenticate", "This page was answered already, or never existed.", found=False
        )
    return _page(
        "Is it you?",
        f"The sandbox's bank asks you to approve {shown(intent.amount, intent.currency)}.",
        form=True,
    )


@post("/stripe/3d_secure/{authentication_id:str}", include_in_schema=False, status_code=200)
async def answer_page(
    authentication_id: FromPath[str],
    data: URLEncodedBody[Answer],
    world: TheWorld,
) -> Response[str] | Redirect:
    intent = world.stripe.awaiting_authentication(authentication_id)
    if intent is None or intent.authentication is None:
        return _page(
            "Nothing to authenticate", "This page was answered already, or never existed.", found=False
        )
    return_url = intent.authentication.return_url
    bank = world.stripe.bank
    after = (
        bank.complete_authentication(intent.id)
        if data.outcome == "complete"
        else bank.fail_authentication(intent.id)
    )
    if return_url is None:
        return _page("Thank you", "You can close this page.")
    return Redirect(_return_address(return_url, after), status_code=303)


def _return_address(return_url: str, intent: PaymentIntent) -> str:
    """With the three parameters that Stripe adds for the shop."""
    failed = intent.status is IntentStatus.REQUIRES_PAYMENT_METHOD
    told = {
        "payment_intent": intent.id,
        "payment_intent_client_secret": intent.client_secret,
        "redirect_status": "failed" if failed else "succeeded",
    }
    return f"{return_url}{'&' if '?' in return_url else '?'}{urlencode(told)}"


def _page(title: str, text: str, *, form: bool = False, found: bool = True) -> Response[str]:
    page = _PAGE.format(title=escape(title), text=escape(text), form=_FORM if form else "")
    status = HTTPStatus.OK if found else HTTPStatus.NOT_FOUND
    return Response(page, media_type=MediaType.HTML, status_code=status)
