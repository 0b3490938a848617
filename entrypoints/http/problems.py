"""Every refusal and its answer: the only place that knows HTTP status codes."""

from dataclasses import dataclass, replace
from typing import Final

from domain import errors
from domain.errors import DomainRefusal
from entrypoints.http.structs.checkouts import CheckoutShown
from entrypoints.http.structs.problems import FieldProblem
from ports.errors import (
    CheckoutHasOrder,
    ConcurrentChange,
    EmailInUse,
    OutcomeUnknown,
    PortError,
    ProviderAccountInUse,
    Rejected,
    SignatureInvalid,
    Unavailable,
)


@dataclass(frozen=True, slots=True, kw_only=True)
class Answer:
    """`code` is stable; `remedy` says what to do. With `retry_after` the same request may be sent again."""

    status: int
    code: str
    remedy: str
    retry_after: int | None = None

    @property
    def title(self) -> str:
        return self.code.replace("_", " ").capitalize()


def _own(status: int, code: str, remedy: str, retry_after: int | None = None) -> Answer:
    return Answer(status=status, code=code, remedy=remedy, retry_after=retry_after)


def _snake_case(name: str) -> str:
    return "".join(f"_{letter.lower()}" if letter.isupper() else letter for letter in name).lstrip("_")


# What the API itself refuses, before any story is told.
UNAUTHENTICATED: Final = _own(
    401, "unauthenticated", "Send Authorization: Bearer and an API key of this shop."
)
FORBIDDEN: Final = _own(
    403, "forbidden", "Use a key whose role may do this; a secret key never in a browser."
)
CLIENT_TOKEN_MISSING: Final = _own(
    403,
    "client_token_missing",
    "Send Client-Token: the client_token that came when the checkout was created.",
)
KEY_MISSING: Final = _own(
    400,
    "idempotency_key_missing",
    "Send Idempotency-Key: a new UUID for each intention, the same one when you repeat the request.",
)
KEY_INVALID: Final = _own(
    400, "idempotency_key_invalid", "Use 1 to 255 printable ASCII characters, such as a UUID."
)
KEY_REUSED: Final = _own(
    422, "idempotency_key_reused", "This key came with another request before; make a new key for a new one."
)
IN_FLIGHT: Final = _own(
    409, "request_in_flight", "The first request with this key is still at work; repeat it in a while.", 1
)
MALFORMED_BODY: Final = _own(400, "malformed_body", "Send a body that is one JSON document in UTF-8.")
INVALID_REQUEST: Final = _own(
    422, "invalid_request", "Change the fields that errors names, as their rules say."
)
INVALID_QUERY: Final = _own(
    400, "invalid_query", "Change the parameters that errors names, as their rules say."
)
BODY_TOO_LARGE: Final = _own(413, "body_too_large", "Send a body of at most 1 MiB.")
UNSUPPORTED_MEDIA_TYPE: Final = _own(415, "unsupported_media_type", "Send Content-Type: application/json.")
UNKNOWN_PRODUCT: Final = _own(404, "unknown_product", "Use the SKU of a product that is on sale.")
NO_SUCH_PLAN: Final = _own(404, "no_such_plan", "Use the id of a plan that is on sale; list /v1/plans.")
UNKNOWN_STOCK: Final = _own(404, "unknown_stock", "There never was stock of this SKU; receive some first.")
UNKNOWN_RECONCILIATION: Final = _own(
    404, "unknown_reconciliation", "Use the id of a reconciliation that is listed."
)
NOT_FOUND: Final = _own(404, "not_found", "There is nothing at this path; see /schema.")
METHOD_NOT_ALLOWED: Final = _own(
    405, "method_not_allowed", "This path doesn't take this method; see /schema."
)
BAD_REQUEST: Final = _own(400, "bad_request", "The request can't be understood; compare it with /schema.")
INTERNAL_ERROR: Final = _own(
    500, "internal_error", "This is our fault and was recorded. Repeat it with the same Idempotency-Key."
)
NO_SUCH_PRODUCT: Final = replace(
    UNKNOWN_PRODUCT, remedy="No product has this SKU: correct it, or add the product first, on sale or not."
)

