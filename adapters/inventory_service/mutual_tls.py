"""Connections that show our certificate: made anew when its files change, and used only once the service has
let us in.

With TLS 1.3 a client may send its request before it learns that its certificate was refused, and servers
often just hang up: then nobody knows whether the request was read. So before the first request, and after a
connection was lost, one is opened that sends nothing; if it is closed on us, nothing is sent at all.
"""

import asyncio
import ssl
from dataclasses import dataclass
from pathlib import Path
from typing import Final

import httpx
import structlog

from adapters.inventory_service.settings import CertificateFiles
from adapters.resilience.transport import NothingSent

log = structlog.get_logger(__name__)

_CONNECT_SECONDS: Final = 2
# A service that refuses us hangs up as soon as it has seen our certificate; this is many round trips.
_LET_IN_AFTER_SECONDS: Final = 0.3
_LOST: Final = (httpx.ConnectError, httpx.ReadError, httpx.WriteError, httpx.RemoteProtocolError)

# What `Unavailable` says to whoever looks after the certificates.
UNREADABLE: Final = "client_certificate_unreadable"
REFUSED: Final = "client_certificate_refused"
UNTRUSTED: Final = "service_certificate_refused"

_Fingerprint = tuple[tuple[int, int, int], ...]


@dataclass(eq=False, slots=True)
class _Generation:
    """Connections under one certificate."""

    context: ssl.SSLContext
    transport: httpx.AsyncHTTPTransport
    under_way: int = 0
    is_let_in: bool = False
    knocking: asyncio.Task[None] | None = None

    async def be_let_in(self, url: httpx.URL) -> None:
        """Whoever comes while somebody knocks waits for the same answer. Raises NothingSent."""
        if self.is_let_in:
            return
        if self.knocking is None or self.knocking.done():
            self.knocking = asyncio.create_task(_knock(url, self.context))
            self.knocking.add_done_callback(_heard)
        await asyncio.shield(self.knocking)
        self.is_let_in = True


class MutualTlsTransport(httpx.AsyncBaseTransport):
    """Sends single tries. Requests under way end on the connections that they began on."""

    def __init__(self, files: CertificateFiles, *, at_once: int) -> None:
        """`at_once`: connections at most."""
        self._files = files
        self._limits = httpx.Limits(max_connections=at_once, max_keepalive_connections=at_once)
        self._seen: _Fingerprint | None = None
        self._current: _Generation | None = None

    async def handle_async_request(self, request: httpx.Request) -> httpx.Response:
        """Raises NothingSent, and what httpx raises. The answer's body is read."""
        await self._take_up_new_files()
        generation = self._current
        if generation is None:
            raise NothingSent(UNREADABLE)
        generation.under_way += 1
        try:
            await generation.be_let_in(request.url)
            response = await generation.transport.handle_async_request(request)
            await response.aread()
            await response.aclose()
        except _LOST:
            generation.is_let_in = False
            raise
        finally:
            generation.under_way -= 1
            await self._put_away(generation)
        return response

    async def aclose(self) -> None:
        last, self._current = self._current, None
        if last is not None:
            await self._put_away(last)

    async def _take_up_new_files(self) -> None:
        """Files that don't fit together yet, because only some were changed, change nothing."""
        seen = _fingerprint(self._files)
        if seen == self._seen:
            return
        self._seen = seen
        try:
            context = _context(self._files)
        except (OSError, ssl.SSLError) as unreadable:
            log.warning("inventory_certificates_not_taken_up", why=type(unreadable).__name__)
            return
        before, transport = self._current, httpx.AsyncHTTPTransport(verify=context, limits=self._limits)
        self._current = _Generation(context=context, transport=transport)
        if before is not None:
            log.info("inventory_certificates_taken_up")
            await self._put_away(before)

    async def _put_away(self, generation: _Generation) -> None:
        if generation is not self._current and generation.under_way == 0:
            await generation.transport.aclose()


async def _knock(url: httpx.URL, context: ssl.SSLContext) -> None:
    """Raises NothingSent unless the service lets us in."""
    try:
        async with asyncio.timeout(_CONNECT_SECONDS):
            reader, writer = await asyncio.open_connection(
                url.host, url.port or 443, ssl=context, server_hostname=url.host
            )
    except ssl.SSLCertVerificationError as untrusted:
        raise NothingSent(UNTRUSTED) from untrusted
    except (ssl.SSLError, ConnectionResetError, BrokenPipeError, ConnectionAbortedError) as refused:
        raise NothingSent(REFUSED) from refused
    except OSError as away:
        raise NothingSent("not_connected") from away
    try:
        if await _hangs_up(reader):
            raise NothingSent(REFUSED)
    finally:
        writer.transport.abort()


def _heard(knocking: asyncio.Task[None]) -> None:
    """What came of it is told to those who wait; if nobody does any more, nobody has to know."""
    if not knocking.cancelled():
        knocking.exception()


async def _hangs_up(reader: asyncio.StreamReader) -> bool:
    try:
        async with asyncio.timeout(_LET_IN_AFTER_SECONDS):
            return await reader.read(1) == b""
    except TimeoutError:
        return False
    except OSError:
        return True


def _context(files: CertificateFiles) -> ssl.SSLContext:
    context = ssl.create_default_context(ssl.Purpose.SERVER_AUTH, cafile=str(files.ca))
    context.minimum_version = ssl.TLSVersion.TLSv1_2
    context.load_cert_chain(files.certificate, files.key)
    return context


def _fingerprint(files: CertificateFiles) -> _Fingerprint:
    return tuple(_mark(path) for path in (files.certificate, files.key, files.ca))


def _mark(path: Path) -> tuple[int, int, int]:
    try:
        found = path.stat()
    except OSError:
        return (0, 0, 0)
    return found.st_ino, found.st_mtime_ns, found.st_size
