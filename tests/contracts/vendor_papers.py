"""The vendors' own specifications, fixtures and recordings, read where they lie and never copied."""

import json
import os
from pathlib import Path
from typing import Any, Final

import pytest

FOLDER: Final = Path(os.environ.get("FASTCART_CONTRACTS", Path(__file__).parents[3] / "shared" / "contracts"))


def needs(vendor: str) -> pytest.MarkDecorator:
    """Skips what can't be checked without that vendor's papers."""
    return pytest.mark.skipif(
        not (FOLDER / vendor).is_dir(),
        reason=f"no {vendor} folder in {FOLDER}; name the folder of contracts in FASTCART_CONTRACTS",
    )


def read(vendor: str, name: str) -> Any:
    return json.loads((FOLDER / vendor / name).read_text())
