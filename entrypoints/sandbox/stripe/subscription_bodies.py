"""Prices, subscriptions and invoices as Stripe writes them in JSON."""

from typing import Final

from entrypoints.sandbox.stripe.method_bodies import Body
from entrypoints.sandbox.stripe.subscription_models import (
    Invoice,
    InvoiceLine,
    InvoiceStatus,
    Price,
    Subscription,
)

# What is the same on every invoice that the sandbox writes.
_ON_EVERY_INVOICE: Final[Body] = {
    "object": "invoice",
    "account_country": "US",
    "account_name": "FastCart sandbox",
    "account_tax_ids": None,
    "amount_shipping": 0,
    "application": None,
    "application_fee_amount": None,
    "automatic_tax": {"enabled": False, "status": None},
    "collection_method": "charge_automatically",
    "custom_fields": None,
    "customer_address": None,
    "customer_email": None,
    "customer_name": None,
    "customer_phone": None,
    "customer_shipping": None,
    "customer_tax_exempt": "none",
    "customer_tax_ids": [],
    "default_payment_method": None,
    "default_source": None,
    "default_tax_rates": [],
    "description": None,
    "discount": None,
    "discounts": [],
    "due_date": None,
    "footer": None,
    "from_invoice": None,
    "hosted_invoice_url": None,
    "invoice_pdf": None,
    "last_finalization_error": None,
    "latest_revision": None,
    "livemode": False,
    "metadata": {},
    "on_behalf_of": None,
    "paid_out_of_band": False,
    "payment_settings": {
        "default_mandate": None,
        "payment_method_options": None,
        "payment_method_types": None,
    },
    "post_payment_credit_notes_amount": 0,
    "pre_payment_credit_notes_amount": 0,
    "quote": None,
    "receipt_number": None,
    "shipping_cost": None,
    "shipping_details": None,
    "statement_descriptor": None,
    "subscription_details": {"metadata": {}},
    "tax": None,
    "test_clock": None,
    "total_discount_amounts": [],
    "total_tax_amounts": [],
    "transfer_data": None,
    "webhooks_delivered_at": None,
}


def price_body(price: Price) -> Body:
    return {
        "id": price.id,
        "object": "price",
        "active": True,
        "billing_scheme": "per_unit",
        "created": price.created,
        "currency": price.currency,
        "custom_unit_amount": None,
        "livemode": False,
        "lookup_key": None,
        "metadata": dict(price.metadata),
        "nickname": None,
        "product": price.product,
        "recurring": {
            "aggregate_usage": None,
            "interval": price.interval.value,
            "interval_count": price.interval_count,
            "usage_type": "licensed",
        },
        "tax_behavior": "unspecified",
        "tiers_mode": None,
        "transform_quantity": None,
        "type": "recurring",
        "unit_amount": price.unit_amount,
        "unit_amount_decimal": str(price.unit_amount),
    }


def subscription_body(subscription: Subscription) -> Body:
    return {
        "id": subscription.id,
        "object": "subscription",
        "application": None,
        "application_fee_percent": None,
        "automatic_tax": {"enabled": False},
        "billing_cycle_anchor": subscription.span.start,
        "billing_thresholds": None,
        "cancel_at": subscription.span.end if subscription.cancel_at_period_end else None,
        "cancel_at_period_end": subscription.cancel_at_period_end,
        "canceled_at": subscription.canceled_at,
        "cancellation_details": {"comment": None, "feedback": None, "reason": None},
        "collection_method": "charge_automatically",
        "created": subscription.created,
        "currency": subscription.price.currency,
        "current_period_end": subscription.span.end,
        "current_period_start": subscription.span.start,
        "customer": subscription.customer,
        "days_until_due": None,
        "default_payment_method": subscription.default_payment_method,
        "default_source": None,
        "default_tax_rates": [],
        "description": None,
        "discount": None,
        "ended_at": subscription.ended_at,
        "items": _items(subscription),
        "latest_invoice": subscription.latest_invoice,
        "livemode": False,
        "metadata": dict(subscription.metadata),
        "next_pending_invoice_item_invoice": None,
        "on_behalf_of": None,
        "pause_collection": None,
        "payment_settings": {
            "payment_method_options": None,
            "payment_method_types": None,
            "save_default_payment_method": "on_subscription" if subscription.saves_method else "off",
        },
        "pending_invoice_item_interval": None,
        "pending_setup_intent": None,
        "pending_update": None,
        "schedule": None,
        "start_date": subscription.created,
        "status": subscription.status,
        "test_clock": None,
        "transfer_data": None,
        "trial_end": None,
        "trial_settings": {"end_behavior": {"missing_payment_method": "create_invoice"}},
        "trial_start": None,
    }


