"""Merkle trees as RFC 6962 has them: the vectors of its authors, and that one leaf more or less is another tree."""

import hashlib

import pytest
from hypothesis import given
from hypothesis import strategies as st

from domain.review import merkle

LEAVES = [
    bytes.fromhex(leaf)
    for leaf in ("", "00", "10", "2021", "3031", "40414243", "5051525354555657", "606162636465666768696a6b6c6d6e6f")
]
ROOTS = [
    "e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855",
    "6e340b9cffb37a989ca544e6bb780a2c78901d3fb33738768511a30617afa01d",
    "fac54203e7cc696cf0dfcb42c92a1d9dbaf70ad9e621f4bd8d98662f00e3c125",
    "aeb6bcfe274b70a14fb067a5e5578264db0fa9b51af5e0ba159158f329e06e77",
    "d37ee418976dd95753c1c73862b9398fa2a2cf9b4ff0fdfe8b30cd95209614b7",
    "4e3bbb1f7b478dcfe71fb631631519a3bca12c9aefca1612bfce4c13a86264d4",
    "76e67dadbcdf1e10e1b74ddc608abd2f98dfb16fbce75277b5232a127f2087ef",
    "ddb89be403809e325750d3d263cd78929c2942b7942a34b77e122c9594a74c8c",
    "5dc9da79a70659a9ad559cb701ded9a2ab9d823aad2f4960cfe370eff4604328",
]


@pytest.mark.parametrize("size", range(9))
def test_the_roots_are_those_of_certificate_transparency(size):
    assert merkle.root(merkle.leaf(leaf) for leaf in LEAVES[:size]).hex() == ROOTS[size]


def as_the_rfc_says(leaves: list[bytes]) -> bytes:
    """MTH of RFC 6962, 2.1, word for word."""
    if not leaves:
        return hashlib.sha256().digest()
    if len(leaves) == 1:
        return hashlib.sha256(b"\x00" + leaves[0]).digest()
    k = 1
    while k * 2 < len(leaves):
        k *= 2
    return hashlib.sha256(b"\x01" + as_the_rfc_says(leaves[:k]) + as_the_rfc_says(leaves[k:])).digest()


@given(st.lists(st.binary(max_size=8), max_size=70))
def test_any_number_of_leaves_has_the_root_of_the_rfc(leaves):
    assert merkle.root(map(merkle.leaf, leaves)) == as_the_rfc_says(leaves)


@given(st.lists(st.binary(max_size=4), min_size=1, max_size=40, unique=True), st.data())
def test_a_leaf_changed_removed_added_or_moved_is_another_tree(leaves, data):
    place = data.draw(st.integers(0, len(leaves) - 1))
    other = data.draw(st.integers(0, len(leaves) - 1))
    changed = [*leaves[:place], leaves[place] + b"?", *leaves[place + 1 :]]
    removed = leaves[:place] + leaves[place + 1 :]
    added = [*leaves[:place], b"added one", *leaves[place:]]
    moved = list(leaves)
    moved[place], moved[other] = moved[other], moved[place]
    for touched in (changed, removed, added) + ((moved,) if place != other else ()):
        assert merkle.root(map(merkle.leaf, touched)) != merkle.root(map(merkle.leaf, leaves))
