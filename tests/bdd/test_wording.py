"""Features are read by people who sell things: they speak of carts, money and goods, never of technology."""

import re
from pathlib import Path

import pytest

_FEATURES = sorted((Path(__file__).parents[2] / "features").rglob("*.feature"))
_BUILDERS_WORDS = re.compile(
    r"\b(api|http|json|endpoint|request|response|status code|webhook|database|queue|worker|token|id|sku"
    r"|minor units?|attempt|idempoten\w*|stripe|postgres\w*|redis|[45]\d\d)\b",
    re.IGNORECASE,
)


@pytest.mark.parametrize("feature", _FEATURES, ids=lambda path: path.stem)
def test_a_feature_speaks_the_shops_language(feature: Path) -> None:
    assert _BUILDERS_WORDS.findall(feature.read_text()) == []


@pytest.mark.parametrize("feature", _FEATURES, ids=lambda path: path.stem)
def test_a_file_tells_of_one_behaviour(feature: Path) -> None:
    assert len(re.findall(r"^Feature: ", feature.read_text(), re.MULTILINE)) == 1


def test_a_builders_word_is_noticed() -> None:
    assert _BUILDERS_WORDS.findall("Then the API answers 404") == ["API", "404"]
