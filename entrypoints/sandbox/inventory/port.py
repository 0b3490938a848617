"""The inventory service's own port, beside that of the other vendors: it speaks TLS only."""

import asyncio
import socket
import ssl
from collections.abc import AsyncIterator, Iterator
from contextlib import asynccontextmanager, contextmanager

import uvicorn

from entrypoints.sandbox.inventory.api import inventory_app
from entrypoints.sandbox.inventory.front_door import HOST, FrontDoor
from entrypoints.sandbox.world import World


class _ServerBeside(uvicorn.Server):
    """Signals are the business of the server that it runs beside."""

    def __init__(self, config: uvicorn.Config) -> None:
        super().__init__(config)
        self.answers = asyncio.Event()

    async def startup(self, sockets: list[socket.socket] | None = None) -> None:
        await super().startup(sockets)
        self.answers.set()

    @contextmanager
    def capture_signals(self) -> Iterator[None]:
        yield


@asynccontextmanager
async def served(world: World, door: FrontDoor, port: int) -> AsyncIterator[None]:
    """Answers on the port for as long as the context lasts."""
    certificate, key, trusted = door.files()
    config = uvicorn.Config(
        inventory_app(world),
        host=HOST,
        port=port,
        log_config=None,
        access_log=False,
        ssl_certfile=certificate,
        ssl_keyfile=key,
        ssl_ca_certs=trusted,
        ssl_cert_reqs=ssl.CERT_REQUIRED,
    )
    config.load()
    if config.ssl is None:
        raise AssertionError("a server with certificates has a TLS context")

    def with_present_certificates(connection: ssl.SSLObject, _name: str | None, _: ssl.SSLContext) -> None:
        connection.context = door.context

    config.ssl.sni_callback = with_present_certificates
    server = _ServerBeside(config)
    serving = asyncio.create_task(server.serve())
    await server.answers.wait()
    try:
        yield
    finally:
        server.should_exit = True
        await serving
