"""What a script is told by the exit code of the program itself."""

import os
import subprocess
import sys

from entrypoints.cli import app


def test_what_could_not_be_done_is_said_on_standard_error_and_ends_with_two() -> None:
    command = [sys.executable, "-m", app.__name__, "reconcile"]
    bare = {"PATH": os.environ["PATH"]}
    said = subprocess.run(command, env=bare, capture_output=True, text=True, timeout=60, check=False)
    assert said.returncode == 2
    assert said.stdout == ""
    assert said.stderr.startswith("FastCart can't start with this environment:\n")
    assert "STRIPE_SECRET_KEY is not set" in said.stderr
