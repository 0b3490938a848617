"""`fastcart up`: the development stack, with its data kept between runs."""

import signal
from pathlib import Path

from rich.console import Console

from entrypoints.stack import running_stack
from ports.api_keys import Role


def keep_running(folder: Path, api_port: int, sandbox_port: int) -> None:
    """Runs until Ctrl-C or SIGTERM; prints where everything is and a key to begin with."""
    console = Console()
    with running_stack(
        data=folder, logs=folder / "logs", api_port=api_port, sandbox_port=sandbox_port
    ) as stack:
        key = stack.new_key(Role.SECRET, "fastcart up")
        console.print("[bold]FastCart is up.[/bold]  Ctrl-C stops it; its data stays in .fastcart/\n")
        console.print(f"  API            {stack.api_url}/v1        (schema: {stack.api_url}/schema)")
        console.print(f"  Vendor sandbox {stack.sandbox_url}")
        console.print(f"  Logs           {stack.logs}")
        console.print(f"  A secret key   {key}\n", highlight=False)
        console.print(
            "  Products to sell: fastcart catalog import   (DATABASE_URL as below)", highlight=False
        )
        console.print(f"  DATABASE_URL={stack.database_url}", highlight=False, soft_wrap=True)
        signal.signal(signal.SIGTERM, signal.default_int_handler)
        try:
            signal.pause()
        except KeyboardInterrupt:
            console.print("\nStopping …")
