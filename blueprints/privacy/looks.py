"""Who looked at what in full, when and why (P2): the history's own lines, the newest first."""

from typing import Any

from flask import g, request, url_for

from blueprints.privacy import blueprint
from domain import history, registers, subjects
from domain.permissions import Permission
from domain.text import N_
from web.at_site import at_a_site
from web.htmx import render
from web.i18n import say
from web.permissions import allow
from web.register_words import reason_of, who_did

OTHERS = {"host": N_("An occupant"), "export": N_("Export: %(register)s")}


def _what(line: Any) -> str:
    """The entry that was looked at, by its number."""
    register = registers.of_subject(line.subject)
    if register is not None:
        return say(register.one, number=f"{line.facts.get('number', 0):04d}")
    if line.subject == "export":
        return say(OTHERS["export"], register=say(registers.get(line.facts["register"]).title))
    beside = subjects.of_subject(line.subject)
    if beside is not None:
        return say(beside.one, number=f"#{line.number}")
    return say(OTHERS.get(line.subject, N_("Something else")))


@blueprint.get("/admin/privacy/looks")
@allow(Permission.PRIVACY_MANAGE)
def looks() -> Any:
    """One page of them."""
    at_a_site()
    before = request.args.get("before", "")
    rows = history.looks(g.site.id, before=int(before) if before.isdecimal() and len(before) < 16 else None)
    lines = [
        {"at": row.at, "who": who_did(row), "what": _what(row), "why": reason_of((row.entered or {}).get("reason", ""))}
        for row in rows
    ]
    more = len(rows) == history.LOOKS
    return render(
        "privacy/looks.html",
        office=True,
        lines=lines,
        older=url_for("privacy.looks", before=rows[-1].number) if more else None,
    )
