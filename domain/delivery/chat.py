"""Chat channels and webhooks through Apprise, which is large and loaded here when the first letter goes."""

import hashlib
import logging
from collections.abc import Collection

from domain.channels import MOST, SCHEMES
from domain.delivery.letter import Letter, NotTaken
from domain.text import N_

log = logging.getLogger("foyer.delivery")
NAME_LENGTH = 12


def name_of(address: str) -> str:
    """By what a notice remembers an address that has the letter already: it tells nothing of the address itself."""
    return hashlib.sha256(address.encode()).hexdigest()[:NAME_LENGTH]


class Chat:
    """Takes letters for any service of `domain.channels.SCHEMES`."""

    def send(self, letter: Letter, *, message_id: str, told: Collection[str]) -> None:
        """Post the letter to each channel that has not got it; raises NotTaken with those that have it now."""
        reached, failed, unknown = set(told), 0, 0
        for address in letter.addresses[:MOST]:
            if name_of(address) in reached:
                continue
            taken = _post(address, letter)
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


def _post(address: str, letter: Letter) -> bool | None:
    """Whether the service took it; None for an address that no service answers to."""
    from apprise import Apprise, NotifyFormat

    # Its warnings tell host names and answers of services: what is worth knowing stands in the notice.
    logging.getLogger("apprise").setLevel(logging.CRITICAL)
    if address.partition("://")[0].casefold() not in SCHEMES:
        return None
    service = Apprise.instantiate(address, suppress_exceptions=True)
    if service is None:
        return None
    try:
        return bool(service.notify(title=letter.subject, body=letter.text, body_format=NotifyFormat.TEXT))
    except Exception as error:
        log.warning("%s failed: %s", type(service).__name__, type(error).__name__)
        return False
