"""`fastcart`: every command that a developer, an operator or a container runs."""

import os
import sys
from collections.abc import Callable, Sequence
from datetime import datetime
from pathlib import Path
from typing import Annotated, Literal

from cyclopts import App, Parameter, validators

from entrypoints.cli.endings import NotDone
from entrypoints.cli.remedies import with_remedy
from entrypoints.settings import Settings, SettingsRefused, settings_from

app = App(
    name="fastcart",
    help="""A self-hosted checkout: from a shopper's cart to a paid order, and money back when asked.

Try `fastcart demo` first: it starts everything on this machine, plays real purchases and checks the books.
`fastcart up` keeps the same stack running for development. In production run `fastcart migrate` once a
release, then `fastcart api` and `fastcart worker` as many times as you like. Settings come from environment
variables; docs/operations/settings.md lists them. What could not be done is said on standard error, and the
exit code is 2.""",
    error_formatter=with_remedy,
)
app.command("entrypoints.cli.keys:keys", name="keys")
app.command("entrypoints.cli.catalog:catalog", name="catalog")
app.command("entrypoints.cli.cases:cases", name="cases")
app.command("entrypoints.cli.parked:parked", name="parked")
app.command("entrypoints.cli.payments:payments", name="payments")
app.command("entrypoints.cli.customers:customers", name="customers")
app.command("entrypoints.cli.providers:providers", name="providers")
app.command("entrypoints.cli.plans:plans", name="plans")
app.command("entrypoints.cli.subscriptions:subscriptions", name="subscriptions")
# What proves FastCart proves nothing where nothing is played.
_ONE_OR_MORE, _SOME = validators.Number(gte=1), validators.Number(gt=0)
# Python draws the same for a number and its negative.
_SEED = validators.Number(gte=0)
Port = Annotated[
    int, Parameter(help="The port to listen on.", validator=validators.Number(gte=0, lte=65_535))
]
Host = Annotated[str, Parameter(help="The address to listen on; 0.0.0.0 is every one.")]


def _settings() -> Settings:
    try:
        return settings_from(os.environ)
    except SettingsRefused as refused:
        raise NotDone(f"FastCart can't start with this environment:\n{refused}") from None


@app.command
def demo() -> None:
    """Start everything, play purchases through the public API, check order, provider, journal and stock,
    stop.

    Needs nothing but this package. Exits 0 only if all of them agree.
    """
    from entrypoints.cli.demo import play

    raise SystemExit(play())


