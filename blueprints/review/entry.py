"""One entry beside its register: its data, masked, what was said on it, its history; shown in full for a reason."""

from typing import Any

from flask import g, url_for

from blueprints.review import blueprint
from blueprints.review.forms import AgainForm, CommentForm
from blueprints.review.places import Place, place
from domain import clock, pages
from domain.history_words import FOR_REVIEW
from domain.permissions import Permission
from domain.review import entries, people
from domain.review.pages import threads_on
from web.forms import FoyerForm
from web.htmx import refuse, render
from web.i18n import say
from web.permissions import actor, allow
from web.register_words import is_masked, lines_of, words_of
from web.registers import LookForm
from web.transactions import read_only, writes

PAGE, REGION = "review/entry.html", "review/_beside.html"


def find_row(here: Place, ref: str) -> Any:
    """The entry; raises NotFound for another site's, and for one that is kept from the reader."""
    return pages.entry(here.register, ref, site_id=here.site.id, actor=here.who)


def context(here: Place, row: Any, *, full: bool = False, **forms: FoyerForm) -> dict[str, Any]:
    """What the region shows; `forms` are those that were refused."""
    register, site = here.register, here.site
    number, *rest = register.columns
    may_comment = actor().may(Permission.REVIEW_COMMENT, site.id)
    lines = lines_of(register, row, full=full)
    may_look = not full and actor().may(register.unmask, site.id) and is_masked(register, row, lines)
    shown: dict[str, Any] = {
        "comment": CommentForm(endpoint="review.comment") if may_comment else None,
        "look": LookForm(endpoint="review.look") if may_look else None,
        "again": AgainForm(endpoint="review.ask_again") if may_comment else None,
        **forms,
    }
    if shown["comment"] is not None:
        shown["comment"].offer(people.to_ask(register, row.id, site_id=site.id, but=actor().id))
    address: dict[str, Any] = {"site_ref": site.ref, "name": register.name, "ref": register.ref(row)}
    return {
        **shown,
        "site": site,
        "register": register,
        "row": row,
        "full": full,
        "office": True,
        "name": say(register.one, number=words_of(number, row, full=full)),
        "state": register.state(row, clock.now()),
        "pairs": [
            (say(column.label), words_of(column, row, full=full))
            for column in (*rest, *register.details)
            if column.kind != "state"
        ],
        "lines": lines,
        "threads": threads_on(register, site.id, [row.id]).get(row.id, []),
        "entry_url": url_for("review.entry", **address),
        "look_url": url_for("review.look", **address),
        "comment_url": url_for("review.comment", **address),
        "back": url_for("review.span", site_ref=site.ref, name=register.name),
        "me_id": actor().id,
    }


@blueprint.get("/registers/<site_ref>/<name>/entries/<ref>")
@allow(Permission.REVIEW_READ)
def entry(site_ref: str, name: str, ref: str) -> Any:
    """The entry, as a page or as the region beside the table."""
    here = place(site_ref, name)
    return render(PAGE, fragment=REGION, **context(here, find_row(here, ref)))


@blueprint.post("/registers/<site_ref>/<name>/entries/<ref>/looks")
@allow(Permission.REVIEW_READ)
@writes
def look(site_ref: str, name: str, ref: str) -> Any:
    """The entry in full, on this answer alone; the look and its reason go into the history (P2)."""
    here, form = place(site_ref, name), LookForm()
    row = find_row(here, ref)
    g.subject_url = url_for("review.entry", site_ref=site_ref, name=name, ref=ref)
    if form.validate():
        reason = FOR_REVIEW % {"reason": form.reason.data}
        entries.look(here.register, row, reason=reason, actor=here.who, now=clock.now())
        return render(PAGE, fragment=REGION, **context(here, row, full=True))
    read_only()
    here = place(site_ref, name)
    return refuse(PAGE, fragment=REGION, form=form, **context(here, find_row(here, ref), look=form))
