"""What a scenario may do in a shop and see of it, in business verbs.

Two shops keep this protocol: the use-cases with everything else in memory, and the running service behind its
public API.
"""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from enum import Enum
from typing import TYPE_CHECKING, Protocol, TypeVar

from domain.money import Money

if TYPE_CHECKING:
    from tests.bdd.customers import CustomerDesk

T = TypeVar("T")

STANDARD_DELIVERY = "standard"


class Card(Enum):
    """What shoppers pay with, by the token that a provider's form would have made of it."""

    WORKS = "pm_card_visa"
    LACKS_FUNDS = "pm_card_visa_chargeDeclinedInsufficientFunds"
    STOLEN = "pm_card_visa_chargeDeclinedStolenCard"
    ASKS_BANK = "pm_card_threeDSecure2Required"
    REFUNDS_TAKE_DAYS = "pm_card_pendingRefund"
    REFUNDS_COME_BACK = "pm_card_refundFail"
    DIRECT_DEBIT = "pm_sepaDebit_success_de"
    IDEAL = "pm_ideal"
    BANCONTACT = "pm_bancontact"
    KLARNA = "pm_klarna"


class Standing(Enum):
    """Where an order stands, in the words that the shopper's page is told."""

    AWAITING_PAYMENT = "awaiting_payment"
    ACTION_REQUIRED = "action_required"
    PROCESSING = "processing"
    PAID = "paid"
    PARTLY_REFUNDED = "partially_refunded"
    REFUNDED = "refunded"
    CANCELLED = "canceled"
    EXPIRED = "expired"


class BankAnswer(Enum):
    """What the shopper tells the bank that asks them, and what it does about a debit, as the sandbox says."""

    CONFIRMED = "complete_authentication"
    REFUSED = "fail_authentication"
    PAID = "settle"
    SENT_BACK = "fail_processing"


@dataclass(frozen=True, slots=True, kw_only=True)
class Goods:
    title: str
    quantity: int


@dataclass(frozen=True, slots=True, kw_only=True)
class CartLine:
    id: str
    goods: Goods
    discount: Money


@dataclass(frozen=True, slots=True, kw_only=True)
class Need:
    """What a cart still needs; `title` where it is about one of its goods."""

    code: str
    title: str | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Place:
    """Where a parcel goes in Germany: `Marienplatz 8, 80331 München`."""

    line1: str
    postcode: str
    city: str

    @classmethod
    def read(cls, text: str) -> "Place":
        line1, _, rest = text.partition(", ")
        postcode, _, city = rest.partition(" ")
        return cls(line1=line1, postcode=postcode, city=city)


@dataclass(frozen=True, slots=True, kw_only=True)
class Cart:
    """A cart as its shopper sees it. `token` is theirs; `totals` are rows of type and amount, in order.

    `remarks` keep it from nothing; `suggested` is an address that was probably meant.
    """

    id: str
    token: str
    version: int
    lines: tuple[CartLine, ...]
    needs: frozenset[Need]
    remarks: frozenset[str]
    suggested: Place | None
    is_ready: bool
    totals: tuple[tuple[str, Money], ...]
    total: Money


@dataclass(frozen=True, slots=True, kw_only=True)
class Order:
    """An order as its shopper sees it; `declined` is the reason that they are told."""

    id: str
    token: str
    standing: Standing
    total: Money
    declined: str | None


@dataclass(frozen=True, slots=True, kw_only=True)
class DeliveryOffer:
    """`is_estimate`: a rate of the shop's own in a carrier's place."""

    id: str
    amount: Money
    is_estimate: bool

    @property
    def carrier(self) -> str:
        return self.id.partition("_")[0]


@dataclass(frozen=True, slots=True, kw_only=True)
class DeliveryOffers:
    """Cheapest first. `notes` is what is to be known about them, in stable words."""

    offers: tuple[DeliveryOffer, ...]
    notes: frozenset[str]


class DisputeTurn(Enum):
    """What becomes of a payment that a shopper takes up with their bank."""

    RAISED = "raised"
    WON = "won"
    LOST = "lost"


