"""The cabinet: every hook at a glance, what is out and with whom, and the box that finds a key by its tag."""

from collections.abc import Sequence
from typing import Any

from flask import g, redirect, render_template, request, url_for

from blueprints.keys import blueprint
from blueprints.keys.hooks import chips, draws, gathers
from domain import clock
from domain.errors import DomainError
from domain.keys.borrowers import shown
from domain.keys.classes import BORROWER_NAMES, CLASS_NAMES
from domain.keys.finding import keys_found
from domain.keys.hooks import HOOKS, MOST_LISTED, first_hook, hooks_from, lost_keys, tally
from domain.keys.loan_queries import out_now
from domain.keys.queries import SOON, cabinets_drawn, find_tag, hook_label, key_state
from domain.keys.register import state_of
from domain.keys.reservations import ahead_at
from domain.permissions import Permission
from web import drawn
from web.at_site import at_a_site
from web.fields import clean_text
from web.htmx import render
from web.i18n import tell
from web.permissions import actor, allow
from web.registers import is_office

LONGEST = 80
MOST_FOUND = 30
SHOWN = ("out", "soon", "overdue", "reserved", "lost")


def around() -> dict[str, Any]:
    """What every page of this room draws with."""
    return {
        "instant": clock.now(),
        "office": is_office(actor()),
        "may_lend": actor().may(Permission.KEYS_LEND),
        "may_approve": actor().may(Permission.KEYS_APPROVE),
        "shown": shown,
        "hook_label": hook_label,
        "class_names": CLASS_NAMES,
        "borrower_names": BORROWER_NAMES,
        "key_state": key_state,
        "loan_state": state_of,
    }


def _chosen(cabinets: Sequence[Any]) -> Any | None:
    asked = request.args.get("cabinet", "")
    return next((one for one in cabinets if one.ref == asked), cabinets[0] if cabinets else None)


def _listed(show: str, now: Any) -> dict[str, Any]:
    """The list that a figure leads to, in one statement."""
    site_id, who = g.site.id, actor()
    if show == "lost":
        return {"keys": lost_keys(site_id, actor=who, now=now)}
    if show == "reserved":
        spans = {span.batch: span for span in reversed(ahead_at(site_id, actor=who, now=now, most=MOST_LISTED))}
        return {"spans": list(reversed(spans.values()))}
    rows = out_now(site_id, actor=who, most=MOST_LISTED)
    if show == "overdue":
        rows = [row for row in rows if row.due_at < now]
    elif show == "soon":
        rows = [row for row in rows if now <= row.due_at < now + SOON]
    return {"loans": rows}


def _find(text: str) -> Any:
    """A tag that was scanned or typed opens its key; anything else is searched for."""
    problem = ""
    try:
        thing = find_tag(text, actor=actor())
        return redirect(url_for("keys.thing", ref=thing.ref), 303)
    except DomainError as error:
        problem = tell(error.sentence, error.values)
    found = keys_found(text, actor=actor(), now=clock.now(), most=MOST_FOUND)
    return render("keys/found.html", q=text, found=found, problem=problem, **around())


@blueprint.get("")
@allow(Permission.KEYS_READ)
def cabinet() -> Any:
    """One cabinet's hooks, a page of them at a time; `?show=` lists what a figure counts, `?q=` finds a key."""
    at_a_site()
    if text := clean_text(request.args.get("q", ""))[:LONGEST]:
        return _find(text)
    asked = {name: request.args.get(name, "")[:LONGEST] for name in ("show", "cabinet", "hook")}
    show = asked["show"] if asked["show"] in SHOWN else ""
    region = drawn.board("cabinet", lambda: _region(show), show, asked["cabinet"], asked["hook"])
    return render("keys/cabinet.html", fragment=region, **around())


def _region(show: str) -> str:
    """What the page shows beside what stands around every page; it depends on what is asked for and on the reader's
    roles.
    """
    now, who = clock.now(), actor()
    cabinets = cabinets_drawn(g.site.id)
    chosen = _chosen(cabinets)
    context: dict[str, Any] = {
        "chips": chips(cabinets, None if show else chosen) if len(cabinets) > 1 or show else None,
        "chosen": chosen,
        "show": show,
        "tally": tally(g.site.id, actor=who, soon=now + SOON, now=now),
        "most": MOST_LISTED,
    }
    if show:
        context |= _listed(show, now)
    elif chosen:
        first = first_hook(chosen, request.args.get("hook", ""))
        gather, hooks = gathers(now), hooks_from(chosen, first, actor=who, now=now)
        lines = [line for hook, here in hooks.items() for line in gather(hook, here)]
        context |= {
            "hooks": drawn.lines("hooks", lines, draws()),
            "first": first,
            "pages": range(1, chosen.hooks + 1, HOOKS) if chosen.hooks > HOOKS else (),
            "step": HOOKS,
        }
    return render_template("keys/_cabinet.html", **context, **around())
