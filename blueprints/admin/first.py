"""The address that somebody types by heart: /admin."""

from typing import Any

from flask import redirect

from blueprints.admin import blueprint
from domain.errors import NotFound
from domain.permissions import Permission
from web.navigation import first_page_of
from web.permissions import actor, allow
from web.way_back import detour


@blueprint.get("", strict_slashes=False)
@allow(Permission.SIGNED_IN)
def first() -> Any:
    """Lead to the first page of administration that this person may open; for who may open none there is nothing."""
    if page := first_page_of("admin"):
        return redirect(page, 303)
    if actor().must_choose_site:
        return detour("auth.site")
    raise NotFound
