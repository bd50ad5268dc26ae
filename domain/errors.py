"""Refusals in words. Each is a whole sentence, marked with N_ and translated at the edge in the reader's language."""

from collections.abc import Iterable
from typing import Any

from domain.text import N_


class DomainError(Exception):
    """A rule said no.

    `sentence` is a msgid with named placeholders filled from `values`; `field` names the form field it belongs to
    (None: the form as a whole); `status` is the HTTP status of the answer; `besides` is what else would say no.
    """

    status = 422
    besides: "DomainError | None" = None

    def __init__(self, sentence: str, *, field: str | None = None, **values: Any) -> None:
        super().__init__(sentence % values if values else sentence)
        self.sentence = sentence
        self.field = field
        self.values = values


def refuse_all(problems: Iterable[DomainError]) -> None:
    """Raise the first of these refusals, with the others besides it; nothing where there are none."""
    refused = None
    for problem in reversed(list(problems)):
        problem.besides, refused = refused, problem
    if refused:
        raise refused


class Conflict(DomainError):
    """Somebody else was faster."""

    status = 409


class NotAllowed(DomainError):
    """The actor may not do this to this thing."""

    status = 403


class NotFound(DomainError):
    """There is no such thing that the actor may see."""

    status = 404

    def __init__(self, sentence: str = N_("There is nothing here that you may see."), **values: Any) -> None:
        super().__init__(sentence, **values)


_BY_CONSTRAINT: dict[str, tuple[str, str | None, type[DomainError]]] = {}


def explains(constraint: str, sentence: str, *, field: str | None = None, error: type[DomainError] = Conflict) -> None:
    """Say which sentence a database constraint (or the message of a trigger) means when a race reaches it."""
    _BY_CONSTRAINT[constraint] = (sentence, field, error)


def from_constraint(name: str) -> DomainError | None:
    """The refusal that belongs to a constraint, if one was registered."""
    if name not in _BY_CONSTRAINT:
        return None
    sentence, field, error = _BY_CONSTRAINT[name]
    return error(sentence, field=field)
