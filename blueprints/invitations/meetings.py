"""The guests of a meeting: pasted, listed with who has come, taken back, invited again; live (M6)."""

from typing import Any

from flask import g, redirect, request, url_for

from blueprints.invitations import blueprint
from blueprints.invitations.inviting import said
from blueprints.invitations.today import around, tag
from domain import clock
from domain.database import db
from domain.gatherings import Gathering, among
from domain.meetings.queries import get_reservation
from domain.permissions import Permission
from domain.sites.queries import purposes_of
from domain.visits.invitation_models import Invitation
from domain.visits.invitation_queries import of_meeting, phones_and_names
from web.at_site import at_a_site
from web.forms import refusals
from web.guest_form import MeetingGuestsForm
from web.htmx import render, unchanged, wants_fragment
from web.permissions import actor, allow, poll
from web.sessions import arrive_at_site
from web.transactions import read_only, writes

PAGE, REGION = "invitations/guests.html", "invitations/_guests.html"


def _meeting(ref: str) -> Gathering:
    at_a_site()
    reservation = get_reservation(ref, actor=actor())
    return among([reservation.id])[reservation.id]


def _form(meeting: Gathering, formdata: Any = None) -> MeetingGuestsForm:
    return MeetingGuestsForm(formdata).prepare(meeting, list(db.session.scalars(purposes_of(g.site.id))))


def context(meeting: Gathering) -> dict[str, Any]:
    """What page and region draw."""
    rows = of_meeting(meeting.id)
    standing = [row for row in rows if row.state == "open"]
    return {
        "meeting": meeting,
        "tag": tag(),
        "rows": rows,
        "invited_count": sum(row.entries for row in standing),
        "came_count": sum(row.used for row in rows),
        "live_url": url_for("invitations.guests_live", ref=meeting.ref),
        **around(),
    }


def _draw(meeting: Gathering, form: MeetingGuestsForm | None, *, status: int = 200, **more: Any) -> Any:
    drawn = context(meeting)
    response = render(PAGE, fragment=REGION, status=status, form=form, **drawn, **more)
    response.headers["HX-PTag"] = drawn["tag"]
    return response


@blueprint.get("/meetings/<ref>")
@allow(Permission.GUESTS_GREET)
def guests(ref: str) -> Any:
    """Who is invited, who has come; and the list to paste."""
    meeting = _meeting(ref)
    may = actor().may(Permission.INVITATIONS_WRITE) and meeting.stands
    return _draw(meeting, _form(meeting) if may else None)


@blueprint.get("/meetings/<ref>/live")
@allow(Permission.GUESTS_GREET)
@poll
def guests_live(ref: str) -> Any:
    """The list when it changed, else 304."""
    if answer := unchanged(tag()):
        return answer
    arrive_at_site()
    meeting = _meeting(ref)
    return _draw(meeting, None) if wants_fragment() else redirect(url_for("invitations.guests", ref=ref), 303)


@blueprint.get("/meetings/<ref>/whom")
@allow(Permission.INVITATIONS_WRITE)
def find_receiver(ref: str) -> Any:
    """Who receives the guests of a meeting that one of the staff organises; a region without a page of its own."""
    meeting = _meeting(ref)
    if not wants_fragment() or meeting.unit_id is not None:
        return redirect(url_for("invitations.guests", ref=ref), 303)
    return render("visits/_found.html", fragment="visits/_found.html", form=_form(meeting, request.args))


@blueprint.post("/meetings/<ref>")
@allow(Permission.INVITATIONS_WRITE)
@writes
def invite_guests(ref: str) -> Any:
    """Invite them in one go; lines that cannot be read are named, and stay."""
    meeting = _meeting(ref)
    form = _form(meeting)
    if not form.only_redraws() and form.validate():
        with refusals(form):
            made = invite_to(meeting, form)
            return said(form, made, PAGE, url_for("invitations.guests", ref=ref), **context(meeting))
    read_only()
    return _draw(_meeting(ref), form, status=form.status)


def invite_to(meeting: Gathering, form: MeetingGuestsForm) -> list[Invitation]:
    """Invite to the meeting as the signed-in person."""
    known = phones_and_names(meeting.id)
    return form.invite(form.plan(), source="meeting", actor=actor(), now=clock.now(), known=known)
