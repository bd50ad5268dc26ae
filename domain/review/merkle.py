"""Merkle trees as RFC 6962 makes them: leaves and nodes are hashed apart, so that none can be taken for the other."""

import hashlib
from collections.abc import Iterable

SIZE = hashlib.sha256().digest_size
EMPTY = hashlib.sha256().digest()


def leaf(data: bytes) -> bytes:
    """The hash of one thing in the tree."""
    return hashlib.sha256(b"\x00" + data).digest()


def node(left: bytes, right: bytes) -> bytes:
    """The hash of two trees under one."""
    return hashlib.sha256(b"\x01" + left + right).digest()


def root(leaves: Iterable[bytes]) -> bytes:
    """The hash of the tree over these leaf hashes, in their order; in memory there is one hash for each level."""
    trees: list[tuple[int, bytes]] = []
    for one in leaves:
        size, tree = 1, one
        while trees and trees[-1][0] == size:
            tree = node(trees.pop()[1], tree)
            size *= 2
        trees.append((size, tree))
    if not trees:
        return EMPTY
    _size, tree = trees.pop()
    while trees:
        tree = node(trees.pop()[1], tree)
    return tree
