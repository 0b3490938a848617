"""Who gets in at the inventory service: nobody without a client certificate that is trusted here.

The certificates of both sides lie in one folder; they can be changed while the service runs.
"""

import ssl
from pathlib import Path
from typing import Final

from entrypoints.sandbox.certificates import Authority, write

HOST: Final = "127.0.0.1"
# What lies in the folder for the client, and for the service itself.
CLIENT_CERTIFICATE: Final = "client.pem"
CLIENT_KEY: Final = "client.key"
CA: Final = "ca.pem"
_OWN: Final = ("server.pem", "server.key", "trusted.pem")


class FrontDoor:
    """Whom the service trusts, and as whom it shows itself; what changes is for connections made from then
    on.
    """

    def __init__(self, folder: Path) -> None:
        self._folder = folder
        folder.mkdir(parents=True, exist_ok=True, mode=0o700)
        self.authority = Authority()
        self._shown_by = self.authority
        self._put_out_for_client(self.authority.ca)
        self.context = self._open_to(self.authority.ca)

    def renew(self) -> None:
        """A new authority, and from it a new certificate for the client. Both are trusted until `retire`."""
        before, self.authority = self.authority, Authority()
        trusted = before.ca + self.authority.ca
        self.context = self._open_to(trusted)
        self._put_out_for_client(trusted)

    def retire(self) -> None:
        """The authority before the last renewal signs nothing any more, and nobody with its certificate gets
        in.
        """
        self._shown_by = self.authority
        self.context = self._open_to(self.authority.ca)

    def files(self) -> tuple[str, str, str]:
        """Certificate, key and trusted authorities, for a server to start with."""
        certificate, key, trusted = (str(self._folder / name) for name in _OWN)
        return certificate, key, trusted

    def _put_out_for_client(self, trusted: bytes) -> None:
        pair = self.authority.client()
        write(self._folder / CA, trusted)
        write(self._folder / CLIENT_KEY, pair.key)
        write(self._folder / CLIENT_CERTIFICATE, pair.certificate)

    def _open_to(self, trusted: bytes) -> ssl.SSLContext:
        pair = self._shown_by.server(HOST)
        for name, content in zip(_OWN, (pair.certificate, pair.key, trusted), strict=True):
            write(self._folder / name, content)
        certificate, key, authorities = self.files()
        context = ssl.create_default_context(ssl.Purpose.CLIENT_AUTH, cafile=authorities)
        context.verify_mode = ssl.CERT_REQUIRED
        context.load_cert_chain(certificate, key)
        return context
