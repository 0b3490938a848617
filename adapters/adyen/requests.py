"""What Adyen is asked for a payment: what was agreed, who pays, and whether the method is to be stored."""

from typing import Final

from adapters.adyen import wire
from adapters.adyen.amounts import AmountNotTaken, to_adyen
from adapters.adyen.answers import Agreed
from domain.customer import Payer
from domain.payment import Instrument
from domain.shop import CaptureMethod
from ports.errors import Rejected
from ports.payments import PaymentRequest

# Adyen wants an address also where nobody is sent anywhere; this one leads nowhere (RFC 2606).
_NOWHERE: Final = "https://return.invalid/"


def agreed_in(request: PaymentRequest) -> Agreed:
    """Raises Rejected for an amount that Adyen has no unit for, or no use."""
    if request.amount.minor <= 0:
        raise Rejected("amount_not_taken")
    try:
        amount = to_adyen(request.amount)
    except AmountNotTaken:
        raise Rejected("amount_not_taken") from None
    payer = request.payer
    return Agreed(
        request.payment_id,
        request.order_id,
        amount,
        request.capture_method,
        shopper=_shopper(payer) if payer is not None else None,
        saves_method=payer is not None and payer.saves_method,
    )


def payment_asked(
    merchant_account: str,
    agreed: Agreed,
    offered: wire.Offered | None,
    instrument: Instrument,
    return_url: str | None,
) -> wire.PaymentAsked:
    """`offered` None: the instrument is the id of a stored method."""
    is_manual = agreed.capture_method is CaptureMethod.MANUAL
    stored = {"type": "scheme", "storedPaymentMethodId": instrument.token}
    interaction, saves = _interaction(agreed, offered)
    return wire.PaymentAsked(
        amount=agreed.amount,
        merchant_account=merchant_account,
        payment_method=(offered.payment_method if offered else None) or stored,
        reference=agreed.order_id,
        return_url=return_url or _NOWHERE,
        metadata={"payment_id": agreed.payment_id, "order_id": agreed.order_id},
        additional_data={"manualCapture": "true"} if is_manual else None,
        capture_delay_hours=None if is_manual else 0,
        shopper_reference=agreed.shopper,
        shopper_interaction=interaction,
        recurring_processing_model="CardOnFile" if interaction else None,
        store_payment_method=saves or None,
        browser_info=offered.browser_info if offered else None,
        origin=offered.origin if offered else None,
    )


def _shopper(payer: Payer) -> str:
    """Shoppers are called what the merchant calls them: our own id, unless they came with another one."""
    return payer.reference or payer.customer_id


def _interaction(agreed: Agreed, offered: wire.Offered | None) -> tuple[str | None, bool]:
    """How the method is come by, where that matters, and whether it is to be stored. What is stored already
    is not stored again: https://docs.adyen.com/online-payments/tokenization
    """
    if offered is None or offered.is_stored:
        return "ContAuth", False
    return ("Ecommerce", True) if agreed.saves_method else (None, False)
