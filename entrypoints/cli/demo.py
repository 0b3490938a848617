"""`fastcart demo`: real purchases through the public API, and then the books: everything has to agree."""

import tempfile
import time
from pathlib import Path

from rich.console import Console

from entrypoints.cli.demo_books import closing_table, disagreements
from entrypoints.cli.demo_shopper import Purchase, Shopper
from entrypoints.cli.product_csv import read_products
from entrypoints.stack import Stack, running_stack
from ports.api_keys import Role

_WIDTH_OF_A_FILE = 170
# Long enough to pay in, short enough to watch a shopper walk away.
_SHORTENED = {
    "FASTCART_PAYMENT_WINDOW_SECONDS": "6",
    "FASTCART_PAYMENT_TRY_SECONDS": "4",
    "FASTCART_HOLD_MARGIN_SECONDS": "2",
}


def play() -> int:
    """0 if every order, the provider, the journal and the stock agree; 1 otherwise."""
    console = Console()
    if not console.is_terminal:
        console = Console(width=_WIDTH_OF_A_FILE)
    with tempfile.TemporaryDirectory(prefix="fastcart-demo-") as folder:
        console.print(
            "[bold]FastCart demo[/bold]: starting PostgreSQL, Valkey, the sandbox, the API and a worker …"
        )
        started = time.monotonic()
        with running_stack(data=None, logs=Path(folder), overrides=_SHORTENED) as stack:
            console.print(f"  up after {time.monotonic() - started:.1f} s, API at {stack.api_url}\n")
            shopper = Shopper(stack.api_url, stack.sandbox_url, stack.new_key(Role.SECRET, "demo"), console)
            purchases = _purchases(stack, shopper)
            return _close(shopper, purchases, console)


def _purchases(stack: Stack, shopper: Shopper) -> list[Purchase]:
    with (Path(__file__).with_name("demo_catalog.csv")).open(encoding="utf-8", newline="") as lines:
        shopper.stock_up(read_products(lines))
    walker = shopper.walks_away()
    purchases = [
        shopper.pays_at_once(),
        shopper.confirms_at_the_bank(),
        shopper.tries_another_card(),
        shopper.pays_in_yen(),
        shopper.gets_money_back(),
        shopper.never_hears_of_the_capture(),
        shopper.confirms_while_nobody_works(stack.processes["worker"]),
    ]
    shopper.wait_until(walker, "expired")
    return [*purchases, walker]


def _close(shopper: Shopper, purchases: list[Purchase], console: Console) -> int:
    books = [shopper.books_of(purchase) for purchase in purchases]
    for purchase, book in zip(purchases, books, strict=True):
        console.print(f"\n[bold]{purchase.story}[/bold]  {purchase.order_id}")
        for event in book.timeline:
            console.print(f"  {event}", highlight=False)
    stock = shopper.stock_of([book.sku for book in books])
    console.print()
    console.print(closing_table(books, stock))
    problems = disagreements(books, stock)
    for problem in problems:
        console.print(f"[red]{problem}[/red]")
    if not problems:
        console.print("[green]Every order, the provider, the journal and the stock agree.[/green]")
    return 1 if problems else 0
