"""Stored answers made small: they are the largest thing that a checkout writes, and nearly all of each is known before.

A deflate dictionary holds what answers of this API look like; it may grow stale, which only makes it pack less well.
Rows name the packing that they were written with. A dictionary is never edited: a better one gets a new number, and the
old one stays until no row can name it any more (24 hours).
"""

# ruff: noqa: E501, ISC004 - the dictionary is sample text as it travels; breaking it up would only hide it.

import zlib
from typing import Final

_PLAIN: Final = 0

_MONEY: Final = b'{"minor":1200,"currency":"EUR"}'
_TOTALS: Final = (
    b'"totals":[{"type":"subtotal","label":"Subtotal","amount":'
    + _MONEY
    + b'},{"type":"discount","label":"Discount",'
    b'"amount":'
    + _MONEY
    + b'},{"type":"delivery","label":"Standard","amount":'
    + _MONEY
    + b'},{"type":"tax","label":'
    b'"VAT 19 %","amount":' + _MONEY + b'},{"type":"total","label":"Total","amount":' + _MONEY + b"}],"
)
_LINES: Final = (
    b'"lines":[{"id":"line_01","sku":"","title":"","quantity":1,"unit_price":'
    + _MONEY
    + b',"subtotal":'
    + _MONEY
    + b',"discount":{"minor":0,"currency":"EUR"},"tax":'
    + _MONEY
    + b',"total":'
    + _MONEY
    + b',"available":null}],'
)
_OPTION: Final = (
    b'{"id":"standard","title":"Standard","amount":'
    + _MONEY
    + b',"min_days":2,"max_days":4,"quoted_until":null,'
    b'"estimated":false}'
)
_WHO: Final = (
    b'"email":null,"name":null,"email":"@example.com","name":"","shipping_address":null,"shipping_address":{"country":'
    b'"DE","name":"","line1":"","city":"","postcode":"","region":"","line2":"","phone":""},"billing_address":null,'
    b'"discount_code":null,'
)
_PROBLEM: Final = (
    b'{"type":"urn:fastcart:problem:","title":"","status":409,"code":"","detail":"","errors":[{"path":"/","rule":""}],'
    b'"messages":[{"code":"","path":"/","text":"Tell us ","severity":"requires_buyer_input"}],"skus":[],"total_minor":}'
)
# What is most common stands last, where deflate reaches it most cheaply.
_DICTIONARY: Final = b"".join(
    (
        _PROBLEM,
        b'"messages":[{"code":"email_missing","path":"/email","text":"Tell us your e-mail address.","severity":'
        b'"requires_buyer_input"},{"code":"name_missing","path":"/name","text":"Tell us your name.","severity":'
        b'"requires_buyer_input"},{"code":"shipping_address_missing","path":"/shipping_address","text":"Tell us where '
        b'to deliver.","severity":"requires_buyer_input"}],',
        b'"delivery_groups":[{"id":"group_1","line_ids":["line_01"],"destination":null,"chosen":null}],',
        b'"locale":null,"channel":null,"source":null,"return_url":null,"cancel_url":null,"continue_url":null,'
        b'"created_at":"2026-11-23T12:00:00Z","expires_at":"2026-11-23T18:00:00Z","order_id":null,"client_token":"',
        b'{"id":"chk_01","version":1,"state":"incomplete","currency":"EUR",',
        b'"closing_reason":null,"placed_at":"2026-11-23T12:00:00Z","pay_until":"2026-11-23T12:30:00Z",'
        b'"return_url":null,"cancel_url":null}',
        b'"payment":{"id":"pay_01","status":"captured","amount":'
        + _MONEY
        + b',"captured":'
        + _MONEY
        + b',"provider":'
        b'"stripe","client_secret":"pi__secret_","next_action":null,"decline":null},',
        b'"delivery":' + _OPTION + b",",
        _WHO,
        b'{"id":"ord_01","checkout_id":"chk_01","status":"awaiting_payment","status":"paid","total":'
        + _MONEY
        + b",",
        b'"total":' + _MONEY + b',"tax_estimated":false,',
        _LINES,
        _TOTALS,
    )
)
_DICTIONARIES: Final = {1: _DICTIONARY}
_NEWEST: Final = max(_DICTIONARIES)


def packed(body: bytes) -> tuple[int, bytes]:
    """How it was packed, and the result; left plain where packing gains nothing."""
    deflater = zlib.compressobj(level=6, wbits=-zlib.MAX_WBITS, zdict=_DICTIONARIES[_NEWEST])
    result = deflater.compress(body) + deflater.flush()
    return (_NEWEST, result) if len(result) < len(body) else (_PLAIN, body)


def unpacked(packing: int, body: bytes) -> bytes:
    if packing == _PLAIN:
        return body
    return zlib.decompressobj(wbits=-zlib.MAX_WBITS, zdict=_DICTIONARIES[packing]).decompress(body)
