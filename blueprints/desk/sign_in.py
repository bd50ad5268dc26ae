"""Signing a visitor in on behalf, on one page (V1, V11)."""

from typing import Any

from flask import g, redirect, request, url_for
from flask_babel import lazy_gettext as _

from blueprints.desk import blueprint
from blueprints.desk.already_inside import sign_out_first, who_is_inside
from domain import clock
from domain.database import db
from domain.permissions import Permission
from domain.phones import display_phone
from domain.sites.models import Purpose
from domain.sites.queries import notice_lines, purpose_meant, purposes_offered
from domain.visits import entries
from domain.visits.arrivals import sign_in as sign_visitor_in
from domain.visits.arrivals import whom_of
from domain.visits.invitation_queries import get_invitation
from domain.visits.models import Visit
from domain.visits.notice_shown import must_know
from web.desk_form import DeskVisitForm
from web.fields import BooleanField, HiddenField, SelectField
from web.forms import refusals
from web.htmx import done, refuse, render, wants_fragment
from web.i18n import html_lang, language, languages_of_visitors, speak
from web.permissions import actor, allow
from web.transactions import read_only, writes


class ArrivalForm(DeskVisitForm):
    """The visit, and the desk's word that it is nobody of those inside whose phone or name it is; asked where there are
    some.
    """

    invitation = HiddenField()
    by_sight = BooleanField(
        _("This is another person"), description=_("Several with one phone, or of one name without a phone")
    )
    spoken = SelectField(_("Language of the visitor"))
    notice = BooleanField(_("Notice shown"), description=_("The visitor was shown the notice and agrees to it."))

    def offer_languages(self, names: dict[str, str]) -> None:
        """Offer these languages; where none was chosen, the site's own."""
        self.spoken.choices = list(names.items())
        if self.spoken.data not in names:
            own = g.site.language
            self.spoken.data = own if own in names else next(iter(names))


def _form(**initial: Any) -> ArrivalForm:
    form = ArrivalForm(endpoint="desk.sign_in", **initial)
    form.prepare(purposes_offered(g.site.id))
    form.offer_languages(languages_of_visitors(g.site))
    return form


def _context(form: ArrivalForm) -> dict[str, Any]:
    notices = [
        {"name": name, "tag": html_lang(tag), "url": url_for("desk.notice", language=tag)}
        for tag, name in languages_of_visitors(g.site).items()
    ]
    return {
        "redraw_url": url_for("desk.sign_in"),
        "whom_url": url_for("desk.find_whom"),
        "notices": notices,
        "inside": who_is_inside(form),
    }


@blueprint.get("/sign-in")
@allow(Permission.VISITS_WRITE)
def ask_visitor() -> Any:
    """The empty form; `?whom=` says whom somebody found in the search box, `?invitation=` with what the guest came."""
    form = _form(data=_of_invitation(request.args.get("invitation", "")) | _of_search())
    form.phone.autofocus = True
    return render("desk/sign_in.html", form=form, **_context(form))


def _of_search() -> dict[str, str]:
    whom = request.args.get("whom", "")[:40]
    return {"whom": whom} if whom else {}


def _of_invitation(ref: str) -> dict[str, Any]:
    """What an invitation says already; nothing for none."""
    if not ref:
        return {}
    found = get_invitation(ref[:20], actor=actor())
    whom, purpose = whom_of(found), db.session.get_one(Purpose, found.purpose_id)
    kind, subject = ("host", whom.host) if whom.host else ("unit", whom.unit)
    known = entries.known_of(found).__dict__ | {"invitation": found.ref, "purpose": purpose.ref}
    known |= {"spoken": found.language}
    return known | {"whom": f"{kind}:{subject.ref}", "phone": display_phone(found.phone) if found.phone else ""}


@blueprint.get("/notice")
@allow(Permission.VISITS_WRITE)
def notice() -> Any:
    """The site's notice and how data are treated, in the visitor's language: to be shown on the tablet, or printed."""
    if (asked := request.args.get("language", "")) in languages_of_visitors(g.site):
        speak(asked)
    lines = notice_lines(g.site.notice, language())
    return render("kiosk/notice.html", lines=lines, days=g.site.retention_days)


@blueprint.get("/sign-in/whom")
@allow(Permission.VISITS_WRITE)
def find_whom() -> Any:
    """Who matches what is being typed; a region without a page of its own."""
    if not wants_fragment():
        return redirect(url_for("desk.ask_visitor"), 303)
    form = _form(formdata=request.args)
    return render("visits/_found.html", fragment="visits/_found.html", form=form)


@blueprint.post("/sign-in")
@allow(Permission.VISITS_WRITE)
@writes
def sign_in() -> Any:
    """Open the visit, then show badge and way; steppers, the search, and signing out who is inside already draw the
    form again with all that was typed.
    """
    form, signs_out, site = ArrivalForm(endpoint="desk.sign_in"), "sign_out" in request.form, g.site
    again = signs_out or form.only_redraws()
    if again:
        form.prepare(purposes_offered(site.id))
    else:
        form.ask_chosen()
        meant = purpose_meant(form.purpose.data, site_id=site.id).get()
        form.prepare([meant] if meant else [], brief=True)
    form.offer_languages(languages_of_visitors(site))
    if signs_out and sign_out_first(form):
        return render("desk/sign_in.html", form=form, **_context(form))
    if not again:
        if form.validate():
            with refusals(form):
                must_know(form.entered(), shown=form.notice.data)
                return done(url_for("visits.badge", ref=_arrive(form).ref))
        read_only()
        form.prepare(purposes_offered(site.id))
    return refuse("desk/sign_in.html", form=form, **_context(form))


def _arrive(form: ArrivalForm) -> Visit:
    purpose, whom = form.chosen()
    said: dict[str, Any] = {
        "site": g.site,
        "entered": form.entered(),
        "language": form.spoken.data,
        "notice_shown": form.notice.data,
        "source": "desk",
        "actor": actor(),
        "now": clock.now(),
        "let_in_by_sight": bool(form.by_sight.data),
    }
    if form.invitation.data:
        return entries.arrive(get_invitation(form.invitation.data, actor=actor()), **said)
    return sign_visitor_in(purpose=purpose, whom=whom, **said)