@dataclass(frozen=True, slots=True, kw_only=True)
class MoneyBack:
    """What the merchant gives back; nothing named is everything. `put_back` goes on the shelf again."""

    amount: Money | None = None
    goods: tuple[Goods, ...] = ()
    delivery: bool = False
    put_back: tuple[Goods, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class Refund:
    """As its shopper sees it. `standing`: pending, succeeded or failed."""

    amount: Money
    standing: str


class Choice(Enum):
    """What an operator can decide."""

    TRY_AGAIN = "retry"
    GIVE_BACK = "refund"
    CALL_OFF = "cancel"
    LEAVE = "accept"


@dataclass(frozen=True, slots=True, kw_only=True)
class Matter:
    """What waits for an operator, or did: who looks after it, and what they can decide now.

    `answer_days`: how long a bank hears the shop. `ended_by`: what settled it without anybody.
    """

    id: str
    keeper: str | None
    choices: frozenset[Choice]
    answer_days: int | None = None
    ended_by: str | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Deed:
    """What an operator did, as the order's story tells it."""

    kind: str
    by: str
    why: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Pieces:
    """Where the pieces of one product are."""

    held: int
    sold: int
    free: int


class Difference(Enum):
    """What became of something that our books and the provider's did not agree on."""

    MADE_GOOD = "repaired"
    SHOWN = "case_opened"
    KNOWN = "noted"
    UNRESOLVED = "unresolved"
    LEFT = "left"


class Refused(Exception):
    """The shop said no. `reasons` are stable words: the refusal's own, and what it found missing or wrong."""

    def __init__(self, *reasons: str) -> None:
        super().__init__(", ".join(reasons))
        self.reasons = reasons


class Shop(Protocol):
    """Whoever is refused gets `Refused`. Products are named by their titles, and belong to one scenario."""

    # what the merchant does

    def sell(self, title: str, *prices: Money) -> None:
        """Offers it from now on at these prices; plenty of it is in stock when it is new."""

    def keep_in_stock(self, title: str, pieces: int) -> None:
        """So many are free from now on."""

    def give_out_code(self, code: str, percent: int) -> None: ...

    def call_off(self, order: Order) -> None: ...

    def give_back(self, order: Order, what: MoneyBack) -> None: ...

    def give_back_at_once(self, order: Order, what: MoneyBack, people: int) -> int:
        """So many people ask for it at the same moment; how many of them were let."""

    def exempt(self, cart: Cart) -> Cart:
        """The merchant has seen the buyer's certificate: no tax."""

    def report_short(self, order: Order, goods: Goods, *, missing: bool) -> None:
        """These can't be shipped. They are `missing`, or there and free to be sold to others."""

    # what providers do

    def begin_elsewhere(self) -> None:
        """New orders begin with the other payment provider, until the scenario ends."""

    def begins_elsewhere(self, order: Order) -> bool:
        """Whether it was with the other provider that this one began."""

    # what carriers do; only in a shop that has any

    def silence(self, carrier: str) -> None:
        """It answers nobody from now on."""

    def raise_rates(self, carrier: str, percent: int) -> None:
        """It takes so many percent of its usual prices from now on."""

    def let_quotes_run_out(self) -> None:
        """No price that was promised until now is promised any more."""

    # what an operator does

    def take_on(self, matter: Matter, by: str, to: str, why: str) -> None: ...

    def decide(self, matter: Matter, choice: Choice, by: str, why: str) -> None: ...

    def would_give_back(self, matter: Matter, choice: Choice) -> Money:
        """What would go back to the shopper, if it were decided so."""

    def would_write_off(self, matter: Matter, choice: Choice) -> Money:
        """What would be given up, if it were decided so."""

    def compare_books(self, order: Order) -> tuple[Difference, ...]:
        """With the provider's, of these days; what came of the differences that concern this order."""

    def send_again(self, letter: str, by: str, why: str) -> None: ...

    @property
    def customers(self) -> "CustomerDesk":
        """Where people register, and ask what is known of them."""

    # what a shopper does

    def open_cart(self, currency: str = "EUR") -> Cart: ...

    def look_at(self, cart: Cart) -> Cart: ...

    def put_into_cart(self, cart: Cart, goods: Goods) -> Cart: ...

    def change_quantity(self, cart: Cart, title: str, quantity: int) -> Cart: ...

    def use_code(self, cart: Cart, code: str) -> Cart: ...

    def tell_who_and_where(self, cart: Cart, country: str) -> Cart:
        """Name, e-mail address and a delivery address in this country."""

    def move_to(self, cart: Cart, place: Place) -> Cart:
        """Another delivery address, of the same recipient."""

    def delivery_offers(self, cart: Cart) -> DeliveryOffers: ...

    def choose_delivery(self, cart: Cart, offer_id: str) -> Cart: ...

    def place(self, cart: Cart, total: Money) -> Order:
        """Orders the cart as it was seen, for the total that the shopper agreed to."""

    def buy_now(self, goods: Goods, country: str, total: Money, card: Card) -> Order:
        """Everything in one call, by standard delivery."""

    def pay(self, order: Order, card: Card) -> None: ...

    def answer_bank(self, order: Order, answer: BankAnswer) -> None: ...

    def answer_refund(self, order: Order, *, taken: bool) -> None:
        """The bank takes the latest refund, or sends it back."""

    def fail_what_was_collected(self, order: Order) -> None:
        """The provider says, days later, that the money did not come; only the other one does."""

    def promise_once_more(self, order: Order) -> None:
        """The shopper's bank holds the order's money for the other provider, whether or not it is wanted."""

    def holds_for_nothing(self, order: Order) -> bool:
        """Whether the other provider holds money of the shopper's that it doesn't collect."""

    def give_back_by_hand(self, order: Order, amount: Money) -> None:
        """Somebody does, at the provider's own desk."""

    def lose_news(self) -> None:
        """What the provider tells the shop never arrives, from now on."""

    def turn_dispute(self, order: Order, turn: DisputeTurn) -> None: ...

    def take_letters(self, *, taken: bool) -> None:
        """Whether the mail service takes letters to the shopper from now on."""

    def keep_places_away(self) -> None:
        """Whoever knows places can't be asked for the next address."""

    def let_tax_service_talk_nonsense(self) -> None:
        """Until the scenario ends, nothing that it says can be charged."""

    def let_time_run_out(self, order: Order) -> None:
        """Nobody does anything until the time to pay is over."""

    # what can be seen

    def wait_for_rest(self, order: Order) -> None:
        """Nothing is under way for this order any more: it waits for a person, or for nothing at all."""

    def order(self, order: Order) -> Order:
        """The order as it is now."""

    def orders_of(self, cart: Cart) -> frozenset[str]:
        """The ids of all orders that this cart became."""

    def pieces(self, title: str) -> Pieces: ...

    def collected(self, order: Order) -> Money:
        """What the provider itself says that it holds for this order."""

    def books(self, order: Order) -> Mapping[str, Money]:
        """The balance of each account that the order moved."""

    def story(self, order: Order) -> tuple[str, ...]:
        """What happened to the order, by kind, oldest first."""

    def deeds(self, order: Order) -> tuple[Deed, ...]:
        """What operators did about it, oldest first."""

    def matters(self, order: Order) -> tuple[Matter, ...]:
        """Oldest first, also those that are over."""

    def declined_payments(self, order: Order, reason: str) -> int:
        """How many of its payments operators find whose last try was declined for this reason."""

    def put_aside(self, order: Order) -> tuple[str, ...]:
        """The letters about it that could not be sent."""

    def refunds(self, order: Order) -> tuple[Refund, ...]:
        """Oldest first."""

    def address_outcome(self, order: Order) -> str | None:
        """What the order's story says of its address; None where nothing was looked at."""

    def reported_taxes(self, order: Order) -> tuple[Money, Money]:
        """What the tax service's books say of the order: the tax that was taken, and what of it went back."""

    def confirmations(self, order: Order) -> int:
        """How many letters that confirm this order have reached the shopper."""

    def until(self, read: Callable[[], T], holds: Callable[[T], bool]) -> T:
        """What is read once it holds, or last before patience ran out."""