@app.command
def up(
    *,
    port: Port = 8000,
    sandbox_port: Annotated[Port, Parameter(help="The port that the vendor sandbox listens on.")] = 8001,
) -> None:
    """Run the whole stack for development until Ctrl-C. Its data stays in `.fastcart/` in this folder.

    It prints its addresses and a new key. Other commands work on its shop in a shell that has been told
    `. .fastcart/environment`. The sandbox's vendors begin anew at each start: they forget older payments.

    For example: `fastcart up --port 9000`
    """
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

    For example: `FASTCART_WORKER=embedded fastcart api --host 0.0.0.0 --port 8000`
    """
    from entrypoints.cli.serve import serve_api

    serve_api(_settings(), host, port)


@app.command
def worker() -> None:
    """Run a worker: it handles webhooks, sends e-mail, and takes up whatever is due in PostgreSQL.

    Run as many as you like, side by side. REDIS_URL only makes them quicker: PostgreSQL knows what is due.
    What a killed worker had in hand is taken up by another within 30 seconds; SIGTERM lets it finish first.

    For example: `REDIS_URL=redis://localhost:6379/0 fastcart worker`
    """
    from entrypoints.cli.serve import serve_worker

    serve_worker(_settings())


@app.command
def sandbox(*, host: Host = "127.0.0.1", port: Port = 8001) -> None:
    """Run the vendor sandbox: simulated vendors with faults that can be switched on, and a mailbox.

    For example: `SANDBOX_LATENCY_MS=200 fastcart sandbox`, and then the API with
    `STRIPE_BASE_URL=http://127.0.0.1:8001/stripe`
    """
    from entrypoints.sandbox.process import serve
    from entrypoints.sandbox.settings import SettingsInvalid, from_environment

    # The bank's pages are linked from where it listens.
    given = {"SANDBOX_PUBLIC_URL": f"http://{host}:{port}", **os.environ}
    try:
        settings = from_environment(given)
    except SettingsInvalid as invalid:
        raise NotDone(f"The sandbox can't start with this environment:\n{invalid}") from None
    serve(host, port, settings)


@app.command
def migrate() -> None:
    """Bring the database of DATABASE_URL to this version's schema, once a release, before it starts.

    Safe to repeat, and to run from several places. Only DATABASE_URL is needed.

    For example: `DATABASE_URL=postgresql://fastcart:password@localhost/fastcart fastcart migrate`
    """
    from adapters.postgres.migrate import upgrade
    from entrypoints.cli.administration import database_settings, failures_explained

    url = database_settings().database_url
    with failures_explained():
        upgrade(url)


@app.command
def flags() -> None:
    """List the feature flags: what each means now, who said so, and what it decides.

    It reads FASTCART_FLAGS_FILE and the FASTCART_FLAG_… variables of this environment as a process that is
    started here would, and exits 1 when something in them can't be read. No other setting is needed.

    For example: `FASTCART_FLAGS_FILE=flags.toml fastcart flags`
    """
    from entrypoints.cli.flags import list_flags

    list_flags(os.environ)


@app.command(name="stock-report")
def stock_report(
    *,
    since: Annotated[
        datetime | None, Parameter(help="Orders placed from then on; from the start of yesterday otherwise.")
    ] = None,
    until: Annotated[datetime | None, Parameter(help="And before then; until now otherwise.")] = None,
) -> None:
    """Compare the goods of a period's orders with what the inventory service has of them. Changes nothing.

    Exits 0 if all agrees, 1 if somebody has to look, 2 if it could not be finished. Times are UTC. For
    example: `fastcart stock-report --since 2026-11-01 --until 2026-12-01`
    """
    from entrypoints.cli.stock_report import report_stock

    raise SystemExit(report_stock(_settings(), since, until))


@app.command
def reconcile(
    *,
    since: Annotated[
        datetime | None,
        Parameter(name="--from", help="From this day or moment on, in UTC; the day before by default."),
    ] = None,
    until: Annotated[
        datetime | None,
        Parameter(name="--to", help="Up to, and without, this day or moment; one day by default."),
    ] = None,
    dry_run: Annotated[bool, Parameter(help="Compare only: repair nothing, keep no report.")] = False,
    as_json: Annotated[
        bool, Parameter(name="--json", help="Print the report as the API shows it.", negative="")
    ] = False,
) -> None:
    """Compare orders, journal and stock with the provider's payments and refunds, and repair what is safe.

    What the provider shows and we missed is recorded; what nothing explains becomes a case for a person.
    Exits 0 if all agrees or was repaired, 1 if somebody has to look, 2 if it could not be finished. Workers
    do it every night (FASTCART_RECONCILE_AT). docs/operations/reconciliation.md says how to read the report.

    For example: `fastcart reconcile --from 2026-11-20 --to 2026-11-21 --dry-run`
    """
    from entrypoints.cli.reconciliation import reconcile

    raise SystemExit(reconcile(_settings(), since, until, dry_run=dry_run, as_json=as_json))


@app.command
def bench(
    *,
    seconds: Annotated[float, Parameter(help="How long each measurement lasts.", validator=_SOME)] = 8.0,
    processes: Annotated[
        int | None,
        Parameter(
            help="How many API processes share the port. Unless said, one for each core.",
            validator=_ONE_OR_MORE,
        ),
    ] = None,
    with_worker: Annotated[
        bool, Parameter(help="With a worker beside the API that sends confirmations and sweeps.")
    ] = False,
    only: Annotated[
        Literal["flow", "integrations"] | None,
        Parameter(help="Measure the checkouts, or the calls to vendors, and leave out the other part."),
    ] = None,
) -> None:
    """Measure complete checkouts over HTTP beside the ceiling of the same PostgreSQL, and what calls cost
    beside the vendor's own time.

    Exits 1 when a bar is missed. Leave the machine alone meanwhile: all of it is measured. Needs FastCart's
    source tree. For example: `fastcart bench --seconds 3`
    """
    measure = _from_checkout("tests.benchmarks.run")
    raise SystemExit(measure(seconds, processes, with_worker=with_worker, only=only))


@app.command
def replay(
    *,
    baskets: Annotated[
        int, Parameter(help="How many real shopping baskets to play.", validator=_ONE_OR_MORE)
    ] = 2_000,
) -> None:
    """Play real shopping baskets through the API and check every total and the journal against a sum made
    apart.

    Needs FastCart's source tree. For example: `fastcart replay --baskets 200`
    """
    raise SystemExit(_from_checkout("tests.replay.run")(baskets))


@app.command
def chaos(
    *,
    seed: Annotated[
        int, Parameter(help="Decides who buys what, who dies when, what fails.", validator=_SEED)
    ] = 1,
    seconds: Annotated[float, Parameter(help="How long the fires last.", validator=_SOME)] = 40.0,
    rate: Annotated[float, Parameter(help="How many shoppers come in a second.", validator=_SOME)] = 5.0,
    keep_logs: Annotated[Path | None, Parameter(help="Where the processes' logs are to stay.")] = None,
) -> None:
    """Kill API, workers, Valkey and PostgreSQL under load while vendors fail, then check all books.

    Exits 0 only if every invariant holds. Needs FastCart's source tree. For example:
    `fastcart chaos --seed 7 --seconds 60`
    """
    raise SystemExit(_from_checkout("tests.chaos.run")(seed, seconds, rate, keep_logs))


@app.command
def simulate(
    *,
    seeds: Annotated[int, Parameter(help="How many seeds to play.", validator=_ONE_OR_MORE)] = 200,
    first_seed: Annotated[int, Parameter(help="The first of them.", validator=_SEED)] = 1,
    seed: Annotated[
        int | None, Parameter(help="Play this one alone, and tell all that happens.", validator=_SEED)
    ] = None,
) -> None:
    """Play the real application on virtual time while everything outside it fails, then check all invariants.

    Exits 0 only if every invariant holds. Needs FastCart's source tree. For example:
    `fastcart simulate --seeds 2000`
    """
    raise SystemExit(_from_checkout("tests.simulation.run")(seeds, first_seed, seed))


def _from_checkout(module: str) -> Callable[..., int]:
    """What proves FastCart lives beside its tests, which an installed package doesn't carry."""
    import importlib

    sys.path.insert(0, str(Path.cwd()))
    try:
        main: Callable[..., int] = importlib.import_module(module).main
    except ModuleNotFoundError as error:
        raise NotDone(
            f"This needs FastCart's source tree, and its root as the current folder ({error})."
        ) from None
    return main


def main() -> None:
    """The console script's entry."""
    from entrypoints.logs import configure

    configure()
    run()


def run(arguments: Sequence[str] | None = None) -> None:
    """Does what the arguments say, those of this process unless others are given. Raises SystemExit."""
    try:
        app(arguments)
    except NotDone as why:
        print(why, file=sys.stderr)
        raise SystemExit(why.code) from None


if __name__ == "__main__":
    main()
