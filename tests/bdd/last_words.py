"""Where a scenario's shop leaves what should stand in the report, should the scenario fail."""

from collections.abc import Callable
from typing import Final

import pytest

LAST_WORDS: Final = pytest.StashKey[Callable[[], str]]()
