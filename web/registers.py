"""The two pages that every register has, drawn from its row in the table: the list, and one entry with its history.

A room that gives a register a home calls `register_room(blueprint, REGISTER)`. What is the register's alone is a
template of its own: `<register>/_actions.html`, what can be done with an entry, `<register>/_hit.html`, an entry among
what was searched for, and `<register>/_head.html`, what stands beside the heading of the list.
"""

from collections.abc import Callable, Mapping, Sequence
from datetime import datetime
from functools import cache, lru_cache
from html import escape
from itertools import islice
from typing import Any

from flask import Blueprint, current_app, g, request, url_for
from flask_babel import gettext
from flask_babel import lazy_gettext as _
from markupsafe import Markup
from wtforms.validators import DataRequired

from domain import clock, history, pages
from domain.identity import Actor
from domain.permissions import Permission
from domain.registers import Column, Register, State
from web.addresses import SOME_REF, address
from web.at_site import at_a_site
from web.components import component, marked
from web.fields import TextField
from web.forms import FoyerForm
from web.htmx import refuse, render
from web.i18n import language, say
from web.kept_filters import kept_filters, whether_kept
from web.permissions import actor, allow
from web.register_filters import FilterForm, Places, asked_of, form_of, holds, wanted_of
from web.register_words import is_masked, lines_of, texts_of, words_of
from web.transactions import read_only, writes

FIGURES = frozenset({"number", "moment"})
CELLS = dict.fromkeys(FIGURES, '<td class="n">%s</td>') | {
    "tag": '<td class="num">%s</td>',
    "name": "<td><bdi>%s</bdi></td>",
}
"""How a value of that kind stands in its cell; a tag is not broken at its hyphen, a name keeps its own direction."""
BETWEEN = "\x1f"
"""The unit separator: what stands between texts that are escaped together."""
_UNASKED: dict[tuple[str, str], Markup] = {}
Extras = Callable[[Any], dict[str, Any]]


class LookForm(FoyerForm):
    """Why somebody wants to see the full data (P2)."""

    reason = TextField(_("Why"), [DataRequired(_("Say why: it is written into the history."))], max_length=200)


def entry_context(register: Register, row: Any, *, full: bool = False) -> dict[str, Any]:
    """What the page of one entry shows."""
    who = actor()
    number, *rest = register.columns
    lines = lines_of(register, row, full=full)
    may_look = not full and who.may(register.unmask) and is_masked(register, row, lines)
    return {
        "register": register,
        "row": row,
        "full": full,
        "office": is_office(who),
        "deeds": _has(f"{register.name}/_actions.html"),
        "name": say(register.one, number=words_of(number, row, full=full)),
        "state": register.state(row, clock.now()),
        "pairs": [
            (say(column.label), words_of(column, row, full=full))
            for column in (*rest, *register.details)
            if column.kind != "state"
        ],
        "lines": lines,
        "look": LookForm(endpoint=_endpoint(register, "look")) if may_look else None,
        "look_url": url_for(_endpoint(register, "look"), ref=register.ref(row)),
        "list_url": url_for(_endpoint(register, "register")),
    }


def is_office(who: Actor) -> bool:
    """Whether somebody reads at a desktop: who does not work the desk."""
    return not who.may(Permission.DESK_WORK)


def _endpoint(register: Register, name: str) -> str:
    return f"{register.endpoint.partition('.')[0]}.{name}"


def _rows(register: Register, page: pages.Page, now: datetime, sites: dict[int, str] | None = None) -> Markup:
    """The drawn rows of the list, each with the address of its entry.

    `sites` names the sites of entries of several; an entry of another site opens there alone and has no address here.
    """
    here, around = g.site.id, address(register.endpoint, SOME_REF)
    drawn = []
    for row, (number, cells) in zip(page.rows, draw_entries(register, page.rows, now, sites=sites), strict=True):
        url = around.replace(SOME_REF, register.ref(row)) if row.site_id == here else ""
        head = f'<a href="{url}">{number}</a>' if url else number
        drawn.append(f'<tr><th scope="row">{head}</th>{cells}</tr>\n')
    return marked("".join(drawn))


def _to_read(register: Register) -> list[Column]:
    """The columns for who reads a span: the state beside the number, so that no width of the screen hides it."""
    number, *rest = register.columns
    return [number, *sorted(rest, key=lambda column: column.kind != "state")]


def draw_entries(
    register: Register,
    rows: Sequence[Any],
    now: datetime,
    *,
    sites: dict[int, str] | None = None,
    to_read: bool = False,
    states: Mapping[int, State] | None = None,
) -> list[tuple[Markup, Markup]]:
    """The number and the drawn cells of each of these entries of a register for this reader, masked; `states` says by
    their ids how they stand, where that is known.

    They are written here, column by column: as macros they cost half of the page.
    """
    columns = _to_read(register) if to_read else register.columns
    texts = [text for column in columns if column.kind != "state" for text in texts_of(column, rows)]
    if sites:
        texts += [sites[row.site_id] for row in rows]
    written = iter(escaped(texts))
    drawn = [
        _states(register, rows, now, states) if column.kind == "state" else list(islice(written, len(rows)))
        for column in columns
    ]
    cells = [CELLS.get(column.kind, "<td>%s</td>") for column in columns[1:]]
    if sites:
        drawn.insert(1, list(written))
        cells.insert(0, "<td>%s</td>")
    numbers, *rest = drawn
    return list(
        zip(map(marked, numbers), map(marked, map("".join(cells).__mod__, zip(*rest, strict=True))), strict=True)
    )


