"""Stripe's lists: newest first, filtered by time, cut into pages by cursor."""

from collections.abc import Callable, Iterable
from dataclasses import dataclass
from itertools import islice
from typing import Protocol, TypeVar

from entrypoints.sandbox.stripe.errors import StripeError, invalid_parameter
from entrypoints.sandbox.stripe.method_bodies import Body
from entrypoints.sandbox.stripe.parameters import Parameters

_LARGEST_PAGE = 100


class Listed(Protocol):
    @property
    def id(self) -> str: ...

    @property
    def created(self) -> int: ...


_Listed = TypeVar("_Listed", bound=Listed)


@dataclass(frozen=True, slots=True, kw_only=True)
class Window:
    """Which part of a list is wanted: `created` within [since, until], after or before a cursor."""

    limit: int = 10
    starting_after: str | None = None
    ending_before: str | None = None
    since: int | None = None
    until: int | None = None

    def covers(self, created: int) -> bool:
        return (self.since is None or created >= self.since) and (self.until is None or created <= self.until)


def read_window(parameters: Parameters, *, by_time: bool = True) -> Window:
    limit = parameters.integer("limit")
    if limit is not None and not 1 <= limit <= _LARGEST_PAGE:
        message = f"This value must be between 1 and {_LARGEST_PAGE}."
        raise invalid_parameter("limit", message, "parameter_invalid_integer")
    since, until = _read_created(parameters) if by_time else (None, None)
    return Window(
        limit=limit or 10,
        starting_after=parameters.text("starting_after"),
        ending_before=parameters.text("ending_before"),
        since=since,
        until=until,
    )


def page_of(
    newest_first: Iterable[_Listed], window: Window, url: str, body: Callable[[_Listed], Body]
) -> Body:
    matching = [record for record in newest_first if window.covers(record.created)]
    if window.ending_before is not None:
        before = matching[: _position(matching, window.ending_before, "ending_before")]
        chosen, has_more = before[-window.limit :], len(before) > window.limit
    else:
        start = 0
        if window.starting_after is not None:
            start = _position(matching, window.starting_after, "starting_after") + 1
        chosen = list(islice(matching, start, start + window.limit))
        has_more = len(matching) > start + window.limit
    return {"object": "list", "data": [body(record) for record in chosen], "has_more": has_more, "url": url}


def _read_created(parameters: Parameters) -> tuple[int | None, int | None]:
    try:
        bounds = parameters.child("created")
    except StripeError:
        raise invalid_parameter(
            "created", "Give created[gte] and created[lte]; an exact time is not simulated."
        ) from None
    if bounds is None:
        return None, None
    at_least, above = bounds.integer("gte"), bounds.integer("gt")
    at_most, below = bounds.integer("lte"), bounds.integer("lt")
    bounds.finish()
    since = at_least if above is None else above + 1
    return since, at_most if below is None else below - 1


def _position(records: list[_Listed], identifier: str, param: str) -> int:
    for index, record in enumerate(records):
        if record.id == identifier:
            return index
    raise StripeError.refused(f"No such object: '{identifier}'", "resource_missing", param)
