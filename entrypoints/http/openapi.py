"""What the generated OpenAPI 3.1 says beyond the structs: headers, problems of each route, security."""

from collections import defaultdict
from dataclasses import dataclass
from typing import Final

from litestar.openapi import OpenAPIConfig
from litestar.openapi.datastructures import ResponseSpec
from litestar.openapi.spec import (
    Components,
    OpenAPIType,
    Operation,
    Parameter,
    Schema,
    SecurityRequirement,
    SecurityScheme,
    Tag,
)

from domain import errors
from entrypoints.http import problems
from entrypoints.http.error_answers import MEDIA_TYPE
from entrypoints.http.problems import ANSWERS, Answer, Kind
from entrypoints.http.structs.problems import Problem
from ports.errors import ConcurrentChange, OutcomeUnknown, Unavailable

KEY_ONLY: Final[list[SecurityRequirement]] = [{"api_key": []}]
KEY_AND_TOKEN: Final[list[SecurityRequirement]] = [{"api_key": []}, {"api_key": [], "client_token": []}]
NOBODY: Final[list[SecurityRequirement]] = [{}]

# Groups of answers that routes have in common.
CALLER: Final = (problems.UNAUTHENTICATED, problems.FORBIDDEN, problems.INVALID_QUERY)
TOKEN: Final = (*CALLER, problems.CLIENT_TOKEN_MISSING)
REPEATS: Final = (problems.KEY_INVALID, problems.KEY_REUSED, problems.IN_FLIGHT)
BODY: Final = (
    problems.MALFORMED_BODY,
    problems.INVALID_REQUEST,
    problems.BODY_TOO_LARGE,
    problems.UNSUPPORTED_MEDIA_TYPE,
)
QUOTE: Final[tuple[Kind, ...]] = (
    errors.UnknownCurrency,
    errors.CurrencyMismatch,
    errors.FieldRefused,
    errors.PriceNotAllowed,
    errors.TaxExemptionNotAllowed,
    errors.CustomerNotAllowed,
    errors.NotACustomer,
    errors.UnknownSku,
    errors.NoPriceInCurrency,
    errors.UnknownDiscountCode,
    errors.UnknownDeliveryOption,
    errors.TotalsDoNotAddUp,
    errors.DestinationNotTaxable,
    OutcomeUnknown,
)
_EVERYWHERE: Final[tuple[Kind | Answer, ...]] = (
    problems.BAD_REQUEST,
    Unavailable,
    ConcurrentChange,
    problems.INTERNAL_ERROR,
)


def refusals(*kinds: Kind | Answer) -> dict[int, ResponseSpec]:
    """The problems that a route may answer with, by status."""
    by_status: dict[int, dict[str, Answer]] = defaultdict(dict)
    for kind in (*kinds, *_EVERYWHERE):
        answer = kind if isinstance(kind, Answer) else ANSWERS[kind]
        by_status[answer.status][answer.code] = answer
    return {
        status: ResponseSpec(
            data_container=Problem,
            generate_examples=False,
            media_type=MEDIA_TYPE,
            description="\n".join(f"- `{answer.code}`: {answer.remedy}" for answer in answers.values()),
        )
        for status, answers in sorted(by_status.items())
    }


def _key_parameter(*, required: bool) -> Parameter:
    return Parameter(
        name="Idempotency-Key",
        param_in="header",
        required=required,
        schema=Schema(type=OpenAPIType.STRING, min_length=1, max_length=255, pattern="^[ -~]+$"),
        description=(
            "A new UUID for each intention, unguessable. A repeat with the same key and body gets the first "
            "answer again, with `Idempotent-Replayed: true`. Kept for 24 hours, for this API key and route."
        ),
    )


@dataclass
class Repeatable(Operation):
    """May carry an Idempotency-Key."""

    def __post_init__(self) -> None:
        self.parameters = [*(self.parameters or []), _key_parameter(required=False)]


@dataclass
class MovesMoney(Operation):
    """Must carry an Idempotency-Key."""

    def __post_init__(self) -> None:
        self.parameters = [*(self.parameters or []), _key_parameter(required=True)]


def openapi_config() -> OpenAPIConfig:
    return OpenAPIConfig(
        title="FastCart",
        version="1",
        description=(
            "From a shopper's cart to a paid order. Amounts are integers in minor units, times RFC 3339 in "
            "UTC, errors RFC 9457 problem details with a stable `code`."
        ),
        path="/schema",
        use_handler_docstrings=True,
        components=Components(
            security_schemes={
                "api_key": SecurityScheme(
                    type="http",
                    scheme="bearer",
                    description="A key: `fc_pk_…` in browsers, `fc_sk_…` on servers, `fc_op_…` for people.",
                ),
                "client_token": SecurityScheme(
                    type="apiKey",
                    name="Client-Token",
                    security_scheme_in="header",
                    description="Opens one checkout and its order to a publishable key.",
                ),
            }
        ),
        tags=[
            Tag(name="Checkouts", description="Carts on their way to an order."),
            Tag(name="Orders", description="What was agreed, how it stands, and why."),
            Tag(name="Customers", description="Whom the shop knows again, and what they saved to pay with."),
            Tag(name="Catalog", description="What is sold: products, discount codes, stock."),
            Tag(name="Subscriptions", description="Who pays for which plan, again and again."),
            Tag(name="Cases", description="What a person must decide, and work that was parked for one."),
            Tag(
                name="Operations",
                description="Reconciliations; and for machines, webhooks and health.",
            ),
        ],
    )
