"""What can be seen of a process from outside, and waiting for it to end."""

import time

import psutil


def is_alive(pid: int) -> bool:
    """A zombie is dead: it only waits for a parent to read its exit code, sometimes in vain."""
    try:
        return psutil.Process(pid).status() != psutil.STATUS_ZOMBIE
    except psutil.NoSuchProcess:
        return False


def family(pid: int) -> list[int]:
    """The process and all its descendants."""
    process = psutil.Process(pid)
    return [pid, *(child.pid for child in process.children(recursive=True))]


def all_end(pids: list[int], within_seconds: float = 20) -> bool:
    """Waits until none of them is alive; False when the time is over."""
    give_up_at = time.monotonic() + within_seconds
    while any(is_alive(pid) for pid in pids):
        if time.monotonic() > give_up_at:
            return False
        time.sleep(0.01)
    return True
