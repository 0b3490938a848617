"""ETags of versions: `"7"` is version 7, and If-Match lets a change through only if that is still the one."""

import re
from typing import Annotated, Final

from litestar.params import HeaderParameter

# Proxies that compress make an ETag weak (`W/`); it still names the version.
_ETAG: Final = re.compile(r'(?:W/)?"([1-9]\d{0,9})"')
_ANY: Final = "*"
IfMatch = Annotated[
    str | None,
    HeaderParameter(
        name="If-Match", description="The ETag of what you read; refused as stale once it changed."
    ),
]


def etag_of(version: int) -> str:
    return f'"{version}"'


def version_of(if_match: str | None) -> int | None:
    """The version that the caller read; None if it doesn't care. What is no ETag of ours never matches."""
    if if_match is None or if_match.strip() == _ANY:
        return None
    match = _ETAG.fullmatch(if_match.strip())
    return int(match[1]) if match else 0
