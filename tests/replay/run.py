"""The replay at the whole stack: starts it, imports the products, plays the baskets, says what came of it."""

import asyncio
import tempfile
import time
from pathlib import Path

import httpx
from rich.console import Console

from entrypoints.stack import Stack, running_stack
from ports.api_keys import Role
from tests.replay.baskets import baskets
from tests.replay.play import Tally, play
from tests.replay.stock_up import stock_up


def main(count: int) -> int:
    """0 if every basket came out right to the cent."""
    console = Console()
    with tempfile.TemporaryDirectory(prefix="fastcart-replay-") as folder:
        console.print("Starting FastCart and importing the products …")
        # The sum made apart goes by our own table; a tax service's can't be foretold to the cent.
        own_taxes = {"FASTCART_TAXES": "built_in"}
        with running_stack(data=None, logs=Path(folder), overrides=own_taxes) as stack:
            imported = stock_up(stack)
            console.print(f"{imported} products imported. Playing {count} baskets …")
            started = time.monotonic()
            tally = asyncio.run(_play(stack, count))
            seconds = time.monotonic() - started
    _print(console, tally, seconds)
    return 0 if tally.bought and not tally.wrong else 1


async def _play(stack: Stack, count: int) -> Tally:
    key = await asyncio.to_thread(stack.new_key, Role.SECRET, "replay")
    headers = {"Authorization": f"Bearer {key}"}
    async with httpx.AsyncClient(base_url=stack.api_url, headers=headers, timeout=60) as client:
        return await play(client, list(baskets(count)))


def _print(console: Console, tally: Tally, seconds: float) -> None:
    dollars = f"{tally.cents / 100:,.2f} USD"
    console.print(f"{tally.bought} baskets bought: {tally.lines} lines, {dollars}, {seconds:.0f} s.")
    console.print(f"{tally.without_lines} baskets had no line that can be sold.")
    for code, count in tally.refusals.most_common():
        console.print(f"  {count} lines refused: {code}")
    for problem in tally.wrong[:20]:
        console.print(f"[red]{problem}[/red]")
    console.print(
        "Every total and every journal is right to the cent."
        if not tally.wrong
        else f"{len(tally.wrong)} wrong."
    )
