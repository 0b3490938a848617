"""A statement that SQLAlchemy Core compiles once, and that asyncpg runs: see docs/decisions/0002."""

from collections.abc import Awaitable, Mapping, Sequence
from typing import Any, Final, TypeAlias

import asyncpg
from sqlalchemy import ColumnElement, TableValuedAlias, bindparam, column, func
from sqlalchemy.dialects.postgresql import JSON
from sqlalchemy.dialects.postgresql.asyncpg import dialect
from sqlalchemy.sql.elements import CompilerElement
from sqlalchemy.types import TypeEngine

from adapters.postgres.watched_connection import WatchedConnection

Row: TypeAlias = asyncpg.Record
Connection: TypeAlias = WatchedConnection

_DIALECT: Final = dialect()  # type: ignore[no-untyped-call]


class Statement:
    """SQL text and the names of its parameters, in order. A parameter that a call leaves out is NULL."""

    def __init__(self, construct: CompilerElement) -> None:
        self.construct: Final = construct
        compiled = construct.compile(dialect=_DIALECT)
        self.sql: Final = str(compiled)
        self._names: Final[tuple[str, ...]] = tuple(compiled.positiontup or ())  # type: ignore[attr-defined]
        self._constants: Final = tuple(
            (position, compiled.params[name])
            for position, name in enumerate(self._names)
            if compiled.params[name] is not None
        )

    def fetch(self, connection: Connection, **parameters: Any) -> Awaitable[list[Row]]:
        return self.fetch_given(connection, parameters)

    def fetch_given(self, connection: Connection, parameters: Mapping[str, Any]) -> Awaitable[list[Row]]:
        """The same for parameters that are together already."""
        return connection.ask(self.sql, self._ordered(parameters))

    async def fetchrow(self, connection: Connection, **parameters: Any) -> Row | None:
        """The first row, if there is one."""
        rows = await connection.ask(self.sql, self._ordered(parameters))
        return rows[0] if rows else None

    async def execute(self, connection: Connection, **parameters: Any) -> None:
        await connection.ask(self.sql, self._ordered(parameters))

    def _ordered(self, parameters: Mapping[str, Any]) -> list[Any]:
        ordered = list(map(parameters.get, self._names))
        for position, constant in self._constants:
            ordered[position] = constant
        return ordered


def parameter(name: str, type_: TypeEngine[Any] | type[TypeEngine[Any]]) -> Any:
    """A parameter of a statement, given by this name when it runs."""
    return bindparam(name, type_=type_)


def recordset(name: str, columns: Sequence[ColumnElement[Any]]) -> TableValuedAlias:
    """Rows from the parameter `name`, a JSON array of objects with these columns; a key that is missing is
    NULL.
    """
    shape = [column(wanted.key or "", wanted.type) for wanted in columns]
    rows = func.json_to_recordset(bindparam(name, type_=JSON)).table_valued(*shape, name=name)
    return rows.render_derived(with_types=True)
