"""A register read and signed: what waits from earlier, and the entries that follow the last signature."""

from collections import defaultdict
from collections.abc import Collection
from dataclasses import replace
from typing import Any

from flask import flash, request, url_for
from flask_babel import gettext

from blueprints.review import blueprint
from blueprints.review.forms import ReadForm, SignForm
from blueprints.review.places import Place, place
from domain import clock
from domain.permissions import Permission
from domain.review import duty, pages, sealing, signing
from domain.review.models import CommentState
from domain.review.pages import Span, Thread
from web.attempts import before_writing
from web.forms import FoyerForm, refusals, spend_token
from web.htmx import done, refuse, render
from web.i18n import language, say
from web.permissions import actor, allow
from web.proof import prove_again
from web.register_filters import FilterForm, asked_of, form_of, wanted_of
from web.registers import draw_entries, draw_filters, draw_heads
from web.transactions import read_only, writes

OPEN = (CommentState.ASKED, CommentState.ANSWERED)


def _most() -> int:
    return pages.ROWS[1] if request.args.get("rows") == str(pages.ROWS[1]) else pages.ROWS[0]


def _lines(here: Place, rows: Any, threads: dict[int, list[Thread]], left: Collection[int], ticked: Any) -> list[Any]:
    """Each entry as it is drawn. Unticked to begin with: what still waits for somebody, and open corrections."""
    # One address for all of them: building one costs as much as drawing a row.
    address = url_for("review.entry", site_ref=here.site.ref, name=here.register.name, ref="-").removesuffix("-")
    drawn = []
    for row, (number, cells) in zip(rows, draw_entries(here.register, rows, clock.now(), to_read=True), strict=True):
        on_it, ref = threads.get(row.id, []), here.register.ref(row)
        open_ = any(thread.comment.state in OPEN for thread in on_it)
        drawn.append(
            {
                "ref": ref,
                "number": number,
                "cells": cells,
                "threads": on_it,
                "ticked": ref in ticked if ticked is not None else not open_ and row.id not in left,
                "url": address + ref,
            }
        )
    return drawn


def _remarkable(here: Place, shown: Span) -> list[tuple[str, str, str, list[str]]]:
    """States of the span that a reader stops at: tone, glyph, word, and the numbers that stand so."""
    found: dict[Any, list[str]] = defaultdict(list)
    now = clock.now()
    for row in (*shown.earlier, *shown.rows):
        state = here.register.state(row, now)
        if state.tone in ("late", "wait"):
            found[state].append(f"{row.number:04d}")
    return [(state.tone, state.glyph, say(state.word), numbers) for state, numbers in found.items()]


def _narrowed(here: Place, shown: Span, form: FilterForm) -> dict[str, Any]:
    """The page narrowed by filters, to be read alone: what is signed is a whole span."""
    asked = asked_of(form)
    holds = not asked or form.validate()  # before it is drawn: what does not hold is told at its field
    drawn: dict[str, Any] = {"drawn_filters": draw_filters(here.register, form, None, asked), "narrowed": asked}
    if not asked:
        return drawn
    drawn |= {"sign": None, "rows": [], "earlier": [], "fitting": None}
    if not holds:
        return drawn
    now = clock.now()
    wanted = replace(wanted_of(here.register, form, None, {}), site_id=here.site.id, actor=here.who)
    found = pages.among(here.register, here.site, shown, wanted, now=now)
    threads = pages.threads_on(here.register, here.site.id, [row.id for row in (*found.earlier, *found.rows)])
    return drawn | {
        "earlier": _lines(here, found.earlier, threads, (), ()),
        "rows": _lines(here, found.rows, threads, (), ()),
        "fitting": found.count + len(found.earlier),
    }


