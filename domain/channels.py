"""Chat channels as Apprise addresses, one a line: secrets, shown again only masked, and kept unless replaced."""

import logging
from collections.abc import Collection
from typing import Any

from domain.errors import DomainError
from domain.text import N_

MASK = "****"
MOST = 10
LONGEST = 500
SCHEMES = frozenset(
    {
        "wecombot", "dingtalk", "feishu", "lark", "slack", "workflow", "workflows", "mmost", "mmosts", "rocket",
        "rockets", "discord", "tgram", "matrix", "matrixs", "gchat", "wxteams", "webex", "ntfy", "ntfys", "gotify",
        "gotifys", "json", "jsons", "form", "forms", "xml", "xmls", "https",
    }
)  # fmt: skip
"""Services over the network. What Apprise would do on Foyer's own machine (dbus, syslog, …) is nobody's channel."""
PLAIN = frozenset({"mmost", "rocket", "matrix", "ntfy", "gotify", "workflow", "json", "form", "xml"})
"""Of those, the ones without TLS to a host that is named: for hosts of the own network that the operator allows."""


def mask_channel(address: str) -> str:
    """slack://****a1b2: the service, and as much of the address as tells it from others."""
    scheme, _, rest = address.partition("://")
    bare = rest.partition("?")[0].rstrip("/")
    return f"{scheme}://{MASK}{bare[-4:] if len(bare) >= 16 else ''}"


def lines_of(text: str) -> list[str]:
    """The lines that hold something."""
    return [line.strip() for line in text.splitlines() if line.strip()]


def mask_channels(kept: str) -> str:
    """All of them masked, one a line."""
    return "\n".join(map(mask_channel, lines_of(kept)))


def read_channels(typed: str, *, kept: str, own_hosts: Collection[str] = ()) -> list[str]:
    """The addresses that were typed; a masked line stands for the kept one that looks so.

    Raises DomainError (field "channels") for what no service answers to, and for what goes without TLS to a host that
    is not among `own_hosts`.
    """
    lines = lines_of(typed)
    if len(lines) > MOST:
        raise DomainError(N_("At most %(most)d channels, now %(n)d."), field="channels", most=MOST, n=len(lines))
    known = lines_of(kept)
    result: list[str] = []
    for number, line in enumerate(lines, 1):
        address = _kept(line, known) if MASK in line else _checked(line, number, own_hosts)
        if address is None:
            raise DomainError(
                N_("Line %(number)d is masked and stands for none of the kept ones. Enter the whole address."),
                field="channels",
                number=number,
            )
        if address not in result:
            result.append(address)
    return result


def _kept(line: str, known: list[str]) -> str | None:
    """The kept address that looks like the line; it is taken from `known`, because two may look the same."""
    for place, address in enumerate(known):
        if mask_channel(address) == line:
            return known.pop(place)
    return None


def is_plain(service: Any, address: str, own_hosts: Collection[str]) -> bool:
    """Whether the message would go without TLS, or unchecked, to a host that the operator has not allowed."""
    if service.host in own_hosts:
        return False
    return address.partition("://")[0].casefold() in PLAIN or not service.verify_certificate


def _checked(line: str, number: int, own_hosts: Collection[str]) -> str:
    """The line when Apprise has a service for it; Apprise is loaded here alone, because it is large."""
    if len(line) > LONGEST:
        raise DomainError(N_("Line %(number)d is too long for an address."), field="channels", number=number)
    scheme = line.partition("://")[0].casefold()
    if scheme in SCHEMES:
        from apprise import Apprise

        # Its warnings repeat the address, and logs are no place for a secret.
        logging.getLogger("apprise").setLevel(logging.CRITICAL)
        service = Apprise.instantiate(line, suppress_exceptions=True)
        if service is not None and is_plain(service, line, own_hosts):
            raise DomainError(
                N_("Line %(number)d would go without encryption. Use the address that begins with %(scheme)s://."),
                field="channels",
                number=number,
                scheme=scheme if scheme.endswith("s") else f"{scheme}s",
            )
        if service is not None:
            return line
    raise DomainError(
        N_("Line %(number)d is no address of a chat service that Foyer knows. It looks like wecombot://key."),
        field="channels",
        number=number,
    )