# What the domain and the ports refuse: status and remedy. A refusal's code is its own name in snake case.
_TOLD: Final[dict[type[DomainRefusal] | type[PortError], tuple[int, str]]] = {
    errors.UnknownCheckout: (404, "There is no such checkout, or your Client-Token doesn't open it."),
    errors.UnknownOrder: (404, "There is no such order, or your Client-Token doesn't open it."),
    errors.UnknownCustomer: (404, "There is no such customer; list them under /v1/customers."),
    errors.CustomerStillNeeded: (
        409,
        "Wait until the orders that errors names are settled and end the subscriptions; then ask again.",
    ),
    errors.NotACustomer: (422, "Use the id of a customer who is active, or leave it out."),
    errors.CustomerNotAllowed: (403, "Leave customer_id out: only a secret key may say who is buying."),
    errors.EmailAlreadyRegistered: (
        409,
        "Use the customer that has this address, whom errors names; or register another address.",
    ),
    errors.UnknownReturn: (404, "Go back to the shop that you came from: your order is there."),
    errors.UnknownCurrency: (422, "Use the ISO 4217 code of a currency that FastCart sells in."),
    errors.CurrencyMismatch: (422, "Give every amount in the checkout's currency."),
    errors.FieldRefused: (422, "Change the field as its rule says."),
    errors.PriceNotAllowed: (403, "Leave unit_price out: only a secret key may set prices."),
    errors.TaxExemptionNotAllowed: (403, "Leave tax_exemption out: only a secret key may grant one."),
    errors.UnknownSku: (422, "Use the SKU of a product that is on sale, or take the line out."),
    errors.NoPriceInCurrency: (422, "This product isn't sold in the checkout's currency; take it out."),
    errors.UnknownDiscountCode: (422, "The code is unknown or not valid now; leave it out or try another."),
    errors.UnknownDeliveryOption: (422, "Choose one of the ids that delivery-options lists."),
    errors.DestinationNotTaxable: (
        422,
        "The shop can't tell the tax for this place, so it can't sell there: correct the address.",
    ),
    errors.CheckoutNotReady: (409, "Complete the checkout as messages say, then place it again."),
    errors.CheckoutClosed: (409, "This checkout can't be changed any more; create a new one."),
    errors.StaleVersion: (412, "It has changed since you read it: read it again, then repeat your change."),
    errors.QuoteChanged: (
        409,
        "Show the shopper the new total, and place again with it once they accept it.",
    ),
    errors.OutOfStock: (409, "Fewer pieces are left than that: lower the quantity, or take them out."),
    errors.OrderAlreadyPaid: (409, "The order is paid: give the money back with a refund instead."),
    errors.OrderNotPayable: (409, "The order takes no payment now; read its status."),
    errors.TransitionRefused: (409, "Its present state doesn't allow that; read it again."),
    errors.RefundExceedsBalance: (422, "Ask for no more than is left to refund."),
    errors.PaymentNotCaptured: (
        409,
        "No money was taken yet: wait for it, refund everything to call the order off, or report a shortage.",
    ),
    errors.PaymentDisputed: (409, "The shopper's bank has the money in hand; answer the dispute instead."),
    errors.UnknownLine: (422, "Use the id of one of the order's lines."),
    errors.TooManyPieces: (422, "Name no more pieces than are left of the line."),
    errors.ShortageTooLate: (409, "The sum to be taken stands fast; give money back with a refund instead."),
    errors.NothingLeftToShip: (409, "Nothing would remain of the order; cancel it instead."),
    errors.UnknownCase: (404, "There is no case with this id; list them under /v1/cases."),
    errors.CaseAlreadyResolved: (409, "It was resolved before, otherwise; read the case."),
    errors.ActionNotPossible: (409, "Choose one of the actions that can_be_done lists; read the case again."),
    errors.UnknownParkedWork: (404, "Nothing with this id is parked (any more); list /v1/parked-work."),
    errors.UnknownPlan: (422, "Use the id of a plan that is on sale."),
    errors.PlanNotSoldIn: (422, "The plan has no price in this currency; choose another of either."),
    errors.UnknownSubscription: (404, "There is no subscription with this id; list /v1/subscriptions."),
    errors.AlreadySubscribed: (409, "The customer has this plan already; read their subscriptions."),
    errors.SubscriptionOver: (409, "It has ended, or was never begun; subscribe the customer anew."),
    errors.SubscriptionBusy: (
        409,
        "What was asked for before is still on its way to the provider; repeat it in a while.",
    ),
    errors.TotalsDoNotAddUp: (502, "A price or tax came out that can't be charged; nothing was changed."),
    Rejected: (422, "A service that the shop uses refused this."),
    Unavailable: (
        503,
        "A service that the shop uses is away and nothing has happened; repeat it in a while.",
    ),
    OutcomeUnknown: (503, "It may have happened: look it up, or repeat it with the same Idempotency-Key."),
    ConcurrentChange: (409, "Somebody changed it at the same moment; repeat the request."),
    CheckoutHasOrder: (409, "This checkout was placed already; read its order."),
    EmailInUse: (409, "A customer has this address; use that one."),
    ProviderAccountInUse: (409, "The provider's id is another customer's; look at the provider's records."),
    SignatureInvalid: (400, "The signature doesn't fit the body, or is too old; check the webhook secret."),
}
_RETRY_AFTER: Final[dict[type[Exception], int]] = {
    ConcurrentChange: 1,
    Unavailable: 2,
    OutcomeUnknown: 2,
    errors.SubscriptionBusy: 2,
}
_CODES: Final[dict[type[Exception], str]] = {
    Rejected: "refused_by_service",
    Unavailable: "service_temporarily_unavailable",
}

Kind = type[DomainRefusal] | type[PortError]
ANSWERS: Final[dict[Kind, Answer]] = {
    kind: Answer(
        status=status,
        code=_CODES.get(kind) or _snake_case(kind.__name__),
        remedy=remedy,
        retry_after=_RETRY_AFTER.get(kind),
    )
    for kind, (status, remedy) in _TOLD.items()
}
# Whoever writes pieces off has no lines to change.
TOO_FEW_FREE: Final = replace(
    ANSWERS[errors.OutOfStock], remedy="Fewer pieces are free than that: write off no more than are free."
)


class Refused(Exception):
    """The API says no with one of its own answers, or with more than the refusal itself knows."""

    def __init__(
        self,
        answer: Answer,
        *fields: FieldProblem,
        checkout: CheckoutShown | None = None,
        total_minor: int | None = None,
    ) -> None:
        super().__init__(answer.code)
        self.answer = answer
        self.fields = fields
        self.checkout = checkout
        self.total_minor = total_minor