def escaped(texts: list[str]) -> list[str]:
    """Each text as HTML writes it. All are escaped at once, which takes a fifth of the time."""
    found = escape(BETWEEN.join(texts)).split(BETWEEN)
    return found if len(found) == len(texts) else [escape(text) for text in texts]


@lru_cache(maxsize=256)
def draw_heads(register: Register, _language: str, *, several_sites: bool = False, to_read: bool = False) -> Markup:
    """The heads of the same columns as components/dense.html takes them; `_language` is the reader's."""
    own = _to_read(register) if to_read else register.columns
    # The number of an entry heads its row, and stands at the start like every heading.
    columns = [{"words": say(column.label), "n": column.kind in FIGURES and column is not own[0]} for column in own]
    if several_sites:
        columns.insert(1, {"words": gettext("Site"), "n": False})
    return Markup(component("dense", "heads")(columns))  # noqa: S704 -- what a template drew


@cache
def _has(template: str) -> bool:
    """Whether there is such a template: what is missing, Jinja looks for on the disk each time."""
    return template in current_app.jinja_env.list_templates()


def _states(register: Register, rows: Sequence[Any], now: datetime, known: Mapping[int, State] | None) -> list[str]:
    """The drawn state of each row: few differ, and each of those is drawn once."""
    states = [known[row.id] if known else register.state(row, now) for row in rows]
    draw, drawn = component("state"), dict[int, str]()
    for one in states:
        if id(one) not in drawn:
            drawn[id(one)] = draw(say(one.word), one.tone, one.glyph)
    return [drawn[id(one)] for one in states]


def draw_filters(register: Register, form: FilterForm, places: Places | None, asked: dict[str, Any]) -> Markup:
    """The fields of the filters, drawn; those that ask for nothing are drawn once in each language."""
    if places and places.offered:
        return Markup("").join([*places.form, *form])
    if asked:
        return Markup("").join(form)
    key = register.name, language()
    if key not in _UNASKED:
        _UNASKED[key] = Markup("").join(form)
    return _UNASKED[key]


def _list(register: Register) -> Any:
    at_a_site()
    form, places = form_of(register, request.args), Places(register, request.args)
    asked = asked_of(form, "site")
    context: dict[str, Any] = {
        "register": register,
        "form": form,
        "office": is_office(actor()),
        "asked": asked,
        "list_url": request.path,
        "columns": draw_heads(register, language(), several_sites=bool(places.ids)),
        "elsewhere": bool(places.ids),
        "head": _has(f"{register.name}/_head.html"),
        "rows": "",
        "found": None,
    }
    if not holds(form, places):
        context["kept"] = kept_filters(register, asked)
        return render(
            "registers/list.html", status=422, drawn_filters=draw_filters(register, form, places, asked), **context
        )
    now = clock.now()
    wanted = wanted_of(register, form, places, request.args)
    page = pages.read(register, wanted, now=now, beside=whether_kept(register))
    here = _endpoint(register, "register")
    context |= {
        "found": page,
        "kept": kept_filters(register, asked) if page.beside or not page.rows else [],
        "drawn_filters": draw_filters(register, form, places, asked),
        "rows": _rows(register, page, now, places.names() if places.ids else None),
        "older": url_for(here, **asked, before=page.older) if page.older else None,
        "newer": url_for(here, **asked, after=page.newer) if page.newer else None,
    }
    return render("registers/list.html", **context)


def register_room(blueprint: Blueprint, register: Register, *, extras: Extras | None = None) -> None:
    """Give the blueprint the pages of a register: `register` (the list), `entry`, and `look` (in full, logged).

    `extras` gives what `<register>/_actions.html` needs of an entry's row, its forms for instance.
    """

    def context_of(row: Any, *, full: bool = False) -> dict[str, Any]:
        return entry_context(register, row, full=full) | (extras(row) if extras else {})

    @blueprint.get("", endpoint="register")
    @allow(register.read)
    def show_list() -> Any:
        """Entries, filtered, newest first."""
        return _list(register)

    @blueprint.get("/<ref>", endpoint="entry")
    @allow(register.read)
    def show_entry(ref: str) -> Any:
        """One entry, masked, with its history."""
        return render("registers/entry.html", **context_of(_row(register, ref)))

    @blueprint.post("/<ref>/looks", endpoint="look")
    @allow(register.unmask)
    @writes
    def look(ref: str) -> Any:
        """The entry in full, on this answer alone; the look and its reason go into the history (P2)."""
        row, form = _row(register, ref), LookForm()
        g.subject_url = url_for(register.endpoint, ref=ref)
        if form.validate():
            history.looked_at(register, row, reason=form.reason.data, actor=actor(), now=clock.now())
            return render("registers/entry.html", **context_of(row, full=True))
        read_only()
        return refuse("registers/entry.html", form=form, **context_of(_row(register, ref)) | {"look": form})


def _row(register: Register, ref: str) -> Any:
    at_a_site()
    return pages.entry(register, ref, site_id=g.site.id, actor=actor())
