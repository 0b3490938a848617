"""Plans and who has subscribed to them: what they pay, and what they may have."""

from typing import Final

from pytest_bdd import given, parsers, then, when

from domain.money import Money
from tests.bdd.club import Club, Membership
from tests.bdd.scene import Scene
from tests.bdd.steps.phrases import phrase

_REFUSALS: Final = {
    "the customer has that plan already": "already_subscribed",
    "no such plan is on sale": "unknown_plan",
}


@given(phrase('the shop sells the plan "{title}" for {price:Money} a month'))
def sells_plan(club: Club, title: str, price: Money) -> None:
    club.sell_plan(title, price)


@given("a customer is registered")
def is_registered(club: Club) -> None:
    club.register()


@given(phrase('the customer has subscribed to "{title}"'))
def has_subscribed(club: Club, title: str) -> None:
    club.subscribe(title, card_works=True)


@when(phrase('the customer subscribes to "{title}" with a card that works'))
def subscribes(club: Club, scene: Scene, title: str) -> None:
    with scene.may_be_refused():
        club.subscribe(title, card_works=True)


@when(phrase('the customer subscribes to "{title}" with a card that is declined'))
def subscribes_in_vain(club: Club, title: str) -> None:
    club.subscribe(title, card_works=False)


@when(phrase('the customer goes over to "{title}"'))
def goes_over(club: Club, scene: Scene, title: str) -> None:
    with scene.may_be_refused():
        club.go_over(title)


@when("the customer cancels at once")
def cancels_at_once(club: Club) -> None:
    club.cancel("now")


@when("the customer cancels for the end of the month")
def cancels_for_the_end(club: Club) -> None:
    club.cancel("period_end")


@given("the customer's card does not work any more")
def card_breaks(club: Club) -> None:
    club.break_card()


@given("the month ends")
@when("the month ends")
def month_ends(club: Club) -> None:
    club.end_month()


@when("somebody ends the subscription at the provider")
def ends_at_provider(club: Club) -> None:
    club.end_at_provider()


@given("the grace runs out")
@when("the grace runs out")
def grace_runs_out(club: Club) -> None:
    club.let_grace_run_out()


@when("the customer pays with another card")
def pays_with_another_card(club: Club) -> None:
    club.pay_with_another_card()


@then(phrase('the customer may have everything that "{title}" gives'))
def may_have_everything(club: Club, title: str) -> None:
    wanted = Membership(plan=title, state="active", grants="full")
    assert club.settles(wanted) == wanted


@then(phrase('the customer may still have everything that "{title}" gives'))
def may_still_have_everything(club: Club, title: str) -> None:
    wanted = Membership(plan=title, state="past_due", grants="grace")
    assert club.settles(wanted) == wanted


@then("the customer may have nothing of the plan")
def may_have_nothing(club: Club) -> None:
    assert club.grants_nothing()


@then("the subscription waits for its first payment")
def waits_for_payment(club: Club) -> None:
    assert club.membership().state == "incomplete"


@then("the subscription is over")
def is_over(club: Club) -> None:
    wanted = Membership(plan=club.membership().plan, state="ended", grants="none")
    assert club.settles(wanted) == wanted


@then(phrase("the provider has collected {amount:Money} for the subscription"))
def has_collected(club: Club, amount: Money) -> None:
    assert club.settles_at(amount) == amount


@then("the provider has collected nothing for the subscription")
def has_collected_nothing(club: Club) -> None:
    assert not club.collected()


@then("the customer is told once that the payment failed")
def told_of_failure(club: Club) -> None:
    assert club.letters("did not go through") == 1


@then("the customer is told once that the subscription has ended")
def told_of_end(club: Club) -> None:
    assert club.letters("has ended") == 1


@then(parsers.re(f"the subscription is refused because (?P<why>{'|'.join(_REFUSALS)})"))
def is_refused(scene: Scene, why: str) -> None:
    assert scene.told_refusal()[0] == _REFUSALS[why]
