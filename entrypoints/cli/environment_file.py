"""What `fastcart up` tells a shell beside it, so that every other command works on the same shop."""

import shlex
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path


@contextmanager
def environment_file(file: Path, environment: Mapping[str, str]) -> Iterator[None]:
    """A file for `.` of a shell, as long as the addresses in it are true; only its owner can read it."""
    file.unlink(missing_ok=True)
    file.touch(mode=0o600, exist_ok=False)
    lines = (f"export {name}={shlex.quote(value)}\n" for name, value in sorted(environment.items()))
    file.write_text("".join(lines), encoding="utf-8")
    try:
        yield
    finally:
        file.unlink(missing_ok=True)
