"""Whose key an operation takes, said in its description: by what its door asks, so that neither differs."""

from inspect import cleandoc
from typing import Final

from litestar.plugins import ReceiveRoutePlugin
from litestar.routes import BaseRoute, HTTPRoute

from entrypoints.http.auth import Access, roles_told

_ANYBODY: Final = {
    Access.ANY_KEY: "Takes a key of any role.",
    Access.TOKEN: "Takes a key of any role; a publishable key together with its Client-Token.",
}


class DescribedAccess(ReceiveRoutePlugin):
    """Adds a sentence to what a handler's docstring says."""

    def receive_route(self, route: BaseRoute) -> None:
        if not isinstance(route, HTTPRoute):
            return
        for handler in route.route_handlers:
            access = handler.opt.get("access")
            if isinstance(access, Access) and access is not Access.SIGNED:
                takes = _ANYBODY.get(access) or f"Takes a key of the role {roles_told(access)}."
                # From the docstring anew: the same handlers may be registered by more than one application.
                handler.description = f"{cleandoc(handler.fn.__doc__ or '')}\n\n{takes}"
