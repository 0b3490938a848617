"""`fastcart keys`: who may call the API."""

import asyncio
import os
from typing import Annotated

from cyclopts import App, Parameter

from entrypoints.container import Container
from entrypoints.resources import open_resources
from entrypoints.settings import settings_from
from ports.api_keys import Role

keys = App(name="keys", help="API keys: make one, revoke one. A key is shown once and kept as a hash.")


@keys.command
def create(
    *, role: Role, name: Annotated[str, Parameter(help="Who it is for, as you will know it by.")] = ""
) -> None:
    """Make an API key and print it.

    Roles: publishable (a shopper's browser; sees only the checkout whose client token it holds), secret
    (the merchant's server), operator (a person who looks after orders).
    """

    async def make() -> str:
        async with open_resources(settings_from(os.environ)) as resources:
            return (
                await Container(settings=settings_from(os.environ), resources=resources).create_api_key()(
                    role, name
                )
            ).secret

    print(asyncio.run(make()))


@keys.command
def revoke(key_id: str) -> None:
    """Revoke a key by its id; within seconds no process accepts it."""

    async def end() -> bool:
        async with open_resources(settings_from(os.environ)) as resources:
            return await Container(settings=settings_from(os.environ), resources=resources).revoke_api_key()(
                key_id
            )

    if not asyncio.run(end()):
        raise SystemExit(f"There is no key {key_id}.")
    print(f"{key_id} is revoked.")
