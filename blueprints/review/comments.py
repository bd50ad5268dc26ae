"""Comments on entries, demands for corrections, and what becomes of the answers."""

from typing import Any

from flask import flash, redirect, url_for
from flask_babel import gettext
from werkzeug.datastructures import MultiDict

from blueprints.review import blueprint
from blueprints.review.entry import PAGE, REGION, context, find_row
from blueprints.review.forms import AgainForm, CommentForm
from blueprints.review.places import Place, place
from domain import clock
from domain.database import db
from domain.errors import NotFound
from domain.permissions import Permission
from domain.review import comments, people
from domain.review.models import Comment, CommentState
from domain.sites.models import Site
from web.forms import FoyerForm, refusals
from web.htmx import refuse, render, wants_fragment
from web.permissions import actor, allow
from web.transactions import read_only, writes

COMMENTED = "review/_commented.html"


def _after(here: Place, ref: str, said: str) -> Any:
    """The regions for htmx; else back to the entry."""
    if wants_fragment():
        db.session.flush()
        empty = CommentForm(MultiDict(), endpoint="review.comment")  # else it holds what was just said
        return render(PAGE, fragment=COMMENTED, ref=ref, **context(here, find_row(here, ref), comment=empty))
    flash(said, "ok")
    return redirect(url_for("review.entry", site_ref=here.site.ref, name=here.register.name, ref=ref), 303)


def _refused(site_ref: str, name: str, ref: str, form: FoyerForm, refused: str = "", **forms: FoyerForm) -> Any:
    read_only()
    here = place(site_ref, name)
    shown = context(here, find_row(here, ref), **forms)
    return refuse(PAGE, fragment=REGION, form=form, refused=refused, **shown)


@blueprint.post("/registers/<site_ref>/<name>/entries/<ref>/comments")
@allow(Permission.REVIEW_COMMENT)
@writes
def comment(site_ref: str, name: str, ref: str) -> Any:
    """Say something on an entry, or ask somebody to correct it."""
    here, form = place(site_ref, name), CommentForm()
    row = find_row(here, ref)
    form.offer(people.to_ask(here.register, row.id, site_id=here.site.id, but=actor().id))
    if form.validate():
        with refusals(form):
            ask = form.to.data or ""
            comments.comment(here.register, row, text=form.text.data, ask=ask, actor=here.who, now=clock.now())
            return _after(
                here, ref, gettext("The correction is asked for.") if ask else gettext("The comment is noted.")
            )
    return _refused(site_ref, name, ref, form, comment=form)


def _find(ref: str) -> tuple[Comment, Place]:
    """The comment, and the register that it stands in; raises NotFound."""
    found = comments.get_comment(ref, actor=actor())
    site = db.session.get(Site, found.site_id)
    if site is None or not actor().may(Permission.REVIEW_READ, found.site_id):
        raise NotFound
    return found, place(site.ref, found.register)


@blueprint.post("/comments/<ref>/acceptances")
@allow(Permission.REVIEW_COMMENT)
@writes
def accept(ref: str) -> Any:
    """The answer is good."""
    found, here = _find(ref)
    form = FoyerForm()
    if form.validate():
        with refusals(form):
            comments.accept(found, actor=here.who, now=clock.now())
            return _after(here, found.entry_ref, gettext("The correction is accepted: the entry can be signed."))
    return _refused(here.site.ref, here.register.name, found.entry_ref, form)


@blueprint.post("/comments/<ref>/demands")
@allow(Permission.REVIEW_COMMENT)
@writes
def ask_again(ref: str) -> Any:
    """The answer is not enough."""
    found, here = _find(ref)
    form = AgainForm()
    if form.validate():
        with refusals(form):
            comments.ask_again(found, text=form.missing.data, actor=here.who, now=clock.now())
            return _after(here, found.entry_ref, gettext("The correction is asked for once more."))
    if found.state != CommentState.ANSWERED:
        form.as_a_whole()
    return _refused(here.site.ref, here.register.name, found.entry_ref, form, again=form, refused=ref)
