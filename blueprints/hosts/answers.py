"""GET and POST /a/<token>: a host, or the deputy, reads who waits and answers."""

from dataclasses import dataclass
from typing import Any, Literal

from flask import g, request, session, url_for

from blueprints.hosts import blueprint
from blueprints.hosts.forms import AnswerForm
from domain import clock
from domain.database import db
from domain.identity import Actor
from domain.occupants.models import Host
from domain.sites.models import Site
from domain.visits.answers import answer as note_answer
from domain.visits.answers import answers_as, find_by_token
from domain.visits.models import Visit
from domain.visits.telling import about
from web.forms import refusals
from web.htmx import done, refuse, render
from web.i18n import STAFF_LANGUAGES, html_lang, language, speak
from web.messages import answer_choices
from web.permissions import public
from web.transactions import read_only, writes


@dataclass(frozen=True)
class Link:
    """What a link opens: the visit, and who answers as what."""

    token: str
    visit: Visit
    host: Host
    by: Literal["host", "deputy"]

    @property
    def actor(self) -> Actor:
        """Who writes in the history."""
        return Actor("host", self.host.id, self.host.name, self.visit.site_id)


def open_link(token: str) -> Link:
    """Find what the link opens and speak its reader's language; raises NotFound in words."""
    visit, host = find_by_token(token, now=clock.now())
    link = Link(token, visit, host, answers_as(visit, host))
    chosen = request.args.get("lang") or session.get("language")
    if request.args.get("lang") in STAFF_LANGUAGES:
        session["language"] = chosen
    g.site = db.session.get_one(Site, visit.site_id)
    speak(chosen if chosen in STAFF_LANGUAGES else host.language)
    return link


def page_of(link: Link) -> dict[str, Any]:
    """What the page draws, read now."""
    return {
        "about": about(link.visit, language=language()),
        "by": link.by,
        "choices": answer_choices(),
        "chosen": request.args.get("say", ""),
        "languages": [
            {"tag": html_lang(name), "name": said, "url": url_for("hosts.answer", token=link.token, lang=name)}
            for name, said in STAFF_LANGUAGES.items()
            if name != language()
        ],
    }


@blueprint.get("/a/<token>")
@public
def answer(token: str) -> Any:
    """Show who waits, or what was answered."""
    return render("hosts/answer.html", form=AnswerForm(endpoint="hosts.give_answer"), **page_of(open_link(token)))


@blueprint.post("/a/<token>")
@public
@writes
def give_answer(token: str) -> Any:
    """Note the answer; the first one counts, a second one is 409 with words."""
    link = open_link(token)
    form = AnswerForm()
    if form.validate():
        with refusals(form):
            note_answer(link.visit, form.what, by=link.by, actor=link.actor, now=clock.now())
            return done(url_for("hosts.answer", token=token))
    read_only()
    return refuse("hosts/answer.html", form=form, **page_of(open_link(token)))
