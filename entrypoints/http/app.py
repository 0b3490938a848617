"""The Litestar application: its routes, the way in, and how errors are answered."""

from collections.abc import Sequence
from typing import Final

from litestar import Litestar, Router
from litestar.config.cors import CORSConfig
from litestar.datastructures import State
from litestar.di import Provide
from litestar.types import ControllerRouterHandler

from entrypoints.http.answers import JsonAnswer
from entrypoints.http.auth import Callers, authentication
from entrypoints.http.described_access import DescribedAccess
from entrypoints.http.error_answers import HANDLERS
from entrypoints.http.idempotency import idempotency
from entrypoints.http.openapi import openapi_config
from entrypoints.http.query_parameters import KnownQueryParameters
from entrypoints.http.routes import (
    addresses,
    cases,
    checkouts,
    customers,
    discounts,
    health,
    money_back,
    orders,
    parked_work,
    payment_reports,
    payments,
    placing,
    plans,
    products,
    reconciliations,
    returns,
    stock,
    subscriptions,
    webhooks,
)
from entrypoints.http.struct_schemas import StrictStructSchemas
from entrypoints.http.use_cases import UseCases
from entrypoints.http.whole_body import MOST_BODY_BYTES, WholeRequest

ROUTES: Final[Sequence[ControllerRouterHandler]] = (
    checkouts.create_checkout,
    checkouts.read_checkout,
    checkouts.replace_checkout,
    checkouts.change_checkout,
    checkouts.list_delivery_options,
    checkouts.choose_delivery,
    checkouts.cancel_checkout,
    addresses.check_address,
    placing.place_order,
    placing.buy_now,
    orders.list_orders,
    orders.read_order,
    orders.explain_order,
    orders.cancel_order,
    payments.confirm_payment,
    payment_reports.list_payments,
    payment_reports.read_payment_statistics,
    money_back.refund_order,
    money_back.list_refunds,
    money_back.report_shortage,
    customers.register_customer,
    customers.list_customers,
    customers.read_customer,
    customers.export_customer,
    customers.delete_customer,
    customers.list_saved_methods,
    customers.detach_saved_method,
    products.list_products,
    products.read_product,
    products.put_product,
    stock.list_stock,
    stock.read_stock,
    stock.receive_stock,
    discounts.put_discount_code,
    plans.list_plans,
    plans.read_plan,
    plans.put_plan,
    subscriptions.subscribe,
    subscriptions.list_subscriptions,
    subscriptions.read_subscription,
    subscriptions.change_plan,
    subscriptions.cancel_subscription,
    subscriptions.list_invoices,
    subscriptions.explain_subscription,
    reconciliations.list_reconciliations,
    reconciliations.read_reconciliation,
    cases.list_cases,
    cases.read_case,
    cases.preview_case,
    cases.assign_case,
    cases.resolve_case,
    parked_work.list_parked_work,
    parked_work.replay_parked_work,
    webhooks.receive_stripe_webhook,
    webhooks.receive_adyen_webhook,
    returns.return_from_bank,
    health.live,
    health.ready,
)


def create_app(use_cases: UseCases, allowed_origins: Sequence[str] = ()) -> Litestar:
    """One application; `allowed_origins` are the storefronts whose browsers may call it."""
    callers = Callers(use_cases.api_keys, use_cases.clock)
    return Litestar(
        route_handlers=[Router(path="/", route_handlers=ROUTES, response_class=JsonAnswer)],
        dependencies={"use_cases": Provide(lambda: use_cases, sync_to_thread=False)},
        middleware=[authentication(callers), idempotency(use_cases.idempotency, use_cases.clock)],
        exception_handlers=HANDLERS,
        state=State({"error_reports": use_cases.error_reports}),
        cors_config=_cors(allowed_origins) if allowed_origins else None,
        request_class=WholeRequest,
        openapi_config=openapi_config(),
        plugins=[StrictStructSchemas(), KnownQueryParameters(), DescribedAccess()],
        request_max_body_size=MOST_BODY_BYTES,
        logging_config=None,  # whoever runs the API decides how it logs
    )


def _cors(origins: Sequence[str]) -> CORSConfig:
    return CORSConfig(
        allow_origins=[*origins],
        allow_methods=["GET", "POST", "PUT", "PATCH"],
        allow_headers=["Authorization", "Client-Token", "Content-Type", "Idempotency-Key", "If-Match"],
        expose_headers=["ETag", "Idempotent-Replayed", "Retry-After"],
    )
