"""`fastcart providers`: the way from one payment provider to another."""

from collections.abc import Iterator
from pathlib import Path
from typing import Annotated, Literal, TypeAlias

from cyclopts import App, Parameter

from application.migrate_customers import Left, MappedId, MappingRefused, Migrated
from entrypoints.cli.administration import administer
from entrypoints.cli.endings import NotDone
from entrypoints.cli.mapping_csv import read_mapping
from entrypoints.container import Container

providers = App(name="providers", help="Payment providers: moving from one to another.")
_PROBLEMS_SHOWN = 50
# Those that there is an adapter for: whoever mistypes one moves nobody.
Provider: TypeAlias = Literal["stripe", "adyen"]


@providers.command
def migrate(
    *,
    old: Annotated[Provider, Parameter(name="--from", help="The provider to leave.")],
    new: Annotated[Provider, Parameter(name="--to", help="The provider to go to.")],
    mapping: Annotated[
        Path | None,
        Parameter(help="A CSV file in UTF-8, as the new provider gives it; without one nobody is moved."),
    ] = None,
) -> None:
    """Give customers their ids at the new provider, all in a file or none, and say what is left at the old.

    The file begins with `old_id,new_id` and goes on with a line a customer. Doing it again changes nothing.
    Orders are not moved: each ends with the provider that it began with, and so does each subscription.
    Leave the old provider's settings, and its webhooks, in place until nothing is left there. Only
    DATABASE_URL is needed.

    For example: `fastcart providers migrate --from stripe --to adyen --mapping customers.csv`
    """
    if old == new:
        raise NotDone("Nobody was moved: --from and --to name the same provider.")
    mapped = _mapping_in(mapping) if mapping is not None else ()

    async def moved(container: Container) -> tuple[Migrated | None, Left]:
        done = await container.migrate_customers()(old, new, mapped) if mapped else None
        return done, await container.count_left()(old, new)

    try:
        done, left = administer(moved)
    except MappingRefused as refused:
        raise NotDone(f"Nobody was moved:\n{_shown(refused)}") from None
    if done is not None:
        print(f"{done.moved} customers were moved to {new}; {done.before} had been before.")
    print("\n".join(_report(left, old, new)))


def _mapping_in(file: Path) -> tuple[MappedId, ...]:
    try:
        with file.open(encoding="utf-8-sig", newline="") as lines:
            return read_mapping(lines)
    except MappingRefused as refused:
        raise NotDone(f"Nobody was moved by {file.name}:\n{_shown(refused)}") from None
    except UnicodeDecodeError:
        raise NotDone(f"Nobody was moved: {file.name} is not UTF-8 text. Save it as CSV UTF-8.") from None
    except OSError as error:
        raise NotDone(f"{file}: {error.strerror}") from None


def _report(left: Left, old: str, new: str) -> Iterator[str]:
    if left.is_nothing:
        yield f"Nothing is left at {old}. Refunds of past orders still go there, while it is set up."
        return
    yield f"Left at {old}:"
    yield f"  {left.customers} customers that {new} doesn't know yet"
    for state, count in left.payments.items():
        yield f"  {count} payments that are {state.value}"
    yield f"  {left.disputes} open disputes"
    yield f"  {left.subscriptions} subscriptions"
    yield f"Leave {old}'s settings and webhooks in place until they are gone."


def _shown(refused: MappingRefused) -> str:
    lines = [f"line {problem.line}: {problem.problem}" for problem in refused.problems]
    more = len(lines) - _PROBLEMS_SHOWN
    return "\n".join([*lines[:_PROBLEMS_SHOWN], *([f"… and {more} more"] if more > 0 else [])])
