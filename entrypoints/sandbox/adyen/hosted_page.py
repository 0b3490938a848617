"""The page that a shopper is sent to, a bank's or a wallet's: yes or no, and back to the shop."""

from html import escape
from typing import Final
from urllib.parse import urlencode

import msgspec
from litestar import MediaType, Response, get, post
from litestar.params import FromPath, URLEncodedBody
from litestar.response import Redirect

from entrypoints.sandbox.dependency import TheWorld

_PAGE: Final = """<!doctype html>
<html lang="en">
<meta charset="utf-8">
<meta name="viewport" content="width=device-width, initial-scale=1">
<title>Payment test page</title>
<style>body {{ font: 16px/1.5 system-ui; max-width: 28rem; margin: 15vh auto; padding: 0 1rem }}
button {{ font: inherit; padding: .5rem 1rem; margin-right: .5rem }}</style>
<h1>Is it you?</h1>
<p>The sandbox's bank asks you to approve {amount}.</p>
<form method="post">
<button name="outcome" value="complete">Approve</button>
<button name="outcome" value="fail">Refuse</button>
</form>
</html>
"""


class Answer(msgspec.Struct):
    outcome: str = "fail"


@get("/adyen/redirect/{psp_reference:str}", include_in_schema=False)
async def show_page(psp_reference: FromPath[str], world: TheWorld) -> Response[str]:
    payment = world.adyen.payments.get(psp_reference)
    if payment is None or payment.redirect_result is None or payment.is_approved is not None:
        return Response("This page was answered already, or never existed.", status_code=404)
    amount = payment.asked.amount
    page = _PAGE.format(amount=escape(f"{amount.value} {amount.currency} (minor units)"))
    return Response(page, media_type=MediaType.HTML)


@post("/adyen/redirect/{psp_reference:str}", include_in_schema=False, status_code=200)
async def answer_page(
    psp_reference: FromPath[str], data: URLEncodedBody[Answer], world: TheWorld
) -> Response[str] | Redirect:
    payment = world.adyen.payments.get(psp_reference)
    if payment is None or payment.redirect_result is None or payment.is_approved is not None:
        return Response("This page was answered already, or never existed.", status_code=404)
    world.adyen.bank_answers(psp_reference, approves=data.outcome == "complete")
    told = urlencode({"redirectResult": payment.redirect_result})
    back = payment.asked.return_url
    return Redirect(f"{back}{'&' if '?' in back else '?'}{told}", status_code=303)
