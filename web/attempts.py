"""Passwords and codes that are tried: slow work outside the write lock, and what must be remembered of a refusal."""

import ipaddress
from collections.abc import Iterator
from contextlib import contextmanager

from flask import request

from domain import clock
from domain.database import db, writing
from domain.encryption import blind_index
from domain.limits import Limit
from domain.modes import mode
from web.transactions import read_only


@contextmanager
def before_writing() -> Iterator[None]:
    """Slow work of a writing request (argon2) in a reading transaction: no other writer waits; then it writes."""
    read_only()
    yield
    db.session.rollback()
    mode.set("write")


@contextmanager
def record_refusal() -> Iterator[None]:
    """A short transaction of its own, for what must be remembered although the request is rolled back."""
    with writing():
        yield
    read_only()


def from_here(what: object) -> str:
    """The key by which a limit counts what this address does to that."""
    return blind_index(f"{what} {client_address()}", "limits")


def slowed_down(limit: Limit, key: str) -> None:
    """Count it in a transaction of its own, before anything else; raises TooMany."""
    limit.check(key, now=clock.now())
    with record_refusal():
        limit.count(key, now=clock.now())


def client_address() -> str:
    """Where the request comes from, as limits count it; IPv6 by the network of 64 bits that one customer is given."""
    try:
        address = ipaddress.ip_address(request.remote_addr or "")
    except ValueError:
        return "unknown"
    if address.version == 6:
        return str(ipaddress.ip_network((address, 64), strict=False))
    return str(address)
