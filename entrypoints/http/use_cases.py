"""Everything that handlers call; the container fills it, tests may fill it otherwise."""

from collections.abc import Awaitable, Callable, Mapping
from dataclasses import dataclass

from litestar.di import NamedDependency

from application.buy_now import BuyNow
from application.cancel_order import CancelOrder
from application.cancel_subscription import CancelSubscription
from application.change_checkout import ChangeCheckout
from application.change_plan import ChangePlan
from application.check_address import CheckAddress
from application.confirm_payment import ConfirmPayment
from application.delete_customer import DeleteCustomer
from application.explain_order import ExplainOrder, ReadOrder
from application.export_customer import ExportCustomer
from application.keep_catalog import PutDiscountCode, PutProducts, ReceiveStock
from application.keep_plans import PutPlans
from application.open_checkout import OpenCheckout
from application.place_order import PlaceOrder
from application.quote_delivery import QuoteDelivery
from application.read_case import ReadCase
from application.read_checkout import CancelCheckout, ReadCheckout
from application.read_customer import ReadCustomer
from application.receive_webhook import ReceiveWebhook
from application.register_customer import RegisterCustomer
from application.replay_parked_work import ReplayParkedWork
from application.report_shortage import ReportShortage
from application.request_refund import RequestRefund
from application.resolve_case import AssignCase, ResolveCase
from application.return_from_bank import ReturnFromBank
from application.saved_methods import SavedMethods
from application.subscribe import Subscribe
from domain.shop import ShopRules
from ports.api_keys import ApiKeys
from ports.clock import Clock
from ports.error_reports import ErrorReports
from ports.idempotency import IdempotencyStore
from ports.queries import Queries
from ports.reconciliations import Reconciliations
from ports.subscriptions import SubscriptionLists
from ports.unit_of_work import UnitOfWorkFactory


@dataclass(frozen=True, slots=True, kw_only=True)
class UseCases:
    """`health_checks` raise when something is away; the API can do without those that are `dispensable`."""

    open_checkout: OpenCheckout
    change_checkout: ChangeCheckout
    check_address: CheckAddress
    read_checkout: ReadCheckout
    quote_delivery: QuoteDelivery
    cancel_checkout: CancelCheckout
    place_order: PlaceOrder
    buy_now: BuyNow
    confirm_payment: ConfirmPayment
    cancel_order: CancelOrder
    read_order: ReadOrder
    explain_order: ExplainOrder
    request_refund: RequestRefund
    report_shortage: ReportShortage
    receive_stripe_webhook: ReceiveWebhook
    receive_adyen_webhook: ReceiveWebhook
    return_from_bank: ReturnFromBank
    put_products: PutProducts
    put_discount_code: PutDiscountCode
    put_plans: PutPlans
    subscribe: Subscribe
    change_plan: ChangePlan
    cancel_subscription: CancelSubscription
    receive_stock: ReceiveStock
    register_customer: RegisterCustomer
    read_customer: ReadCustomer
    saved_methods: SavedMethods
    export_customer: ExportCustomer
    delete_customer: DeleteCustomer
    read_case: ReadCase
    assign_case: AssignCase
    resolve_case: ResolveCase
    replay_parked_work: ReplayParkedWork
    unit_of_work: UnitOfWorkFactory
    queries: Queries
    reconciliations: Reconciliations
    subscription_lists: SubscriptionLists
    idempotency: IdempotencyStore
    api_keys: ApiKeys
    clock: Clock
    rules: ShopRules
    error_reports: ErrorReports
    storefront_url: str | None
    health_checks: Mapping[str, Callable[[], Awaitable[None]]]
    dispensable: frozenset[str] = frozenset()


# How a handler asks for them: a parameter `use_cases` of this type.
Given = NamedDependency[UseCases]
