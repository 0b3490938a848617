"""Nudges that never hold up a request: a thread of their own hands them to Redis, and drops them when it
can't.
"""

import queue
import threading
from typing import Final

from dramatiq import Broker, Message
from redis.exceptions import RedisError

from adapters.dramatiq.broker import QUEUE

_MOST_WAITING: Final = 10_000


class DramatiqNudges:
    """Implements `ports.nudges.Nudges`.

    A nudge that is lost is found by the sweeper. `close` hands over what is left.
    """

    def __init__(self, broker: Broker) -> None:
        self._broker = broker
        self._waiting: queue.Queue[tuple[str, str] | None] = queue.Queue(maxsize=_MOST_WAITING)
        self._dropped = 0
        self._thread = threading.Thread(target=self._hand_over, name="nudges", daemon=True)
        self._thread.start()

    @property
    def dropped(self) -> int:
        """How many were not handed over, because Redis was away or the queue full."""
        return self._dropped

    async def order_is_due(self, order_id: str) -> None:
        self._put("advance_order", order_id)

    async def webhook_arrived(self, webhook_id: str) -> None:
        self._put("handle_webhook", webhook_id)

    async def message_waits(self, message_id: str) -> None:
        self._put("send_message", message_id)

    def close(self) -> None:
        self._waiting.put(None)
        self._thread.join(timeout=5)

    def _put(self, actor: str, subject_id: str) -> None:
        try:
            self._waiting.put_nowait((actor, subject_id))
        except queue.Full:
            self._dropped += 1

    def _hand_over(self) -> None:
        while (nudge := self._waiting.get()) is not None:
            actor, subject_id = nudge
            message: Message[None] = Message(
                queue_name=QUEUE, actor_name=actor, args=(subject_id,), kwargs={}, options={}
            )
            try:
                self._broker.enqueue(message)
            except (RedisError, OSError):
                self._dropped += 1
