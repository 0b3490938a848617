"""SendGrid's Mail Send (v3): what it accepts lands in the mailbox, the rest is refused in its words."""

from http import HTTPStatus
from typing import Any, Final

import msgspec
from litestar import Request, post
from litestar.response.base import ASGIResponse
from litestar.types import ASGIApp

from entrypoints.sandbox.connection import answered
from entrypoints.sandbox.dependency import TheWorld
from entrypoints.sandbox.mailbox import Letter
from entrypoints.sandbox.world import World

VENDOR: Final = "sendgrid"
_MOST_PERSONALIZATIONS: Final = 1000


class _Address(msgspec.Struct):
    email: str = ""
    name: str | None = None


class _Personalization(msgspec.Struct):
    to: list[_Address] = []
    cc: list[_Address] = []
    bcc: list[_Address] = []
    subject: str | None = None
    dynamic_template_data: msgspec.Raw = msgspec.Raw()
    custom_args: dict[str, str] = {}


class _Content(msgspec.Struct):
    type: str
    value: str


class _Switch(msgspec.Struct):
    enable: bool = False


class _MailSettings(msgspec.Struct):
    sandbox_mode: _Switch = msgspec.field(default_factory=_Switch)


class _Mail(msgspec.Struct):
    sender: _Address | None = msgspec.field(default=None, name="from")
    personalizations: list[_Personalization] = []
    subject: str | None = None
    content: list[_Content] = []
    template_id: str | None = None
    custom_args: dict[str, str] = {}
    mail_settings: _MailSettings = msgspec.field(default_factory=_MailSettings)


class _Problem(msgspec.Struct):
    message: str
    field: str | None = None
    help: str | None = None


@post("/sendgrid/v3/mail/send", include_in_schema=False)
async def send_mail(request: Request[Any, Any, Any], world: TheWorld) -> ASGIApp:
    if not request.headers.get("authorization", "").startswith("Bearer SG."):
        message = "The provided authorization grant is invalid, expired, or revoked"
        return _refused(HTTPStatus.UNAUTHORIZED, _Problem(message))
    body = await request.body()
    misfortune = await world.suffer(VENDOR, "mail.send")
    return answered(misfortune, perform=lambda: _accept(body, world), refuse=_failed)


def _accept(body: bytes, world: World) -> ASGIApp:
    try:
        mail = msgspec.json.decode(body, type=_Mail)
    except msgspec.MsgspecError:
        return _refused(HTTPStatus.BAD_REQUEST, _Problem("Bad Request"))
    if problems := _problems(mail, world):
        return _refused(HTTPStatus.BAD_REQUEST, *problems)
    if mail.mail_settings.sandbox_mode.enable:
        return ASGIResponse(status_code=HTTPStatus.OK)
    identifier = world.clock.new_secret()[:22]
    for personalization in mail.personalizations:
        world.mailbox.put(_letter(identifier, mail, personalization, world))
    return ASGIResponse(status_code=HTTPStatus.ACCEPTED, headers={"X-Message-Id": identifier})


def _letter(identifier: str, mail: _Mail, personalization: _Personalization, world: World) -> Letter:
    recipients = (*personalization.to, *personalization.cc, *personalization.bcc)
    template_data = personalization.dynamic_template_data
    return Letter(
        id=identifier,
        vendor=VENDOR,
        at=world.clock.now(),
        sender=mail.sender.email if mail.sender else "",
        to=tuple(recipient.email.lower() for recipient in recipients),
        subject=personalization.subject or mail.subject,
        template_id=mail.template_id,
        template_data_json=bytes(template_data).decode() or None,
        text=next((part.value for part in mail.content if part.type == "text/plain"), None),
        html=next((part.value for part in mail.content if part.type == "text/html"), None),
        custom_args={**mail.custom_args, **personalization.custom_args},
    )


def _problems(mail: _Mail, world: World) -> list[_Problem]:
    problems = list[_Problem]()
    if not mail.personalizations:
        message = "The personalizations field is required and must have at least one personalization."
        problems.append(_Problem(message, "personalizations"))
    if len(mail.personalizations) > _MOST_PERSONALIZATIONS:
        problems.append(
            _Problem("There are too many personalizations; at most 1000 are allowed.", "personalizations")
        )
    if mail.sender is None or "@" not in mail.sender.email:
        message = (
            "The from object must be provided for every email send. It is an object that requires the email"
            " parameter."
        )
        problems.append(_Problem(message, "from.email"))
    for index, personalization in enumerate(mail.personalizations):
        problems += _recipient_problems(index, personalization, world)
    if mail.template_id is None:
        problems += _content_problems(mail)
    return problems


def _recipient_problems(index: int, personalization: _Personalization, world: World) -> list[_Problem]:
    field = f"personalizations.{index}.to"
    if not personalization.to:
        message = (
            "The to array is required for all personalization objects, and must have at least one email"
            " object."
        )
        return [_Problem(message, field)]
    return [
        _Problem("Does not contain a valid address.", f"{field}.{position}.email")
        for position, recipient in enumerate(personalization.to)
        if "@" not in recipient.email or world.mailbox.refuses(recipient.email)
    ]


def _content_problems(mail: _Mail) -> list[_Problem]:
    problems = list[_Problem]()
    if mail.subject is None and not all(part.subject for part in mail.personalizations):
        message = (
            "The subject is required. You can get around this requirement if you use a template with a"
            " subject defined or if every personalization has a subject defined."
        )
        problems.append(_Problem(message, "subject"))
    if not mail.content:
        message = "Unless a valid template_id is provided, the content parameter is required."
        problems.append(_Problem(message, "content"))
    return problems


def _failed(status: HTTPStatus) -> ASGIApp:
    if status is HTTPStatus.TOO_MANY_REQUESTS:
        return _refused(status, _Problem("too many requests"))
    return _refused(status, _Problem("internal server error"))


def _refused(status: HTTPStatus, *problems: _Problem) -> ASGIApp:
    body = msgspec.json.encode({"errors": problems})
    return ASGIResponse(body=body, status_code=status, media_type="application/json")
