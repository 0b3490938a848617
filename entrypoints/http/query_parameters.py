"""Query parameters that no operation knows. What each one takes is written down when it is registered."""

from typing import Any, Final

from litestar.connection import ASGIConnection
from litestar.plugins import ReceiveRoutePlugin
from litestar.routes import BaseRoute, HTTPRoute
from litestar.types import HTTPScope

from entrypoints.http.problems import INVALID_QUERY, Refused
from entrypoints.http.structs.problems import LONGEST_NAME, FieldProblem

_TAKES: Final = "query_parameters"


class KnownQueryParameters(ReceiveRoutePlugin):
    """Writes down which query parameters a handler takes."""

    def receive_route(self, route: BaseRoute) -> None:
        if not isinstance(route, HTTPRoute):
            return
        for handler, model in route.route_handler_map.values():
            handler.opt[_TAKES] = tuple(sorted(taken.field_alias for taken in model.expected_query_params))


def refuse_unknown_parameters(scope: HTTPScope) -> None:
    """Raises Refused, naming each: a filter that is misspelt would otherwise let everything through."""
    takes: tuple[str, ...] = scope["route_handler"].opt[_TAKES]
    connection: ASGIConnection[Any, Any, Any, Any] = ASGIConnection(scope)
    unknown = [name for name in connection.query_params if name not in takes]
    if unknown:
        known = f"known are {', '.join(takes)}" if takes else "this operation takes none"
        rule = f"left out: it is unknown here; {known}"
        raise Refused(INVALID_QUERY, *(FieldProblem(f"?{name[:LONGEST_NAME]}", rule) for name in unknown))
