"""Customers: registered by the merchant's server, read by the merchant and by operators."""

from typing import Any

from litestar import Request, get, post
from litestar.params import FromPath, JSONBody

from domain import errors
from entrypoints.http.auth import Access
from entrypoints.http.bodies import StrictJson
from entrypoints.http.idempotency import id_of_this
from entrypoints.http.openapi import BODY, CALLER, KEY_ONLY, REPEATS, Repeatable, refusals
from entrypoints.http.paths import After, Limit, customer_cursor, customer_id_of
from entrypoints.http.problems import INVALID_QUERY
from entrypoints.http.structs.customer_export import CustomerExportShown, export_shown
from entrypoints.http.structs.customers import (
    CustomerRequest,
    CustomerShown,
    CustomersPage,
    SavedMethodsShown,
    customer_shown,
    new_customer,
    saved_methods_shown,
)
from entrypoints.http.use_cases import Given
from ports.errors import OutcomeUnknown, Rejected


@post(
    "/v1/customers",
    operation_id="registerCustomer",
    summary="Register a customer",
    tags=["Customers"],
    dto=StrictJson,
    return_dto=None,
    access=Access.SECRET,
    security=KEY_ONLY,
    operation_class=Repeatable,
    responses=refusals(*CALLER, *BODY, *REPEATS, errors.EmailAlreadyRegistered),
)
async def register_customer(
    request: Request[Any, Any, Any], data: JSONBody[CustomerRequest], use_cases: Given
) -> CustomerShown:
    """One customer an e-mail address, known here and at the payment provider.

    A provider that is away is told later: `accounts` says how it stands.
    """
    new = new_customer(data, id_of_this(request.scope, "cus"))
    return customer_shown(await use_cases.register_customer(new))


@get(
    "/v1/customers",
    operation_id="listCustomers",
    summary="List customers, newest first",
    tags=["Customers"],
    access=Access.MERCHANT,
    security=KEY_ONLY,
    responses=refusals(*CALLER, INVALID_QUERY),
)
async def list_customers(use_cases: Given, after: After = None, limit: Limit = 20) -> CustomersPage:
    """All of them; of deleted ones only the id and what the payment provider was asked."""
    found = await use_cases.read_customer.page(customer_cursor(after), limit)
    items = [customer_shown(customer) for customer in found]
    return CustomersPage(items, found[-1].id if len(found) == limit else None)


@get(
    "/v1/customers/{customer_id:str}",
    operation_id="readCustomer",
    summary="Read a customer",
    tags=["Customers"],
    access=Access.MERCHANT,
    security=KEY_ONLY,
    responses=refusals(*CALLER, errors.UnknownCustomer),
)
async def read_customer(customer_id: FromPath[str], use_cases: Given) -> CustomerShown:
    """How they stand, here and at each payment provider."""
    return customer_shown(await use_cases.read_customer(customer_id_of(customer_id)))


@get(
    "/v1/customers/{customer_id:str}/payment-methods",
    operation_id="listSavedPaymentMethods",
    summary="List what a customer saved to pay with",
    tags=["Customers"],
    access=Access.MERCHANT,
    security=KEY_ONLY,
    responses=refusals(*CALLER, errors.UnknownCustomer, Rejected),
)
async def list_saved_methods(customer_id: FromPath[str], use_cases: Given) -> SavedMethodsShown:
    """As the payment provider has it now."""
    return saved_methods_shown(await use_cases.saved_methods(customer_id_of(customer_id)))


@post(
    "/v1/customers/{customer_id:str}/payment-methods/{token:str}/detach",
    status_code=200,
    operation_id="detachPaymentMethod",
    summary="Take a saved payment method away",
    tags=["Customers"],
    access=Access.SECRET,
    security=KEY_ONLY,
    operation_class=Repeatable,
    responses=refusals(*CALLER, *REPEATS, errors.UnknownCustomer, Rejected, OutcomeUnknown),
)
async def detach_saved_method(
    customer_id: FromPath[str], token: FromPath[str], use_cases: Given
) -> SavedMethodsShown:
    """Nothing can be paid with it any more; what is left is answered. What isn't there is left alone."""
    return saved_methods_shown(await use_cases.saved_methods.detach(customer_id_of(customer_id), token))


@get(
    "/v1/customers/{customer_id:str}/export",
    operation_id="exportCustomer",
    summary="Export all that is known of a customer",
    tags=["Customers"],
    access=Access.SECRET,
    security=KEY_ONLY,
    responses=refusals(*CALLER, errors.UnknownCustomer, Rejected),
)
async def export_customer(customer_id: FromPath[str], use_cases: Given) -> CustomerExportShown:
    """One document, for the person whom it is about."""
    export = await use_cases.export_customer(customer_id_of(customer_id))
    return export_shown(export, use_cases.rules, use_cases.clock.now())


@post(
    "/v1/customers/{customer_id:str}/delete",
    status_code=200,
    operation_id="deleteCustomer",
    summary="Forget a customer",
    tags=["Customers"],
    access=Access.SECRET,
    security=KEY_ONLY,
    operation_class=Repeatable,
    responses=refusals(*CALLER, *REPEATS, errors.UnknownCustomer, errors.CustomerStillNeeded),
)
async def delete_customer(customer_id: FromPath[str], use_cases: Given) -> CustomerShown:
    """Here and at the payment provider, for good. Orders and money stay in the books, without the person.

    `leaving` goes on by itself; asking again does no harm.
    """
    return customer_shown(await use_cases.delete_customer(customer_id_of(customer_id)))
