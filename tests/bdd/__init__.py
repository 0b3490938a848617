"""The features as tests: every scenario once in memory and once over HTTP against the running service."""

import pytest

pytest.register_assert_rewrite("tests.bdd.steps")
