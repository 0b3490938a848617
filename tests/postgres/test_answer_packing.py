"""Stored answers come out as they went in, whatever they look like."""

import zlib
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from adapters.postgres import answer_packing
from adapters.postgres.answer_packing import packed, unpacked

PACKAGE = Path(answer_packing.__file__).parent


@given(body=st.binary(max_size=5_000))
def test_any_body_comes_back(body: bytes) -> None:
    assert unpacked(*packed(body)) == body


@given(body=st.binary(max_size=200))
def test_packing_never_makes_a_body_larger(body: bytes) -> None:
    assert len(packed(body)[1]) <= len(body)


def test_a_typical_answer_shrinks_to_a_third() -> None:
    answer = (
        b'{"id":"ord_01ktz3v6yqf9r8t7w5x4","status":"paid","total":{"minor":98765,"currency":"USD"},"totals":[{"type":'
        b'"subtotal","label":"Subtotal","amount":{"minor":90000,"currency":"USD"}},{"type":"total","label":"Total",'
        b'"amount":{"minor":98765,"currency":"USD"}}],"billing_address":null,"discount_code":null}'
    )
    assert len(packed(answer)[1]) < len(answer) / 3


def test_an_unknown_packing_is_an_error() -> None:
    with pytest.raises(KeyError):
        unpacked(99, b"")


def test_what_an_older_dictionary_packed_is_still_read() -> None:
    body, dictionary = b'{"status":"awaiting_payment"}', (PACKAGE / "typical_answers_1.txt").read_bytes()
    deflater = zlib.compressobj(wbits=-13, zdict=dictionary)
    assert unpacked(1, deflater.compress(body) + deflater.flush()) == body
