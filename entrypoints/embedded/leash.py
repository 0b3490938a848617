"""Becomes a server that dies with its parent; a script, for code between fork and exec is unsafe in threads.

Run as `leash.py PARENT_PID DEATH_SIGNAL UID GID COMMAND …`; a UID of -1 keeps the user.
"""

import ctypes
import os
import sys
from typing import NoReturn

_PR_SET_PDEATHSIG = 1


def become(parent: int, death_signal: int, uid: int, gid: int, command: list[str]) -> NoReturn:
    """Replaces this process with the command."""
    if uid >= 0:
        os.setgroups([])
        os.setgid(gid)
        os.setuid(uid)
    if sys.platform == "linux":
        # Only after the change of user: the kernel forgets a death signal when credentials change.
        ctypes.CDLL(None).prctl(_PR_SET_PDEATHSIG, death_signal, 0, 0, 0)
    if os.getppid() != parent:  # it died before the line above could have told us
        raise SystemExit("the parent is gone")
    os.execv(command[0], command)  # noqa: S606 - an absolute path that our own code chose; no shell is wanted


if __name__ == "__main__":
    become(int(sys.argv[1]), int(sys.argv[2]), int(sys.argv[3]), int(sys.argv[4]), sys.argv[5:])
