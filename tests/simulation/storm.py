"""One seed: shoppers, operators and banks in a storm of faults, then quiet."""

from random import Random
from typing import Final

from domain.shop import CaptureMethod, ShopRules, StockKeeper
from tests.simulation.faults import SeededFaults
from tests.simulation.goods import shelves, stock_up
from tests.simulation.operators import Banks, Operator
from tests.simulation.playing import Played, played, quiet
from tests.simulation.shoppers import Shopper
from tests.simulation.world import World

_PROVIDERS_THAT_TELL_LATER: Final = 0.3
_STORM_SECONDS: Final = (1_200.0, 6_000.0)


def play(seed: int) -> Played:
    """Plays the whole seed; the same one always in the same way."""
    random = Random(seed)
    storm_seconds = random.uniform(*_STORM_SECONDS)
    faults = SeededFaults(random, storm_seconds)
    rules = ShopRules(capture_method=random.choice((*CaptureMethod, CaptureMethod.MANUAL)))

    async def weather(world: World) -> None:
        await stock_up(world, shelves(last_pieces=random.randint(1, 3)))
        world.start()
        shoppers = [
            Shopper(f"shopper-{n}", world, Random(random.random()), storm_seconds * 0.8)
            for n in range(1, random.randint(4, 12) + 1)
        ]
        operators = [Operator(f"operator-{n}", world, Random(random.random()), storm_seconds) for n in (1, 2)]
        banks = Banks(world, Random(random.random()), storm_seconds)
        world.clients = [*shoppers, *operators]
        for story in (*(s.shops() for s in shoppers), *(o.works() for o in operators), banks.work()):
            world.begin(story)
        await world.sleep(storm_seconds)
        faults.stop()
        world.history("weather", "quiet: no more faults")
        await quiet(world, banks, operators[0])

    keeper = random.choice((StockKeeper.BUILT_IN, StockKeeper.BUILT_IN, StockKeeper.SERVICE))
    tells_later = random.random() < _PROVIDERS_THAT_TELL_LATER
    return played(seed, faults, rules, weather, stock_keeper=keeper, tells_later=tells_later)
