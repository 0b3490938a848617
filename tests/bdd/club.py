"""What a scenario may do with plans and their subscribers, in business verbs; two clubs keep this protocol,
one in each of the shops.
"""

from dataclasses import dataclass
from typing import Protocol

from domain.money import Money


@dataclass(frozen=True, slots=True, kw_only=True)
class Membership:
    """How a subscription stands: its plan's title, its state, and whether the plan's goods are granted:
    `full`, `grace` or `none`.
    """

    plan: str
    state: str
    grants: str


class Club(Protocol):
    """One customer, who has one subscription at the most. Refusals are `tests.bdd.shop.Refused`."""

    # what the merchant does

    def sell_plan(self, title: str, price: Money) -> None:
        """For a month each."""

    def register(self) -> None: ...

    # what the customer does

    def subscribe(self, title: str, *, card_works: bool) -> None: ...

    def go_over(self, title: str) -> None: ...

    def cancel(self, when: str) -> None:
        """`now` or `period_end`."""

    def break_card(self) -> None:
        """The customer's card is not charged successfully any more."""

    def pay_with_another_card(self) -> None: ...

    # what time and the provider do

    def end_month(self) -> None: ...

    def end_at_provider(self) -> None: ...

    def let_grace_run_out(self) -> None: ...

    # what can be seen

    def membership(self) -> Membership: ...

    def collected(self) -> Money:
        """What the books say that the provider holds for the subscription."""

    def grants_nothing(self) -> bool:
        """Whether nothing of the plan is granted, at the latest when patience runs out."""

    def letters(self, about: str) -> int:
        """How many letters with these words in their subject have reached the customer."""

    def settles(self, holds: Membership) -> Membership:
        """How it stands once it stands so, or last before patience ran out."""

    def settles_at(self, collected: Money) -> Money: ...
