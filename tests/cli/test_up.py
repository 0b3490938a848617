"""What `fastcart up` refuses before it starts anything."""

import socket
from pathlib import Path

import pytest

from entrypoints.cli.endings import NotDone
from entrypoints.cli.up import _alone_in, _require_free, keep_running
from entrypoints.embedded.server import HOST, free_port


def test_a_port_that_another_stack_listens_on_is_refused_with_the_remedy() -> None:
    with socket.socket() as other:
        other.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEPORT, 1)
        other.bind((HOST, 0))
        other.listen()
        port = other.getsockname()[1]
        with pytest.raises(NotDone, match=rf"Port {port} .* --port takes another"):
            _require_free(port, "--port")
    _require_free(port, "--port")


def test_a_second_stack_does_not_share_the_data_of_the_first(tmp_path: Path) -> None:
    with _alone_in(tmp_path), pytest.raises(NotDone, match="up already"), _alone_in(tmp_path):
        pass
    with _alone_in(tmp_path):
        pass


def test_a_database_that_is_not_there_is_named_in_a_sentence(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("DATABASE_URL", f"postgresql://nobody@{HOST}:{free_port()}/gone")
    with pytest.raises(NotDone, match="unset DATABASE_URL"):
        keep_running(tmp_path, free_port(), free_port())
