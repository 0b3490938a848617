"""Problem details (RFC 9457): what went wrong, where, and what to do about it."""

from typing import Final

import msgspec

from entrypoints.http.structs.checkouts import CheckoutShown
from entrypoints.http.structs.sums import MessageShown

# A name that was sent is repeated so far and no further.
LONGEST_NAME: Final = 64


class FieldProblem(msgspec.Struct, frozen=True):
    """`path` is a JSON pointer into the body, `?name` a query parameter, `/{name}` a path parameter.

    `rule` is what would be accepted there.
    """

    path: str
    rule: str


class Problem(msgspec.Struct, frozen=True, kw_only=True, omit_defaults=True):
    """`type` and `code` are stable; `title` and `detail` are for people. The rest comes where it helps:

    - `errors`: the fields concerned, each with its rule;
    - `messages`: what a checkout still needs before it can be placed;
    - `skus`: the goods that ran out;
    - `total_minor` and `checkout`: the new quote, to be shown to the shopper and accepted.
    """

    type: str
    title: str
    status: int
    code: str
    detail: str
    errors: list[FieldProblem] = []
    messages: list[MessageShown] = []
    skus: list[str] = []
    total_minor: int | None = None
    checkout: CheckoutShown | None = None
