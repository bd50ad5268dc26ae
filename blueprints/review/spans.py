"""A register read and signed: what waits from earlier, and the entries that follow the last signature."""

from collections import defaultdict
from collections.abc import Collection, Mapping, Sequence
from dataclasses import replace
from functools import lru_cache
from typing import Any, NamedTuple

from flask import current_app, flash, request, url_for
from flask_babel import gettext
from markupsafe import Markup

from blueprints.review import blueprint
from blueprints.review.forms import ReadForm, SignForm
from blueprints.review.places import Place, place
from domain import clock
from domain.permissions import Permission
from domain.registers import State
from domain.review import duty, pages, sealing, signing
from domain.review.marks import Marks, marks_of
from domain.review.models import CommentState
from domain.review.pages import Span, Thread
from domain.text import N_
from web.attempts import before_writing
from web.components import marked
from web.forms import FoyerForm, refusals
from web.htmx import done, refuse, render
from web.i18n import language, say
from web.permissions import actor, allow
from web.proof import prove_again
from web.register_filters import FilterForm, asked_of, form_of, wanted_of
from web.register_words import who_did
from web.registers import draw_entries, draw_filters, draw_heads
from web.tokens import spend_token
from web.transactions import read_only, writes

OPEN = (CommentState.ASKED, CommentState.ANSWERED)
TIME_CORRECTED = State(N_("Time corrected"), "pen", "wait")
MOST_NUMBERS = 20
"""So many entries a sentence names."""


class Ticks(NamedTuple):
    """The entries that are unticked to begin with, as are those with open corrections; once it was sent, the refs that
    were ticked.
    """

    left: Collection[int]
    sent: Collection[str] | None


def _most() -> int:
    return pages.ROWS[1] if request.args.get("rows") == str(pages.ROWS[1]) else pages.ROWS[0]


def _lines(
    here: Place,
    rows: Sequence[Any],
    threads: dict[int, list[Thread]],
    marked_by: Mapping[int, Marks],
    ticks: Ticks | None = None,
    states: Mapping[int, State] | None = None,
) -> Markup:
    """The rows of these entries with what they are marked by and what was said; with `ticks`, where they can be
    ticked.
    """
    address = addresses_of(here)["entry"]
    may_comment = actor().may(Permission.REVIEW_COMMENT, here.site.id)
    tongue, width, drawn = language(), len(here.register.columns), []
    drawing = current_app.jinja_env.get_template
    entries = draw_entries(here.register, rows, clock.now(), to_read=True, states=states)
    for row, (number, cells) in zip(rows, entries, strict=True):
        on_it, ref, ticked = threads.get(row.id, ()), here.register.ref(row), False
        if ticks and ticks.sent is not None:
            ticked = ref in ticks.sent
        elif ticks:
            ticked = row.id not in ticks.left and not any(thread.comment.state in OPEN for thread in on_it)
        its = marked_by.get(row.id)
        pattern = _line(tongue, width, ticks is not None, ticked, bool(on_it or its) or may_comment)
        said = drawing("review/_threads.html").render(threads=on_it) if on_it else ""
        marks = drawing("review/_marks.html").render(its=its, who=who_did) if its else ""
        values = {"ref": ref, "url": address + ref, "number": number, "cells": cells, "said": said, "marks": marks}
        drawn.append(pattern % values)
    return marked("".join(drawn))


def addresses_of(here: Place) -> dict[str, str]:
    """The addresses of what can be done with a register, by the names of their views; `entry` lacks the ref."""
    return _addresses(request.root_path, here.site.ref, here.register.name)


@lru_cache(maxsize=512)
def _addresses(_root: str, site_ref: str, name: str) -> dict[str, str]:
    """Building one costs as much as drawing a row."""
    register: dict[str, Any] = {"site_ref": site_ref, "name": name}
    views = ("span", "sign", "signatures", "mark_read", "begin")
    entry = url_for("review.entry", **register, ref="-").removesuffix("-")
    return {view: url_for(f"review.{view}", **register) for view in views} | {"entry": entry}


