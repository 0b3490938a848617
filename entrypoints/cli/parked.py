"""`fastcart parked`: webhooks and messages that kept failing, seen and tried again."""

from typing import Annotated

from cyclopts import App, Parameter

from domain.errors import UnknownParkedWork
from entrypoints.cli.administration import administer, said
from entrypoints.cli.endings import NotDone
from entrypoints.cli.screens import Listing, screen

parked = App(
    name="parked",
    help="""Parked work: webhooks that could not be handled and letters that could not be sent.

Nothing is dropped: what keeps failing is parked with the last failure's word. See `fastcart parked list`,
mend the cause, then have it tried again with `fastcart parked replay`. Only DATABASE_URL is needed.""",
)
_MOST_SHOWN = 1_000


@parked.command(name="list")
def list_parked() -> None:
    """List what is parked: messages, then webhooks, each oldest first.

    For example: `fastcart parked list`
    """
    found = administer(lambda container: container.queries().parked(None, _MOST_SHOWN))
    if not found:
        print("Nothing is parked.")
        return
    listing = Listing(("Work", "Order", "Parked"), ("What", "Because", "Replayed before by"))
    for work in found:
        listing.add(
            (work.id, work.order_id or "about no order", f"{work.parked_at:%Y-%m-%d %H:%M}"),
            work.kind.replace("_", " "),
            f"{work.because} ({work.tries} tries)",
            ", ".join(act.by for act in work.replays) or "–",
        )
    listing.print_on(screen())


@parked.command
def replay(
    work_id: Annotated[str, Parameter(help="Its id (msg_… or whk_…); `fastcart parked list` shows it.")],
    *,
    operator: Annotated[str, Parameter(name="--as", help="Your name; it is kept with the work.")],
    why: Annotated[str, Parameter(help="Why another try is worth it; kept with the work.")],
) -> None:
    """Have parked work tried again, soon and with as many tries as the first time.

    For example: `fastcart parked replay msg_01jd3v5x6zfp8t2m4n7q9r1s3t --as Kim
    --why "the sender is verified now"`
    """
    by, reason = said(operator, "--as"), said(why, "--why")
    try:
        administer(lambda container: container.replay_parked_work()(work_id, by=by, why=reason))
    except UnknownParkedWork:
        raise NotDone("Nothing with this id is parked. `fastcart parked list` shows what is.") from None
    print(f"{work_id} is tried again.")
