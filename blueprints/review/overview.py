"""What wants reading today, at every site of the reader."""

from typing import Any

from blueprints.review import blueprint
from domain import clock
from domain.permissions import Permission
from domain.review import board, pages
from web.htmx import render
from web.permissions import actor, allow


@blueprint.get("")
@allow(Permission.REVIEW_READ)
def overview() -> Any:
    """Registers by site with what is not signed and not read, and the corrections that came back."""
    boards = board.boards(actor(), now=clock.now())
    by_id = {one.site.id: one.site for one in boards}
    back = pages.came_back(list(by_id))
    manages = actor().may(Permission.REVIEW_MANAGE)
    shown: dict[str, Any] = {
        "boards": boards,
        "sites": by_id,
        "back": back,
        "names": _names(boards),
        "manages": manages,
    }
    return render("review/overview.html", **shown)


def _names(boards: list[board.SiteBoard]) -> dict[str, str]:
    """What one entry of each register is called."""
    return {line.register.name: line.register.one for one in boards for line in one.lines}
