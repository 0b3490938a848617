"""Stripe's bracketed form encoding, `a[b]=1&c[]=2&d[0][e]=3`, read into a tree."""

import re
from collections.abc import Sequence
from typing import TypeAlias, Union
from urllib.parse import parse_qsl

Node: TypeAlias = Union[str, "Tree"]
Tree: TypeAlias = dict[str, Node]

_PARTS = re.compile(r"[^\[\]]+|(?<=\[)(?=\])")


def pairs_of(encoded: str) -> list[tuple[str, str]]:
    return parse_qsl(encoded, keep_blank_values=True)


def tree_of(pairs: Sequence[tuple[str, str]]) -> Tree:
    """Lists become trees with "0", "1", … as keys; a part that contradicts an earlier one replaces it."""
    root: Tree = {}
    for name, value in pairs:
        *branches, leaf = _PARTS.findall(name) or [name]
        tree = root
        for part in branches:
            child = tree.setdefault(part or str(len(tree)), {})
            if isinstance(child, str):
                child = tree[part] = {}
            tree = child
        tree[leaf or str(len(tree))] = value
    return root
