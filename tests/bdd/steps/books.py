"""Where the goods and the money are, and what is told of an order."""

from typing import Final

from pytest_bdd import parsers, then

from tests.bdd.scene import Scene
from tests.bdd.shop import Pieces
from tests.bdd.steps.phrases import money

_STORY: Final = ("order_placed", "stock_held", "payment_declined", "order_completed")


def _pieces_become(scene: Scene, title: str, where: str, count: int) -> None:
    def so_many(pieces: Pieces) -> bool:
        return bool(getattr(pieces, where) == count)

    pieces = scene.shop.until(lambda: scene.shop.pieces(title), so_many)
    assert so_many(pieces), f"{count} {where} expected: {pieces}"


@then(parsers.re(r'(?P<count>\d+) pieces? of "(?P<title>[^"]+)" (?:is|are) (?P<where>free|held|sold)'))
def pieces_are(scene: Scene, count: str, title: str, where: str) -> None:
    _pieces_become(scene, title, where, int(count))


@then("the books say")
def books_say(scene: Scene, datatable: list[list[str]]) -> None:
    """Accounts that are not named have to be at zero."""
    expected = {account: money(amount) for account, amount in datatable[1:] if money(amount)}
    books = scene.shop.until(lambda: _open_accounts(scene), lambda open_accounts: open_accounts == expected)
    assert books == expected


@then("the books are empty")
def books_are_empty(scene: Scene) -> None:
    scene.shop.wait_for_rest(scene.order)
    assert _open_accounts(scene) == {}


@then("the order's story tells of placing, holding, a decline, and completion")
def story_tells(scene: Scene) -> None:
    def tells_all(story: tuple[str, ...]) -> bool:
        return tuple(kind for kind in story if kind in _STORY) == _STORY

    story = scene.shop.until(lambda: scene.shop.story(scene.order), tells_all)
    assert tells_all(story), story


def _open_accounts(scene: Scene) -> dict[str, object]:
    return {account: amount for account, amount in scene.shop.books(scene.order).items() if amount}
