"""Problem details: every error has its answer, and a defect tells nothing of itself."""

import dataclasses
from collections.abc import Iterator
from typing import Any

import pytest

import ports.errors
from adapters.in_memory.error_reports import Reported
from domain import errors
from domain.errors import DomainRefusal
from entrypoints.http.problems import ANSWERS
from ports.errors import PortError
from tests.http.api import CART, Api, problem_of


def _kinds(base: type[Exception]) -> Iterator[type[Exception]]:
    for kind in base.__subclasses__():
        yield kind
        yield from _kinds(kind)


def test_every_refusal_and_port_error_has_an_answer() -> None:
    told = (*_kinds(DomainRefusal), *_kinds(PortError))
    ours = {kind for kind in told if kind.__module__ in (errors.__name__, ports.errors.__name__)}
    assert ours == set(ANSWERS)


def test_a_refusals_code_is_the_one_that_it_has_itself() -> None:
    refusals = {kind: answer for kind, answer in ANSWERS.items() if issubclass(kind, DomainRefusal)}
    assert {kind: kind.__new__(kind).code for kind in refusals} == {k: a.code for k, a in refusals.items()}


def test_codes_are_told_apart_and_remedies_are_sentences() -> None:
    codes = [answer.code for answer in ANSWERS.values()]
    assert len(codes) == len(set(codes))
    assert all(answer.remedy[0].isupper() and answer.remedy.endswith(".") for answer in ANSWERS.values())


def test_what_may_be_repeated_says_when() -> None:
    assert all(answer.retry_after for answer in ANSWERS.values() if answer.status == 503)


@pytest.mark.parametrize("key", [None, ""])
async def test_a_defect_is_a_problem_without_details(api: Api, key: str | None) -> None:
    class Broken:
        async def calculate(self, question: object) -> Any:
            raise RuntimeError("marked-data of shopper@example.com")

    api.use_cases.open_checkout._quote._taxes = Broken()
    answer = await api.ask("POST", "/v1/checkouts", CART, key=key)
    assert (answer.status_code, problem_of(answer)["code"]) == (500, "internal_error")
    assert "marked" not in answer.text
    assert "RuntimeError" not in answer.text
    told = Reported(where="http.createCheckout", error="RuntimeError", subject=None)
    assert api.shop.error_reports.reported == (told,)


@pytest.mark.parametrize(
    ("error", "status"), [(kind, answer.status) for kind, answer in ANSWERS.items()], ids=str
)
async def test_each_error_is_answered_with_its_status(api: Api, error: type[Exception], status: int) -> None:
    class Raising:
        async def calculate(self, question: object) -> Any:
            raise _made(error)

    api.use_cases.open_checkout._quote._taxes = Raising()
    answer = await api.ask("POST", "/v1/checkouts", CART)
    assert (answer.status_code, problem_of(answer)["status"]) == (status, status)


def _made(kind: type[Exception]) -> Exception:
    """The error with something in each of its required fields."""
    values: dict[str, Any] = {"str": "EUR", "int": 1}
    known = getattr(kind, "__dataclass_fields__", {}).values()
    fields = [field for field in known if field.default is dataclasses.MISSING]
    return kind(**{field.name: values.get(getattr(field.type, "__name__", ""), ()) for field in fields})
