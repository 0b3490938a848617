"""Values: immutable records, made in large numbers.

A frozen dataclass assigns each field through `object.__setattr__`, and `dataclasses.replace` looks at every
field anew for each copy; both take several times as long as the work itself. A checkout makes some six
hundred values and a hundred copies. Here a new value is a draft, which takes plain assignments, until all its
fields are set; and a copy knows its class. See docs/decisions/0007.
"""

from collections.abc import Callable
from dataclasses import MISSING, dataclass, field, fields
from typing import TYPE_CHECKING, Any, Final, TypeVar, dataclass_transform

if TYPE_CHECKING:
    # Type checkers know this one: they compare the changes with the fields.
    from dataclasses import replace as replace  # noqa: PLC0414 - so that others may import it from here
else:

    def replace(record: Any, /, **changes: Any) -> Any:
        """A copy of a value with some fields changed; its own rules are asked again."""
        return record._replaced(**changes)


T = TypeVar("T")
_AS_IT_IS: Final = object()
_become: Final = vars(object)["__class__"].__set__


@dataclass_transform(kw_only_default=True, frozen_default=True, field_specifiers=(field,))
def value(cls: type[T]) -> type[T]:
    """A frozen dataclass with slots whose fields are given by name."""
    made = dataclass(frozen=True, slots=True, kw_only=True)(cls)
    plain = {"__slots__": (), "__setattr__": object.__setattr__, "__delattr__": object.__delattr__}
    draft = type(made.__name__, (made,), plain)
    made.__init__ = _init_of(made, draft)  # type: ignore[method-assign]
    made._replaced = _replaced_of(made, draft)  # type: ignore[attr-defined]  # for `replace` alone
    return made


def _init_of(made: type[Any], draft: type[Any]) -> Callable[..., None]:
    known: dict[str, Any] = {}
    arguments, given = [], {}
    for each in fields(made):
        given[each.name] = each.name
        if each.default is not MISSING:
            known[f"default_{each.name}"] = each.default
            arguments.append(f"{each.name}=default_{each.name}")
        elif each.default_factory is not MISSING:
            known[f"make_{each.name}"] = each.default_factory
            arguments.append(f"{each.name}=None")
            given[each.name] = f"make_{each.name}() if {each.name} is None else {each.name}"
        else:
            arguments.append(each.name)
    known |= {"draft": draft, "made": made, "become": _become}
    signature = ", ".join(["self", "*", *arguments] if arguments else ["self"])
    lines = ["become(self, draft)", *_assignments(made, "self", given)] if given else []
    return _written(made, "__init__", signature, known, lines)


def _replaced_of(made: type[Any], draft: type[Any]) -> Callable[..., Any]:
    """Copies what is not given; takes the names of its fields and no other."""
    known = {"AS_IT_IS": _AS_IT_IS, "new": object.__new__, "draft": draft, "made": made}
    names = [each.name for each in fields(made)]
    signature = ", ".join(["self", "*", *(f"{name}=AS_IT_IS" for name in names)] if names else ["self"])
    given = {name: f"self.{name} if {name} is AS_IT_IS else {name}" for name in names}
    lines = ["copy = new(draft)", *_assignments(made, "copy", given), "return copy"]
    return _written(made, "_replaced", signature, known, lines)


def _assignments(made: type[Any], record: str, given: dict[str, str]) -> list[str]:
    lines = [f"{record}.{name} = {expression}" for name, expression in given.items()]
    lines.append(f"{record}.__class__ = made")
    return [*lines, f"{record}.__post_init__()"] if hasattr(made, "__post_init__") else lines


def _written(
    made: type[Any], name: str, signature: str, known: dict[str, Any], lines: list[str]
) -> Callable[..., Any]:
    source = f"def {name}({signature}):\n" + "\n".join(f"    {line}" for line in lines or ["pass"])
    exec(source, known)  # noqa: S102 - the names of our own fields, as dataclass itself does it
    function: Callable[..., Any] = known[name]
    function.__qualname__ = f"{made.__qualname__}.{name}"
    return function
