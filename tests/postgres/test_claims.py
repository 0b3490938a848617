"""A claim that is made along with a request's first read."""

from typing import Any, cast

import pytest

from adapters.postgres.claims import PendingClaim
from adapters.postgres.statement import Connection
from ports.errors import ConcurrentChange
from ports.idempotency import Claim


class LosesEveryRace:
    """A connection on which somebody else is always a moment quicker."""

    async def ask(self, sql: str, arguments: Any) -> list[Any]:
        return []


async def never() -> Claim:
    raise AssertionError("nobody settles it")


async def test_a_read_that_lost_every_race_is_not_tried_again_without_its_claim() -> None:
    claim = PendingClaim({"claim_key": b"key"}, never)
    with pytest.raises(ConcurrentChange):
        await claim.alone(cast(Connection, LosesEveryRace()))
    assert claim.is_to_come
    assert not claim.is_ours
