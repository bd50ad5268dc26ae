"""The host's own page, behind the own link: visitors that were invited, meetings with their guests, and who has come.

What a host does ahead stands here side by side; a further thing gets a module beside this one and a section in
`templates/hosts/own.html`.
"""

from dataclasses import dataclass
from datetime import timedelta
from typing import Any

from flask import flash, g, redirect, request, session, url_for
from flask_babel import gettext, ngettext

from blueprints.hosts import blueprint
from domain import clock, events
from domain.database import db
from domain.errors import NotFound
from domain.gatherings import Gathering, of_host
from domain.identity import Actor
from domain.limits import Limit
from domain.meetings.waiting import waits_of
from domain.occupants.links import find_link
from domain.occupants.models import Host, Unit
from domain.sites.models import Site
from domain.sites.queries import purposes_of
from domain.visits.arrivals import Whom
from domain.visits.invitation_models import EARLY, Invitation
from domain.visits.invitation_queries import (
    counts_of_meetings,
    get_of_host,
    of_meeting,
    phones_and_names,
)
from domain.visits.invitation_queries import of_host as invitations_of_host
from domain.visits.invitation_register import state_of
from domain.visits.invitations import invite_again, places_used, withdraw
from web.forms import FoyerForm, refusals
from web.guest_form import GuestsForm, MeetingGuestsForm, TimesForm
from web.htmx import done, refuse, render, unchanged, wants_fragment
from web.i18n import STAFF_LANGUAGES, html_lang, language, speak
from web.invitation_messages import slip_of
from web.permissions import poll, public
from web.transactions import read_only, writes

LATELY = timedelta(hours=12)
INVITES = Limit("host-invites", 30, timedelta(hours=1))
"""How often a host sends a list: whoever got hold of a link cannot flood mailboxes."""


@dataclass(frozen=True)
class Own:
    """The host behind a link, and where."""

    token: str
    host: Host
    unit: Unit
    site: Site

    @property
    def actor(self) -> Actor:
        """Who writes in the history."""
        return Actor("host", self.host.id, self.host.name, self.site.id)

    def meeting(self, ref: str) -> Gathering:
        """The host's meeting of that ref; raises NotFound, also for one that is somebody else's or long over."""
        for one in of_host(self.host.id, clock.now()):
            if one.ref == ref:
                return one
        raise NotFound


def open_own(token: str) -> Own:
    """Whose link it is, in the reader's language; raises NotFound in words."""
    link, host = find_link(token)
    g.site = db.session.get_one(Site, link.site_id)
    asked = request.args.get("lang")
    if asked in STAFF_LANGUAGES:
        session["language"] = asked
    chosen = session.get("language")
    speak(chosen if chosen in STAFF_LANGUAGES else host.language)
    return Own(token, host, db.session.get_one(Unit, host.unit_id), g.site)


def around(own: Own) -> dict[str, Any]:
    """What every page of a host shows."""
    return {
        "own": own,
        "instant": clock.now(),
        "early": EARLY,
        "state_of": state_of,
        "tag": f"{own.site.id}.{events.version(own.site.id)}.{language()}.{clock.minute()}",
        "languages": [
            {"tag": html_lang(name), "name": said, "url": url_for("hosts.own", token=own.token, lang=name)}
            for name, said in STAFF_LANGUAGES.items()
            if name != language()
        ],
    }


def _form(own: Own) -> TimesForm:
    form = TimesForm(endpoint="hosts.invite_to_me")
    form.offer(list(db.session.scalars(purposes_of(own.site.id))))
    form.fill_in()
    return form


def _meeting_form(own: Own, meeting: Gathering) -> MeetingGuestsForm:
    purposes = list(db.session.scalars(purposes_of(own.site.id)))
    return MeetingGuestsForm(endpoint="hosts.invite_to_meeting").prepare(meeting, purposes)


def _lists(own: Own) -> dict[str, Any]:
    now = clock.now()
    meetings = of_host(own.host.id, now)
    return {
        **around(own),
        "meetings": meetings,
        "counts": counts_of_meetings([one.id for one in meetings]),
        "rows": invitations_of_host(own.host.id, since=now - LATELY),
        "waits": waits_of(own.host.id, now=now),
    }


def refused_touch(token: str, touched: FoyerForm) -> Any:
    """The own page as it stands, with what was refused of a touch on it."""
    read_only()
    mine = open_own(token)
    form = _form(mine)
    form.problems, form.status = touched.problems, touched.status
    return refuse("hosts/own.html", form=form, **_lists(mine))


def _draw(page: str, fragment: str, context: dict[str, Any], *, status: int = 200) -> Any:
    response = render(page, fragment=fragment, status=status, **context)
    response.headers["HX-PTag"] = context["tag"]
    return response


@blueprint.get("/hosts/<token>")
@public
def own(token: str) -> Any:
    """Meetings and visitors that lie ahead, who of them has come, and the list to invite."""
    mine = open_own(token)
    return _draw("hosts/own.html", "hosts/_own.html", _lists(mine) | {"form": _form(mine)})


@blueprint.get("/hosts/<token>/live")
@public
@poll
def own_live(token: str) -> Any:
    """The lists when they changed, else 304."""
    mine = open_own(token)
    if answer := unchanged(around(mine)["tag"]):
        return answer
    if not wants_fragment():
        return redirect(url_for("hosts.own", token=token), 303)
    return _draw("hosts/own.html", "hosts/_own.html", _lists(mine) | {"form": None})


