"""QR labels for tags, printed by the browser: on an A4 sheet, or one by one on a roll of 62 mm."""

from typing import Any

from flask import g, request, url_for

from blueprints.keys import blueprint
from blueprints.keys.cabinets import HOOKS, chosen_refs, first_hook
from domain.keys.managed import labels_of
from domain.keys.queries import get_cabinet, hook_label
from domain.keys.tags import key_qr
from domain.permissions import Permission
from web.at_site import at_a_site
from web.codes import qr_svg
from web.htmx import render
from web.permissions import actor, allow

PAPERS = ("sheet", "roll")


@blueprint.get("/labels")
@allow(Permission.KEYS_MANAGE)
def labels() -> Any:
    """Labels of the ticked keys, or of a cabinet: a page of its hooks at a time."""
    at_a_site()
    refs, asked = chosen_refs(), request.args.get("cabinet", "")[:20]
    cabinet = get_cabinet(asked, actor=actor()) if asked else None
    first = first_hook(cabinet) if cabinet else 1
    rows = labels_of(g.site.id, refs=refs, cabinet=cabinet, first=first, hooks=HOOKS)
    paper = request.args.get("on") if request.args.get("on") in PAPERS else PAPERS[0]
    same: dict[str, Any] = {"cabinet": cabinet.ref, "hook": first} if cabinet else {"key": refs}
    return render(
        "keys/labels.html",
        # What a key opens is not on its tag: whoever finds it must not know the door.
        labels=[
            {"tag": row.tag, "hook": hook_label(row.cabinet, row.hook), "code": qr_svg(key_qr(row.ref))} for row in rows
        ],
        paper=paper,
        papers=[{"on": on, "url": url_for("keys.labels", on=on, **same), "current": on == paper} for on in PAPERS],
        pages=[
            {"first": start, "url": url_for("keys.labels", on=paper, cabinet=cabinet.ref, hook=start)}
            for start in range(1, cabinet.hooks + 1, HOOKS)
        ]
        if cabinet and cabinet.hooks > HOOKS
        else [],
        first=first,
        back=url_for("keys.cabinet_contents", ref=cabinet.ref) if cabinet else url_for("keys.cabinets"),
    )
