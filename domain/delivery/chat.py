"""Chat channels and webhooks through Apprise, which is large and loaded here when the first letter goes.

An admin or lead writes the addresses, so they must not lead into the own network (SSRF): redirects are not followed,
and a connection to an address that is not public is closed before anything is said, unless the operator allows its
host.
"""

import hashlib
import ipaddress
import logging
from collections.abc import Collection, Iterator
from contextlib import contextmanager
from typing import Any

from domain.channels import MOST, SCHEMES, is_plain
from domain.delivery.letter import Letter, NotTaken
from domain.text import N_

log = logging.getLogger("foyer.delivery")
NAME_LENGTH = 12


def name_of(address: str) -> str:
    """By what a notice remembers an address that has the letter already: it tells nothing of the address itself."""
    return hashlib.sha256(address.encode()).hexdigest()[:NAME_LENGTH]


class Chat:
    """Takes letters for any service of `domain.channels.SCHEMES`; `own_hosts` are those of the own network that it may
    reach.
    """

    def __init__(self, own_hosts: Collection[str] = ()) -> None:
        self._own_hosts = frozenset(own_hosts)

    def send(self, letter: Letter, *, message_id: str, told: Collection[str]) -> None:
        """Post the letter to each channel that has not got it; raises NotTaken with those that have it now."""
        reached, failed, unknown = set(told), 0, 0
        for address in letter.addresses[:MOST]:
            if name_of(address) in reached:
                continue
            taken = _post(address, letter, self._own_hosts)
            if taken:
                reached.add(name_of(address))
            elif taken is None:
                unknown += 1
            else:
                failed += 1
        if failed:
            raise NotTaken(N_("A chat channel did not take the message."), told=reached)
        if unknown:
            raise NotTaken(N_("A chat channel is not one that Foyer knows."), final=True, told=reached)

    def close(self) -> None:
        """Nothing stays open between letters."""


@contextmanager
def _public_alone(own_hosts: Collection[str]) -> Iterator[None]:
    """Connections of urllib3, and so of requests, end at public addresses and own hosts while this lasts.

    The address is asked of the open connection: a name that resolves to another one a moment later deceives nobody.
    """
    from urllib3.util import connection

    connect = connection.create_connection

    def guarded(address: tuple[str, int], *args: Any, **kwargs: Any) -> Any:
        opened = connect(address, *args, **kwargs)
        if address[0] not in own_hosts and not ipaddress.ip_address(opened.getpeername()[0]).is_global:
            opened.close()
            raise OSError("not a public address")
        return opened

    connection.create_connection = guarded
    try:
        yield
    finally:
        connection.create_connection = connect


def _post(address: str, letter: Letter, own_hosts: Collection[str]) -> bool | None:
    """Whether the service took it; None for an address that no service answers to."""
    from apprise import Apprise, NotifyFormat

    # Its warnings tell host names and answers of services: what is worth knowing stands in the notice.
    logging.getLogger("apprise").setLevel(logging.CRITICAL)
    if address.partition("://")[0].casefold() not in SCHEMES:
        return None
    service = Apprise.instantiate(address, suppress_exceptions=True)
    if service is None or is_plain(service, address, own_hosts):
        return None
    service.redirects = False
    try:
        with _public_alone(own_hosts):
            return bool(service.notify(title=letter.subject, body=letter.text, body_format=NotifyFormat.TEXT))
    except Exception as error:
        log.warning("%s failed: %s", type(service).__name__, type(error).__name__)
        return False
