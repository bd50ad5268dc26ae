"""Which site and register an address names: the pages stand at that site, whichever the reader works at."""

from typing import NamedTuple

from flask import g

from domain.errors import NotFound
from domain.identity import Actor
from domain.registers import Register
from domain.review import board, pages
from domain.sites.models import Site
from web.permissions import actor


class Place(NamedTuple):
    """A register of a site, and the reader as who stands there."""

    site: Site
    register: Register
    who: Actor


def stand_at(site_ref: str) -> Site:
    """Draw this page at that site: its clock, its name; raises NotFound where the reader has no part in it."""
    own = g.get("site")
    if own is not None and own.ref == site_ref:
        return own
    g.site = pages.find_site(site_ref, actor=actor())
    return g.site


def place(site_ref: str, name: str) -> Place:
    """The register of that name at that site; raises NotFound for what the reader may not read."""
    site = stand_at(site_ref)
    register = pages.find_register(name, site, actor=actor())
    return Place(site, register, board.at(actor(), site.id))


def own_site() -> Site:
    """The site where the reader works now; raises NotFound where none was chosen."""
    if g.get("site") is None:
        raise NotFound
    return g.site
