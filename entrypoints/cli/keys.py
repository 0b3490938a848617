"""`fastcart keys`: who may call the API."""

import sys
from typing import Annotated

from cyclopts import App, Parameter

from entrypoints.cli.administration import Limit, administer
from entrypoints.cli.endings import NotDone
from entrypoints.cli.screens import Listing, screen
from ports.api_keys import Role

keys = App(
    name="keys", help="API keys: make one, list them, revoke one. A key is shown once and kept as a hash."
)


@keys.command
def create(
    *,
    role: Annotated[Role, Parameter(help="What it may do; see above.")],
    name: Annotated[str, Parameter(help="Who it is for, as you will know it by.")] = "",
) -> None:
    """Make an API key and print it: this once, it is kept as a hash. Only DATABASE_URL is needed.

    Roles: publishable (a shopper's browser; sees only the checkout whose client token it holds), secret
    (the merchant's server), operator (a person who looks after orders).

    For example: `fastcart keys create --role secret --name "storefront server"`
    """
    made = administer(lambda container: container.create_api_key()(role, name))
    # The key alone on standard output, so that a script can take it; its id isn't secret.
    print(made.secret)
    print(f"Its id, to revoke it by: {made.key.id}", file=sys.stderr)


@keys.command(name="list")
def list_keys(*, limit: Limit = 100) -> None:
    """List API keys, newest first, with revoked ones; never the keys themselves. Only DATABASE_URL is needed.

    For example: `fastcart keys list`
    """
    found = administer(lambda container: container.api_keys().newest(limit))
    if not found:
        print("There is no key yet; `fastcart keys create` makes one.")
        return
    listing = Listing(("Key", "Made", "Revoked"), ("Role", "Name"))
    for kept in found:
        revoked = f"{kept.revoked_at:%Y-%m-%d %H:%M}" if kept.revoked_at is not None else "no"
        made = f"{kept.created_at:%Y-%m-%d %H:%M}"
        listing.add((kept.key.id, made, revoked), kept.key.role.value, kept.key.name or "–")
    console = screen()
    listing.print_on(console)
    if len(found) == limit:
        console.print(f"These are the newest {limit}; say --limit to see others.")


@keys.command
def revoke(key_id: Annotated[str, Parameter(help="The key's id (key_…), not the key.")]) -> None:
    """Revoke a key by its id; within seconds no process accepts it. Only DATABASE_URL is needed.

    For example: `fastcart keys revoke key_01jd3v5x6zfp8t2m4n7q9r1s3t`
    """
    if not administer(lambda container: container.revoke_api_key()(key_id)):
        # What was given isn't repeated: it may be the key itself.
        raise NotDone("No valid key has this id. Ids begin with key_; `fastcart keys list` shows them.")
    print(f"{key_id} is revoked.")
