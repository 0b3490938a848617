"""Nudges that never hold up a request: a thread of their own hands them to Redis, and drops them when it
can't.
"""

import queue
import threading
from contextlib import suppress
from typing import Final

import structlog
from dramatiq import Broker, Message
from redis.exceptions import RedisError

from adapters.dramatiq.broker import QUEUE

_MOST_WAITING: Final = 10_000
_HANDS_OVER_WITHIN_SECONDS: Final = 5

log = structlog.get_logger(__name__)


class DramatiqNudges:
    """Implements `ports.nudges.Nudges`.

    A nudge that is lost is found by the sweeper. `close` hands over what is left, if that can be done soon.
    """

    def __init__(self, broker: Broker) -> None:
        self._broker = broker
        self._waiting: queue.Queue[tuple[str, str] | None] = queue.Queue(maxsize=_MOST_WAITING)
        self._dropped = 0
        self._is_away = False
        self._thread = threading.Thread(target=self._run, name="nudges", daemon=True)
        self._thread.start()

    @property
    def dropped(self) -> int:
        """How many were not handed over, because Redis was away or the queue full."""
        return self._dropped

    async def order_is_due(self, order_id: str) -> None:
        self._put("advance_order", order_id)

    async def webhook_arrived(self, webhook_id: str) -> None:
        self._put("handle_webhook", webhook_id)

    def close(self) -> None:
        with suppress(queue.Full):
            self._waiting.put_nowait(None)
        self._thread.join(timeout=_HANDS_OVER_WITHIN_SECONDS)

    def _put(self, actor: str, subject_id: str) -> None:
        try:
            self._waiting.put_nowait((actor, subject_id))
        except queue.Full:
            self._dropped += 1

    def _run(self) -> None:
        while (nudge := self._waiting.get()) is not None:
            self._hand_over(*nudge)

    def _hand_over(self, actor: str, subject_id: str) -> None:
        message: Message[None] = Message(
            queue_name=QUEUE, actor_name=actor, args=(subject_id,), kwargs={}, options={}
        )
        try:
            self._broker.enqueue(message)
        except (RedisError, OSError) as error:
            self._dropped += 1
            self._tell(is_away=True, why=type(error).__name__)
        else:
            self._tell(is_away=False)

    def _tell(self, *, is_away: bool, why: str | None = None) -> None:
        """A line when it goes and one when it comes back, not one a nudge."""
        if is_away and not self._is_away:
            log.warning("redis_is_away", error=why)
        elif self._is_away and not is_away:
            log.info("redis_is_back", nudges_dropped=self._dropped)
        self._is_away = is_away