def _said(form: GuestsForm, made: list[Invitation], page: str, location: str, context: dict[str, Any]) -> Any:
    words = ngettext("%(num)d guest is invited.", "%(num)d guests are invited.", len(made))
    if not form.wrong:
        flash(words, "ok")
        return done(location)
    g.subject_url = location
    form.leave_the_wrong()
    return render(page, **context | {"form": form, "done_words": words})


@blueprint.post("/hosts/<token>")
@public
@writes
def invite_to_me(token: str) -> Any:
    """Invite visitors to oneself."""
    mine = open_own(token)
    form, now, key = _form(mine), clock.now(), str(mine.host.id)
    if not form.only_redraws() and form.validate():
        with refusals(form):
            INVITES.check(key, now=now)
            INVITES.count(key, now=now)
            made = form.invite(form.plan_for(Whom(mine.unit, mine.host)), source="host", actor=mine.actor, now=now)
            if len(made) == 1:
                return _said(form, made, "hosts/own.html", slip_url(mine, made[0]), _lists(mine))
            return _said(form, made, "hosts/own.html", url_for("hosts.own", token=token), _lists(mine))
    read_only()
    mine = open_own(token)
    return refuse("hosts/own.html", form=form, **_lists(mine))


def slip_url(mine: Own, invitation: Invitation) -> str:
    """Where the slip of one guest stands."""
    return url_for("hosts.own_slip", token=mine.token, ref=invitation.ref)


def _guests(mine: Own, meeting: Gathering) -> dict[str, Any]:
    rows = of_meeting(meeting.id)
    return {
        **around(mine),
        "meeting": meeting,
        "rows": rows,
        "invited_count": sum(row.entries for row in rows if row.state == "open"),
        "came_count": sum(row.used for row in rows),
    }


@blueprint.get("/hosts/<token>/meetings/<ref>")
@public
def own_meeting(token: str, ref: str) -> Any:
    """The guests of one of the host's meetings: who has come, and the list to paste (M6)."""
    mine = open_own(token)
    meeting = mine.meeting(ref)
    form = _meeting_form(mine, meeting) if meeting.stands else None
    return _draw("hosts/meeting.html", "hosts/_guests.html", _guests(mine, meeting) | {"form": form})


@blueprint.get("/hosts/<token>/meetings/<ref>/live")
@public
@poll
def own_meeting_live(token: str, ref: str) -> Any:
    """The guests when something changed, else 304."""
    mine = open_own(token)
    if answer := unchanged(around(mine)["tag"]):
        return answer
    if not wants_fragment():
        return redirect(url_for("hosts.own_meeting", token=token, ref=ref), 303)
    return _draw("hosts/meeting.html", "hosts/_guests.html", _guests(mine, mine.meeting(ref)) | {"form": None})


@blueprint.post("/hosts/<token>/meetings/<ref>")
@public
@writes
def invite_to_meeting(token: str, ref: str) -> Any:
    """Invite the guests of the meeting in one go."""
    mine = open_own(token)
    meeting = mine.meeting(ref)
    form, now, key = _meeting_form(mine, meeting), clock.now(), str(mine.host.id)
    if not form.only_redraws() and form.validate():
        with refusals(form):
            INVITES.check(key, now=now)
            INVITES.count(key, now=now)
            known = phones_and_names(meeting.id)
            made = form.invite(form.plan(), source="meeting", actor=mine.actor, now=now, known=known)
            location = url_for("hosts.own_meeting", token=token, ref=ref)
            return _said(form, made, "hosts/meeting.html", location, _guests(mine, meeting))
    read_only()
    mine = open_own(token)
    return refuse("hosts/meeting.html", form=form, **_guests(mine, mine.meeting(ref)))


@blueprint.get("/hosts/<token>/invitations/<ref>")
@public
def own_slip(token: str, ref: str) -> Any:
    """One guest: codes to pass on, taking back, inviting again."""
    mine = open_own(token)
    return render("hosts/slip.html", **_slip(mine, ref))


def _slip(mine: Own, ref: str) -> dict[str, Any]:
    invitation = get_of_host(ref, host_id=mine.host.id)
    if invitation.erased_at:
        raise NotFound
    left = len(places_used(invitation.id)) < invitation.entries
    return {**around(mine), **slip_of(invitation, site=mine.site), "left": left}


@blueprint.post("/hosts/<token>/invitations/<ref>/withdrawals")
@public
@writes
def own_withdrawal(token: str, ref: str) -> Any:
    """The guest is not to come; whoever has a mail address is told."""
    mine, form = open_own(token), FoyerForm(endpoint="hosts.own_withdrawal")
    invitation = get_of_host(ref, host_id=mine.host.id)
    if form.validate():
        with refusals(form):
            withdraw(invitation, site=mine.site, actor=mine.actor, now=clock.now())
            flash(gettext("The invitation is taken back."), "ok")
            return done(slip_url(mine, invitation))
    read_only()
    return refuse("hosts/slip.html", form=form, **_slip(open_own(token), ref))


@blueprint.post("/hosts/<token>/invitations/<ref>/letters")
@public
@writes
def own_letter(token: str, ref: str) -> Any:
    """The letter once more; one that was taken back holds again."""
    mine, form = open_own(token), FoyerForm(endpoint="hosts.own_letter")
    invitation = get_of_host(ref, host_id=mine.host.id)
    if form.validate():
        with refusals(form):
            invite_again(invitation, site=mine.site, actor=mine.actor, now=clock.now())
            flash(gettext("The guest is invited again."), "ok")
            return done(slip_url(mine, invitation))
    read_only()
    return refuse("hosts/slip.html", form=form, **_slip(open_own(token), ref))
