"""The cases of our payment contract, collected for the fake: pytest is told this file by name, so no ordinary
run has it. What is paid beside cards is left out: the fake knows no automatic payment methods.
"""

from types import ModuleType
from typing import Final

import pytest

from tests.contracts.payments import test_payment_gateway, test_payment_ledger, test_repeats

# The SDK's transport posts its form with httpx's old name.
pytestmark = pytest.mark.filterwarnings("ignore:Use 'content=:DeprecationWarning")

_SUITES: Final = (test_payment_gateway, test_repeats, test_payment_ledger)


def _cases_of(suite: ModuleType) -> dict[str, object]:
    return {name: case for name, case in vars(suite).items() if name.startswith("test_")}


for _suite in _SUITES:
    globals().update(_cases_of(_suite))