def context(here: Place, form: SignForm | None = None, *, keep: bool = False) -> dict[str, Any]:
    """What the page shows now; `keep` leaves the ticks as they were sent."""
    site, register, who = here
    filters = form_of(register, {} if form else request.args)
    shown = pages.span(register, site, most=_most(), actor=who, now=clock.now())
    ids = [row.id for row in (*shown.earlier, *shown.rows)]
    threads = pages.threads_on(register, site.id, ids)
    may_sign = actor().may(Permission.REVIEW_SIGN, site.id) and bool(ids)
    if form is None and may_sign:
        form = SignForm(endpoint="review.sign")
    if form is not None:
        form.first.data, form.last.data, form.up_to.data = str(shown.first), str(shown.last), str(shown.up_to)
    ticked = form.ticked if form is not None and keep else None
    open_ = [thread for each in threads.values() for thread in each if thread.comment.state in OPEN]
    return {
        "here": here,
        "site": site,
        "register": register,
        "shown": shown,
        "columns": draw_heads(register, language(), to_read=True),
        "earlier": _lines(here, shown.earlier, threads, shown.unsettled, ticked),
        "rows": _lines(here, shown.rows, threads, shown.unsettled, ticked),
        "remarkable": _remarkable(here, shown),
        "asked": [t.comment.number for t in open_ if t.comment.state == CommentState.ASKED],
        "answered": [t.comment.number for t in open_ if t.comment.state == CommentState.ANSWERED],
        "last": pages.last_signature(register, site.id),
        "sign": form,
        "may_comment": actor().may(Permission.REVIEW_COMMENT, site.id),
        "most": _most(),
        "rows_offered": pages.ROWS,
        "waiting": shown.count + len(shown.earlier),
        "office": True,
    } | _narrowed(here, shown, filters)


@blueprint.get("/registers/<site_ref>/<name>")
@allow(Permission.REVIEW_READ)
def span(site_ref: str, name: str) -> Any:
    """What of a register wants reading and signing; narrowed by the register's filters it is read alone (R4)."""
    shown = context(place(site_ref, name))
    refused = shown["narrowed"] and shown["fitting"] is None
    return render("review/span.html", status=422 if refused else 200, **shown)


@blueprint.post("/registers/<site_ref>/<name>/signatures")
@allow(Permission.REVIEW_SIGN)
@writes
def sign(site_ref: str, name: str) -> Any:
    """Sign what was shown and ticked; the history up to then is sealed."""
    here, form = place(site_ref, name), SignForm()
    with before_writing():
        if form.validate():
            with refusals(form):
                prove_again(form.password.data, now=clock.now())
                sealing.catch_up(here.site.id, now=clock.now(), leave=sealing.BATCH)
    if form.status < 400:
        with refusals(form):
            spend_token()
            signed = signing.sign(
                here.register, here.site, form.shown(), remark=form.remark.data, actor=here.who, now=clock.now()
            )
            _say(signed)
            return done(url_for("review.span", site_ref=site_ref, name=name))
    read_only()
    again = context(place(site_ref, name), form, keep=form.status == 422)
    return refuse("review/span.html", form=form, **again)


def _say(signed: signing.Signed) -> None:
    count = signed.review.entries
    flash(
        gettext("Signed and sealed: %(count)d entries, signature %(number)d.", count=count, number=signed.review.number)
    )
    if signed.changed:
        numbers = ", ".join(f"{number:04d}" for number in signed.changed)
        said = gettext("Changed while you read, and left for the next time: %(numbers)s", numbers=numbers)
        flash(said, "wait")


@blueprint.post("/registers/<site_ref>/<name>/beginnings")
@allow(Permission.REVIEW_SIGN)
@writes
def begin(site_ref: str, name: str) -> Any:
    """A register that was never signed begins with this week."""
    here, form, now = place(site_ref, name), FoyerForm(), clock.now()
    if form.validate():
        with refusals(form):
            monday, _end = duty.week_of(now, here.site.zone)
            signing.begin_with(here.register, here.site, monday, actor=here.who, now=now)
            flash(gettext("Signing begins with this week. What lies before stays unsigned."), "ok")
            return done(url_for("review.span", site_ref=site_ref, name=name))
    read_only()
    return refuse("review/span.html", form=form, **context(place(site_ref, name)))


@blueprint.post("/registers/<site_ref>/<name>/readings")
@allow(Permission.REVIEW_READ)
@writes
def mark_read(site_ref: str, name: str) -> Any:
    """What is shown was read."""
    here, form = place(site_ref, name), ReadForm()
    if form.validate() and (form.last.data or "").isdecimal() and len(form.last.data) < 10:
        signing.read_to(here.register, here.site.id, int(form.last.data), actor=here.who)
    return done(url_for("review.overview"))
