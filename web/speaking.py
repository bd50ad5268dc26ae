"""A part of an answer in another language than the rest: what is for the visitor on a page of the staff."""

from collections.abc import Iterator
from contextlib import contextmanager

from flask import g
from flask_babel import force_locale

from web.i18n import language


@contextmanager
def speaking(name: str) -> Iterator[None]:
    """Within it everything is said in that language; afterwards in the reader's again."""
    readers = language()
    with force_locale(name):
        g.language = name
        try:
            yield
        finally:
            g.language = readers
