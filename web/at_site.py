"""Pages of one site, asked for by who works at none yet: one answer says so and leads to where it is chosen."""

from domain.errors import NotFound
from domain.text import N_
from web.permissions import actor


class NoSite(NotFound):
    """Who asks works at no site yet; web/errors.py draws the way out."""

    def __init__(self) -> None:
        super().__init__(N_("This page is about one site, and you have not chosen yet at which you work now."))


def at_a_site() -> None:
    """Raise NoSite for somebody who works nowhere yet."""
    if actor().site_id is None:
        raise NoSite
