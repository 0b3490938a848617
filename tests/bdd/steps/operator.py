"""What waits for a person, and what operators make of it."""

from typing import Final

from pytest_bdd import given, parsers, then, when

from domain.money import Money
from tests.bdd.scene import Scene
from tests.bdd.shop import Choice, Deed, DisputeTurn, Matter, MoneyBack
from tests.bdd.steps.payment import DECLINES
from tests.bdd.steps.phrases import phrase

_CHOICES: Final = {
    "tries again": Choice.TRY_AGAIN,
    "leaves it as it is": Choice.LEAVE,
    "calls the order off": Choice.CALL_OFF,
}
_REFUSALS: Final = {
    "it was decided already": "case_already_resolved",
    "it would do nothing": "action_not_possible",
}


@given("the bank has sent back a refund of everything")
def has_sent_back(scene: Scene) -> None:
    scene.shop.give_back(scene.order, MoneyBack())
    scene.shop.answer_refund(scene.order, taken=False)


@given("the shopper has disputed the payment")
def has_disputed(scene: Scene) -> None:
    scene.shop.turn_dispute(scene.order, DisputeTurn.RAISED)


@given("the mail service takes no letters to the shopper")
def takes_no_letters(scene: Scene) -> None:
    scene.shop.take_letters(taken=False)


@when("the mail service takes letters to the shopper again")
def takes_letters_again(scene: Scene) -> None:
    scene.shop.take_letters(taken=True)


@when(parsers.re(rf'"(?P<by>[^"]+)" (?P<choice>{"|".join(_CHOICES)}) because "(?P<why>[^"]+)"'))
def decides(scene: Scene, by: str, choice: str, why: str) -> None:
    with scene.may_be_refused():
        scene.shop.decide(_matter(scene), _CHOICES[choice], by, why)


@when(phrase('"{by}" takes it because "{why}"'))
def takes(scene: Scene, by: str, why: str) -> None:
    scene.shop.take_on(_matter(scene), by, by, why)


@when(phrase('"{by}" gives it to "{to}" because "{why}"'))
def gives(scene: Scene, by: str, to: str, why: str) -> None:
    scene.shop.take_on(_matter(scene), by, to, why)


@when(phrase('"{by}" has it sent again because "{why}"'))
def has_sent_again(scene: Scene, by: str, why: str) -> None:
    (letter,) = scene.shop.put_aside(scene.order)
    scene.shop.send_again(letter, by, why)


@then("an operator can try again, or leave it as it is")
def can_decide(scene: Scene) -> None:
    assert _matter(scene).choices == {Choice.TRY_AGAIN, Choice.LEAVE}


@then(phrase("trying again would give {amount:Money} back"))
def would_give_back(scene: Scene, amount: Money) -> None:
    assert scene.shop.would_give_back(_matter(scene), Choice.TRY_AGAIN) == amount


@then(phrase("leaving it as it is would write {amount:Money} off"))
def would_write_off(scene: Scene, amount: Money) -> None:
    assert scene.shop.would_write_off(_matter(scene), Choice.LEAVE) == amount


@then("leaving it as it is would give nothing back")
def would_give_nothing_back(scene: Scene) -> None:
    assert not scene.shop.would_give_back(_matter(scene), Choice.LEAVE)


@then(parsers.re(f"the decision is refused because (?P<why>{'|'.join(_REFUSALS)})"))
def decision_is_refused(scene: Scene, why: str) -> None:
    assert _REFUSALS[why] in scene.told_refusal()


@then(phrase('"{name}" looks after it'))
def looks_after(scene: Scene, name: str) -> None:
    assert _matter(scene).keeper == name


@then("nobody looks after it")
def nobody_looks_after(scene: Scene) -> None:
    assert _matter(scene).keeper is None


@then(phrase('the order\'s story tells that "{by}" decided because "{why}"'))
def tells_decision(scene: Scene, by: str, why: str) -> None:
    assert scene.shop.deeds(scene.order) == (Deed(kind="case_resolved", by=by, why=why),)


@then(phrase('the order\'s story tells that "{by}" had it sent because "{why}"'))
def tells_sending(scene: Scene, by: str, why: str) -> None:
    assert scene.shop.deeds(scene.order) == (Deed(kind="work_replayed", by=by, why=why),)


@then(phrase("the bank can be answered for {days:d} days"))
def can_be_answered(scene: Scene, days: int) -> None:
    assert _matter(scene).answer_days == days


@then(parsers.re("it has ended by itself because the dispute was (?P<verdict>won|lost)"))
def has_ended_by_itself(scene: Scene, verdict: str) -> None:
    assert _matter(scene).ended_by == f"dispute_{verdict}"


@then(parsers.re(rf"operators (?P<find>find|don't find) the payment where (?P<why>{'|'.join(DECLINES)})"))
def find_payment(scene: Scene, find: str, why: str) -> None:
    assert scene.shop.declined_payments(scene.order, DECLINES[why]) == (find == "find")


@then("the confirmation is put aside")
def is_put_aside(scene: Scene) -> None:
    letters = scene.shop.until(lambda: scene.shop.put_aside(scene.order), lambda seen: len(seen) == 1)
    assert len(letters) == 1


@then("nothing is put aside any more")
def nothing_is_put_aside(scene: Scene) -> None:
    assert scene.shop.put_aside(scene.order) == ()


@then("the shopper has got no confirmation")
def has_no_confirmation(scene: Scene) -> None:
    assert scene.shop.confirmations(scene.order) == 0


def _matter(scene: Scene) -> Matter:
    """What waits about the order, as soon as something does."""
    matters = scene.shop.until(lambda: scene.shop.matters(scene.order), lambda seen: len(seen) == 1)
    assert len(matters) == 1, matters
    return matters[0]