def invoice_body(invoice: Invoice) -> Body:
    is_paid = invoice.status is InvoiceStatus.PAID
    return _ON_EVERY_INVOICE | {
        "id": invoice.id,
        "amount_due": invoice.amount_due,
        "amount_paid": invoice.amount_paid,
        "amount_remaining": 0 if is_paid else invoice.amount_due,
        "attempt_count": invoice.attempt_count,
        "attempted": invoice.attempt_count > 0,
        "auto_advance": invoice.status is InvoiceStatus.OPEN,
        "billing_reason": invoice.reason,
        "charge": invoice.charge,
        "created": invoice.created,
        "currency": invoice.currency,
        "customer": invoice.customer,
        "effective_at": invoice.created,
        "ending_balance": 0,
        "lines": _lines(invoice),
        "next_payment_attempt": invoice.next_payment_attempt,
        "number": f"SANDBOX-{invoice.id[-8:].upper()}",
        "paid": is_paid,
        "payment_intent": invoice.payment_intent,
        "period_end": invoice.created,
        "period_start": invoice.created,
        "starting_balance": -invoice.credit,
        "status": invoice.status,
        "status_transitions": {
            "finalized_at": invoice.created,
            "marked_uncollectible_at": None,
            "paid_at": invoice.paid_at,
            "voided_at": invoice.voided_at,
        },
        "subscription": invoice.subscription,
        "subtotal": invoice.total,
        "subtotal_excluding_tax": invoice.total,
        "total": invoice.total,
        "total_excluding_tax": invoice.total,
    }


def _items(subscription: Subscription) -> Body:
    item: Body = {
        "id": subscription.item_id,
        "object": "subscription_item",
        "billing_thresholds": None,
        "created": subscription.created,
        "metadata": {},
        "price": price_body(subscription.price),
        "quantity": 1,
        "subscription": subscription.id,
        "tax_rates": [],
    }
    url = f"/v1/subscription_items?subscription={subscription.id}"
    return {"object": "list", "data": [item], "has_more": False, "url": url}


def _lines(invoice: Invoice) -> Body:
    lines = [_line(invoice, line) for line in invoice.lines]
    return {"object": "list", "data": lines, "has_more": False, "url": f"/v1/invoices/{invoice.id}/lines"}


def _line(invoice: Invoice, line: InvoiceLine) -> Body:
    return {
        "id": line.id,
        "object": "line_item",
        "amount": line.amount,
        "amount_excluding_tax": line.amount,
        "currency": invoice.currency,
        "description": f"1 × {line.price.product}",
        "discount_amounts": [],
        "discountable": not line.proration,
        "discounts": [],
        "livemode": False,
        "metadata": {},
        "period": {"end": line.span.end, "start": line.span.start},
        "price": price_body(line.price),
        "proration": line.proration,
        "proration_details": {"credited_items": None},
        "quantity": 1,
        "subscription": invoice.subscription,
        "tax_amounts": [],
        "tax_rates": [],
        "type": "invoiceitem" if line.proration else "subscription",
        "unit_amount_excluding_tax": str(line.amount),
    }