@lru_cache(maxsize=256)
def _line(_language: str, width: int, may_sign: bool, ticked: bool, has_said: bool) -> str:
    """A row as `review/_lines.html` draws it, with places for what differs from entry to entry: of fifty rows the
    template was half of the page.
    """
    places = {name: f"\x1a{name}\x1a" for name in ("ref", "url", "number", "cells", "said", "marks")}
    line = current_app.jinja_env.get_template("review/_lines.html").module.line  # type: ignore[attr-defined]
    drawn = line(**places, width=width, may_sign=may_sign, ticked=ticked, has_said=has_said).replace("%", "%%")
    for name, mark in places.items():
        drawn = drawn.replace(mark, f"%({name})s")
    return str(drawn)


def _remarkable(shown: Span, marked_by: Mapping[int, Marks]) -> list[tuple[str, str, str, list[str]]]:
    """What a reader stops at, states, marks and corrected times: tone, glyph, word, and the numbers of the entries."""
    found: dict[State, list[str]] = defaultdict(list)
    for row in (*shown.earlier, *shown.rows):
        state = shown.states[row.id]
        if state.tone in ("late", "wait"):
            found[state].append(f"{row.number:04d}")
        its = marked_by.get(row.id)
        for mark in (its.state, TIME_CORRECTED if its.corrected else None) if its else ():
            if mark:
                found[mark].append(f"{row.number:04d}")
    return [(state.tone, state.glyph, say(state.word), numbers) for state, numbers in found.items()]


def _narrowed(here: Place, shown: Span, form: FilterForm) -> dict[str, Any]:
    """The page narrowed by filters, to be read alone: what is signed is a whole span."""
    asked = asked_of(form)
    holds = not asked or form.validate()  # before it is drawn: what does not hold is told at its field
    drawn: dict[str, Any] = {"drawn_filters": draw_filters(here.register, form, None, asked), "narrowed": asked}
    if not asked:
        return drawn
    drawn |= {"sign": None, "rows": "", "earlier": "", "listed": 0, "fitting": None}
    if not holds:
        return drawn
    now = clock.now()
    wanted = replace(wanted_of(here.register, form, None, {}), site_id=here.site.id, actor=here.who)
    found = pages.among(here.register, here.site, shown, wanted, now=now)
    ids = [row.id for row in (*found.earlier, *found.rows)]
    threads = pages.threads_on(here.register, here.site.id, ids)
    marks = marks_of(here.register, here.site.id, ids)
    return drawn | {
        "earlier": _lines(here, found.earlier, threads, marks),
        "rows": _lines(here, found.rows, threads, marks),
        "listed": len(found.earlier) + len(found.rows),
        "fitting": found.count + len(found.earlier),
    }


def context(here: Place, form: SignForm | None = None, *, keep: bool = False) -> dict[str, Any]:
    """What the page shows now; `keep` leaves the ticks as they were sent."""
    site, register, who = here
    filters = form_of(register, {} if form else request.args)
    shown = pages.span(register, site, most=_most(), actor=who, now=clock.now())
    ids = [row.id for row in (*shown.earlier, *shown.rows)]
    threads, marks = pages.threads_on(register, site.id, ids), marks_of(register, site.id, ids)
    may_sign = actor().may(Permission.REVIEW_SIGN, site.id) and bool(ids)
    if form is None and may_sign:
        form = SignForm(endpoint="review.sign")
    ticks = Ticks(shown.unsettled, form.ticked if keep else None) if form is not None else None
    open_ = [thread for each in threads.values() for thread in each if thread.comment.state in OPEN]
    return {
        "site": site,
        "urls": addresses_of(here),
        "register": register,
        "shown": shown,
        "columns": draw_heads(register, language(), to_read=True),
        "earlier": _lines(here, shown.earlier, threads, marks, ticks, shown.states),
        "from_earlier": listed([row.number for row in shown.earlier]),
        "rows": _lines(here, shown.rows, threads, marks, ticks, shown.states),
        "remarkable": _remarkable(shown, marks),
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
        numbers = listed(signed.changed)
        flash(gettext("Changed while you read, and left for the next time: %(numbers)s", numbers=numbers), "wait")
    if signed.left:
        flash(gettext("Not signed, because not ticked: %(numbers)s", numbers=listed(signed.left)), "info")


def listed(numbers: Sequence[int]) -> str:
    """The numbers of entries as the register writes them; of many the first ones."""
    more = " …" if len(numbers) > MOST_NUMBERS else ""
    return ", ".join(f"{number:04d}" for number in numbers[:MOST_NUMBERS]) + more


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
