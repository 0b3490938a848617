"""Steps that our own database can do: each becomes true with the commit of the facts that it led to."""

from collections.abc import Sequence
from typing import assert_never

from application.payment_providers import PaymentChoice
from domain.errors import OutOfStock
from domain.holding import hold_requested, sold_after_all, was_refused_goods
from domain.identifiers import CaseId, PaymentId, RefundId, ReservationId, ReturnId
from domain.money import Money
from domain.news import StockReturn
from domain.order import Order, SkuQuantity
from domain.order_facts import OrderFacts
from domain.payment import Instrument, Payment, PaymentState
from domain.refund import Refund, RefundReason, RefundState
from domain.reservation import Reservation, ReservationState, ServiceHold
from domain.shop import ShopRules, StockKeeper
from domain.steps import (
    Close,
    Complete,
    ConfirmStock,
    ExtendHold,
    HoldStock,
    OpenCase,
    OwnStep,
    ReleaseStock,
    RequestRefund,
    StartPayment,
)
from domain.values import replace
from ports.clock import Clock
from ports.unit_of_work import UnitOfWork


class OwnSteps:
    """`provider` says where the payment of a new order begins."""

    def __init__(self, provider: PaymentChoice, clock: Clock, rules: ShopRules) -> None:
        self._provider = provider
        self._clock = clock
        self._rules = rules

    async def __call__(
        self, step: OwnStep, facts: OrderFacts, uow: UnitOfWork, *, refuse_without_stock: bool
    ) -> OrderFacts:
        """The facts after the step.

        Raises OutOfStock only with `refuse_without_stock`; else a refusal is a fact too.
        """
        now = self._clock.now()
        match step:
            case HoldStock():
                return await self._hold(facts, uow, refuse_without_stock=refuse_without_stock)
            case ExtendHold(until=until):
                return facts.hold_extended(until, now)
            case ConfirmStock():
                await uow.stock.confirm(facts.sale.goods())
                return facts.stock_confirmed(now)
            case ReleaseStock():
                was_sold = (
                    facts.reservation is not None and facts.reservation.state is ReservationState.CONFIRMED
                )
                if goods := facts.sale.goods_out():
                    await uow.stock.release(goods, sold=was_sold)
                return facts.stock_released(now)
            case StartPayment():
                return facts.with_payment(self._another_payment(facts))
            case RequestRefund(payment=payment, amount=amount):
                return facts.refund_requested(self._refund(payment, amount))
            case Close(reason=reason):
                return await self._close(facts.closed(reason, now), uow)
            case Complete():
                return sold_after_all(facts.completed(self._clock.new_id("msg"), now), now)
            case OpenCase(reason=reason, subject_id=subject_id, detail=detail):
                case_id = CaseId(self._clock.new_id("case"))
                return facts.case_opened(case_id, reason, subject_id, now, detail)
            case _:
                assert_never(step)

    async def give_back(self, returns: Sequence[StockReturn], uow: UnitOfWork) -> None:
        """Moves what facts have given back to stock; becomes true with their commit."""
        for move in returns:
            await uow.stock.release(move.goods, sold=move.sold)
            if move.written_off:
                gone = [SkuQuantity(sku=good.sku, quantity=-good.quantity) for good in move.goods]
                await uow.stock.receive(gone)

    def new_payment(
        self, order: Order, instrument: Instrument | None = None, return_url: str | None = None
    ) -> Payment:
        """A payment for the order's total that the provider doesn't know yet."""
        return Payment(
            id=PaymentId(self._clock.new_id("pay")),
            order_id=order.id,
            provider=self._provider(order),
            state=PaymentState.NEW,
            amount=order.total,
            captured=Money.zero(order.total.currency),
            created_at=self._clock.now(),
            offered=instrument,
            return_url=return_url,
            return_id=self.new_return_id(instrument, return_url),
        )

    def _another_payment(self, facts: OrderFacts) -> Payment:
        """In place of one that is over, for what is due by now. An order ends with the provider that it began
        with.
        """
        payment = replace(self.new_payment(facts.order), amount=facts.sale.amount_due)
        return replace(payment, provider=facts.payments[0].provider) if facts.payments else payment

    def new_return_id(self, instrument: Instrument | None, return_url: str | None) -> ReturnId | None:
        """For a try that may lead by a bank and back; None for one that can't."""
        return ReturnId(self._clock.new_secret()) if instrument is not None and return_url else None

    async def _close(self, facts: OrderFacts, uow: UnitOfWork) -> OrderFacts:
        """A shopper whose goods can't be had gets the checkout back, to take less or something else."""
        if was_refused_goods(facts):
            checkout = await uow.checkouts.get(facts.order.checkout_id)
            if checkout is not None and checkout.order_id == facts.order.id:
                await uow.checkouts.save(checkout.given_back())
        return facts

    async def _hold(self, facts: OrderFacts, uow: UnitOfWork, *, refuse_without_stock: bool) -> OrderFacts:
        now = self._clock.now()
        if facts.order.stock_keeper is StockKeeper.SERVICE:
            return hold_requested(facts, self._hold_at_service(facts), now)
        try:
            # A refusal that only a new order raises may come with its commit; as a fact it is needed here.
            await uow.stock.hold(facts.sale.goods(), at_once=not refuse_without_stock)
            state = ReservationState.HELD
        except OutOfStock:
            if refuse_without_stock:
                raise
            state = ReservationState.REFUSED
        return facts.stock_held(self._reservation(facts, state), now)

    def _hold_at_service(self, facts: OrderFacts) -> Reservation:
        """Long enough for a try that begins at the last moment: a service extends nothing."""
        hold = self._reservation(facts, ReservationState.REQUESTED)
        return replace(
            hold,
            expires_at=hold.expires_at + self._rules.payment_try_time,
            service=ServiceHold(goods=facts.sale.goods(), asked_at=self._clock.now()),
        )

    def _reservation(self, facts: OrderFacts, state: ReservationState) -> Reservation:
        return Reservation(
            id=ReservationId(self._clock.new_id("rsv")),
            order_id=facts.order.id,
            state=state,
            expires_at=max(facts.order.pay_until, self._clock.now()) + self._rules.hold_margin,
        )

    def _refund(self, payment: Payment, amount: Money) -> Refund:
        return Refund(
            id=RefundId(self._clock.new_id("ref")),
            payment_id=payment.id,
            amount=amount,
            state=RefundState.REQUESTED,
            reason=RefundReason.UNUSABLE_PAYMENT,
            created_at=self._clock.now(),
        )
