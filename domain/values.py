"""Values: immutable records, made in large numbers.

A frozen dataclass assigns each field through `object.__setattr__`, which takes three times as long as
assigning it; a checkout makes some six hundred values. Here the fields are set through their slots.
"""

from collections.abc import Callable
from dataclasses import MISSING, dataclass, field, fields
from typing import Any, TypeVar, dataclass_transform

T = TypeVar("T")


@dataclass_transform(kw_only_default=True, frozen_default=True, field_specifiers=(field,))
def value(cls: type[T]) -> type[T]:
    """A frozen dataclass with slots whose fields are given by name."""
    made = dataclass(frozen=True, slots=True, kw_only=True)(cls)
    made.__init__ = _init_of(made)  # type: ignore[method-assign]
    return made


def _init_of(made: type[Any]) -> Callable[..., None]:
    known: dict[str, Any] = {}
    arguments, assignments = [], []
    for each in fields(made):
        known[f"set_{each.name}"] = getattr(made, each.name).__set__
        given = each.name
        if each.default is not MISSING:
            known[f"default_{each.name}"] = each.default
            arguments.append(f"{each.name}=default_{each.name}")
        elif each.default_factory is not MISSING:
            known[f"make_{each.name}"] = each.default_factory
            arguments.append(f"{each.name}=None")
            given = f"make_{each.name}() if {each.name} is None else {each.name}"
        else:
            arguments.append(each.name)
        assignments.append(f"    set_{each.name}(self, {given})")
    if hasattr(made, "__post_init__"):
        assignments.append("    self.__post_init__()")
    signature = ", ".join(["self", "*", *arguments] if arguments else ["self"])
    source = f"def __init__({signature}):\n" + "\n".join(assignments or ["    pass"])
    exec(source, known)  # noqa: S102 - the names of our own fields, as dataclass itself does it
    made_init: Callable[..., None] = known["__init__"]
    made_init.__qualname__ = f"{made.__qualname__}.__init__"
    return made_init
