"""`fastcart`: every command that a developer, an operator or a container runs."""

import os
import sys
from collections.abc import Callable
from pathlib import Path
from typing import Annotated

from cyclopts import App, Parameter

from entrypoints.settings import Settings, SettingsRefused, settings_from

app = App(
    name="fastcart",
    help="""A self-hosted checkout: from a shopper's cart to a paid order, and money back when asked.

Try `fastcart demo` first: it starts everything on this machine, plays real purchases and checks the books.
`fastcart up` keeps the same stack running for development. In production run `fastcart migrate` once a
release, then `fastcart api` and `fastcart worker` as many times as you like.""",
)
Port = Annotated[int, Parameter(help="The port to listen on.")]
Host = Annotated[str, Parameter(help="The address to listen on; 0.0.0.0 is every one.")]


def _settings() -> Settings:
    try:
        return settings_from(os.environ)
    except SettingsRefused as refused:
        raise SystemExit(f"FastCart can't start with this environment:\n{refused}") from None


@app.command
def demo() -> None:
    """Start everything, play purchases through the public API, check order, provider, journal and stock,
    stop.

    Needs nothing but this package. Exits 0 only if all of them agree.
    """
    from entrypoints.cli.demo import play

    raise SystemExit(play())


@app.command
def up(*, port: Port = 8000, sandbox_port: Port = 8001) -> None:
    """Run the whole stack for development until Ctrl-C. Its data stays in `.fastcart/` in this folder."""
    from entrypoints.cli.up import keep_running

    keep_running(Path.cwd() / ".fastcart", port, sandbox_port)


@app.command
def api(*, host: Host = "127.0.0.1", port: Port = 8000) -> None:
    """Run an API process. Several may share a port on Linux: the kernel spreads connections over them.

    With FASTCART_WORKER=embedded it does the worker's job as well, so that this command and a PostgreSQL are
    a whole shop: no Redis, no `fastcart worker`. Without it (FASTCART_WORKER=separate, the default) run at
    least one `fastcart worker`. REDIS_URL wakes workers at once; without it they look by themselves, every
    FASTCART_SWEEP_INTERVAL_MS.

    SIGTERM ends it cleanly: requests and jobs in hand are finished, within 25 seconds.
    """
    from entrypoints.cli.serve import serve_api

    serve_api(_settings(), host, port)


@app.command
def worker() -> None:
    """Run a worker: it handles webhooks, sends e-mail, and takes up whatever is due in PostgreSQL.

    Run as many as you like, side by side. REDIS_URL only makes them quicker: PostgreSQL knows what is due.
    What a killed worker had in hand is taken up by another within 30 seconds; SIGTERM lets it finish first.
    """
    from entrypoints.cli.serve import serve_worker

    serve_worker(_settings())


@app.command
def sandbox(*, host: Host = "127.0.0.1", port: Port = 8001) -> None:
    """Run the vendor sandbox: simulated vendors with faults that can be switched on, and a mailbox."""
    from entrypoints.sandbox.process import serve
    from entrypoints.sandbox.settings import from_environment

    # The bank's pages are linked from where it listens.
    serve(host, port, from_environment({"SANDBOX_PUBLIC_URL": f"http://{host}:{port}", **os.environ}))


@app.command
def migrate() -> None:
    """Bring the database of DATABASE_URL to this version's schema.

    Safe to repeat, and to run from several places.
    """
    from adapters.postgres.migrate import upgrade

    url = os.environ.get("DATABASE_URL")
    if not url:
        raise SystemExit(
            "DATABASE_URL is not set; it looks like postgresql://user:password@host:5432/fastcart"
        )
    upgrade(url)


@app.command
def bench(*, seconds: Annotated[float, Parameter(help="How long each measurement lasts.")] = 8.0) -> None:
    """Measure complete checkouts over HTTP beside the ceiling of the same PostgreSQL.

    Exits 1 when a bar is missed.
    """
    raise SystemExit(_from_checkout("tests.benchmarks.run")(seconds))


@app.command
def replay(
    *, baskets: Annotated[int, Parameter(help="How many real shopping baskets to play.")] = 2_000
) -> None:
    """Play real shopping baskets through the API and check every total and the journal against a sum made
    apart.
    """
    raise SystemExit(_from_checkout("tests.replay.run")(baskets))


@app.command
def chaos(
    *,
    seed: Annotated[int, Parameter(help="Decides who buys what, who dies when, what fails.")] = 1,
    seconds: Annotated[float, Parameter(help="How long the fires last.")] = 40.0,
    rate: Annotated[float, Parameter(help="How many shoppers come in a second.")] = 5.0,
    keep_logs: Annotated[Path | None, Parameter(help="Where the processes' logs are to stay.")] = None,
) -> None:
    """Kill API, workers, Valkey and PostgreSQL under load while vendors fail, then check all books.

    Exits 0 only if every invariant holds.
    """
    raise SystemExit(_from_checkout("tests.chaos.run")(seed, seconds, rate, keep_logs))


def _from_checkout(module: str) -> Callable[..., int]:
    """Benchmarks, replay and chaos live beside the tests, which an installed package doesn't carry."""
    import importlib

    sys.path.insert(0, str(Path.cwd()))
    try:
        main: Callable[..., int] = importlib.import_module(module).main
    except ModuleNotFoundError as error:
        raise SystemExit(
            f"This needs FastCart's source tree, and its root as the current folder ({error})."
        ) from None
    return main


def main() -> None:
    """The console script's entry."""
    from entrypoints.logs import configure

    configure()
    from entrypoints.cli.catalog import catalog
    from entrypoints.cli.keys import keys

    app.command(keys)
    app.command(catalog)
    app()


if __name__ == "__main__":
    main()
