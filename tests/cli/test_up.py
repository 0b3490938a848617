"""What `fastcart up` refuses before it starts anything."""

import socket

import pytest

from entrypoints.cli.up import _require_free
from entrypoints.embedded.server import HOST


def test_a_port_that_another_stack_listens_on_is_refused_with_the_remedy() -> None:
    with socket.socket() as other:
        other.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEPORT, 1)
        other.bind((HOST, 0))
        other.listen()
        port = other.getsockname()[1]
        with pytest.raises(SystemExit, match=rf"Port {port} .* --port takes another"):
            _require_free(port, "--port")
    _require_free(port, "--port")
