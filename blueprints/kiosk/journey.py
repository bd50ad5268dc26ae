"""Where a visitor stands between welcome and badge: the draft, its steps, and the ways round."""

from typing import Any

from flask import Response, g, make_response, redirect, request, session, url_for
from markupsafe import Markup, escape
from sqlalchemy import select
from werkzeug.wrappers import Response as Wrapper

from domain import clock
from domain.database import db
from domain.occupants.directory import ask_for
from domain.romanized import in_letters
from domain.sites.models import Purpose
from domain.sites.queries import in_language, purpose_meant, purposes_offered
from domain.statements import Answer
from domain.visits import drafts
from domain.visits.arrivals import Whom
from domain.visits.invitation_codes import parse_token
from domain.visits.invitation_models import Invitation
from web import htmx
from web.codes import public_url, qr_svg
from web.devices import SCRIPTS_COOKIE, Device, leaves_by_itself
from web.i18n import VISITOR_LANGUAGES, language, languages_of_visitors

STEPS = {
    "whom": "kiosk.whom",
    "why": "kiosk.why",
    "details": "kiosk.details",
    "keys": "kiosk.keys",
    "consent": "kiosk.consent",
    "leave": "kiosk.leave",
    "invitation": "kiosk.invitation",
    "invited": "kiosk.invited",
    "photo": "kiosk.photo",
    "waiting": "kiosk.waiting",
    "privacy": "kiosk.privacy",
    "badge": "kiosk.badge",
}
ASIDE = {"called": "kiosk.called", "cancel": "kiosk.ask_cancel", "give_up": "kiosk.ask_give_up"}
"""The pages that a step leads to for a moment."""
HOLDS_TEXT = ("details", "invited")
"""The steps in whose fields one types."""
NOTHING_TO_CANCEL = ("leave", "waiting")
"""The steps of who is signed in."""
FORM_SECONDS = 120
ASK_SECONDS = 20
DONE_SECONDS = 40
LONGER_SECONDS = 120


def device() -> Device:
    """The kiosk or phone that asks."""
    asking: Device = g._get_current_object().device
    return asking


def phone_code() -> Markup:
    """The code that opens the same pages on the visitor's own phone."""
    return qr_svg(public_url(url_for("phone.scan", code=device().kiosk.own_code)))


def draft() -> dict[str, Any]:
    """What was entered so far; empty after a wipe or three minutes."""
    here = g._get_current_object()
    kept: Answer[dict[str, Any] | None] | dict[str, Any] = here.get("draft", {})
    if isinstance(kept, Answer):  # web/devices.py has asked for it
        kept = here.draft = kept.get() or {}
    return kept


def keep(**content: Any) -> None:
    """Add to the draft; call in a writing view."""
    g.draft = draft() | content
    session.pop("done", None)
    session["draft"] = drafts.save(
        session.get("draft"), g.draft, site_id=device().site.id, kiosk_id=device().kiosk.id, now=clock.now()
    )


def keep_only(**content: Any) -> None:
    """Erase what was typed and keep this instead, for a browser that lost the answer and sends its form again."""
    if not draft():
        keep(**content)
        return
    g.draft = content
    session.pop("done", None)
    drafts.replace(session["draft"], content, now=clock.now())


def is_begun(**now: dict[str, Any]) -> bool:
    """Whether text was typed, before or in the step that is left `now`; what was touched alone is touched again."""
    typed = draft().get("typed", {}) | now
    fields = [field for step in HOLDS_TEXT for field in typed.get(step, {}).items()]
    return any(name != "companions" and isinstance(value, str) and value for name, value in fields)


def cancel_url(step: str) -> str:
    """Where "cancel" leads from there: out at once, or to be asked first once something was typed."""
    return url_for("kiosk.ask_cancel", step=step) if is_begun() else url_for("kiosk.welcome")


def shown_by() -> dict[str, Any]:
    """What the address says of a page besides its step: the search, the field for which keys are shown, or that more
    time was asked for.
    """
    return {name: request.args[name] for name in ("q", "field", "longer") if name in request.args}


def language_url(step: str, *, page: str | None = None) -> str:
    """Where another language is chosen, from this page and back to it."""
    return url_for("kiosk.ask_language", step=step, page=page, **shown_by())


def spoken(step: str, *, page: str | None = None) -> dict[str, str] | None:
    """What the language of the page is called, and where another one is chosen; None where there is no other."""
    if len(languages_of_visitors(device().site)) == 1:
        return None
    return {"name": VISITOR_LANGUAGES[language()], "url": language_url(step, page=page)}


def wipe() -> None:
    """Nothing of this visitor stays for the next: a new cookie, a new language, no draft (V13). That one was signed in
    is kept: who goes back to a page from before is not told that nothing was registered.
    """
    done = bool(draft().get("visit")) or "done" in session
    session.clear()
    if done:
        session["done"] = True
    g.draft = {}
    g.pop("language", None)


def wiped(endpoint: str = "kiosk.whom") -> Wrapper:
    """Begin again there, and say that what was entered is gone; who is signed in already sees the badge instead, or the
    welcome page when that is over.

    The wipe took the language too: the form that comes too late carries the one that its page was in.
    """
    if draft().get("visit"):
        return to("kiosk.badge")
    if request.method == "GET" and "done" in session:
        return to("kiosk.welcome")
    spoken = request.form.get("language")
    if spoken in device().site.languages:
        session.setdefault("language", spoken)
    return to(endpoint, wiped=1)


def to(endpoint: str, **values: Any) -> Wrapper:
    """Go to another page of the kiosk."""
    return redirect(url_for(endpoint, **values), 303)


def show(page: str, *, step: str, back: str | None = None, status: int = 200, **context: Any) -> Response:
    """A form page of the kiosk: with its idle page by script, or by the server where scripts are off.

    `back` is the step before, or "welcome".
    """
    response = htmx.render(
        page,
        status=status,
        call_step=step,
        back_url=url_for(STEPS.get(back, "kiosk.welcome")) if back else None,
        back_step=back if back in STEPS else None,
        cancel_url=cancel_url(step),
        cancel_asks=step in (*HOLDS_TEXT, "consent"),
        idle_url=url_for("kiosk.still_here", step=step),
        wiped="wiped" in request.args,
        **{"spoken": spoken(step), **context},
    )
    return leave_alone(response, step=step)


def leave_alone(response: Response, *, step: str) -> Response:
    """Without scripts a form page goes to the asking page after two minutes."""
    if not device().own and not request.cookies.get(SCRIPTS_COOKIE):
        response.headers["Refresh"] = f"{FORM_SECONDS}; url={url_for('kiosk.still_here', step=step)}"
    return response


def goes_home(page: str, seconds: int, /, **context: Any) -> Response:
    """A page that returns to the welcome page by itself; never on a visitor's own phone."""
    return goes_on(page, seconds, url_for("kiosk.welcome"), **context)


def goes_on(page: str, seconds: int, url: str, /, **context: Any) -> Response:
    """A page that leads there by itself after those `seconds`, which it knows; never on a visitor's own phone."""
    if device().own:
        return htmx.render(page, seconds=seconds, **context)
    drawn = htmx.render(page, seconds=seconds, leave_url=url, leave_after=seconds, **context)
    return leaves_by_itself(drawn, seconds, url)


def chosen_whom() -> Whom | None:
    """The host or unit chosen in the first step, if it is still there."""
    return _ask_whom().get()


def _ask_whom() -> Answer[Whom | None]:
    kind, ref = chosen = tuple(draft().get("whom", ("", "")))
    here = g._get_current_object()
    if here.get("whom", ((), None))[0] != chosen:
        asked = ask_for(kind, ref, site_id=device().site.id)
        here.whom = (chosen, asked.then(lambda found: Whom(*found) if found else None))
    answer: Answer[Whom | None] = here.whom[1]
    return answer


def whom_words(whom: Whom) -> dict[str, str]:
    """Name and company of whom to see, as a visitor may read them; `called` is the name for a sentence of the page."""
    if whom.host:
        words = {"name": whom.host.name, "company": whom.unit.company}
    else:
        company, number = whom.unit.company, whom.unit.number
        words = {"name": company or number, "company": number if company else ""}
    return words | {"called": escape(words["name"]) + spelt(words["name"])}


def spelt(name: str) -> Markup:
    """The pinyin of a name, small behind it, for who reads no Chinese; nothing otherwise."""
    letters = "" if language().startswith("zh") else in_letters(name)
    return Markup(' <span class="spelt" lang="zh-Latn" dir="ltr">{}</span>').format(letters) if letters else Markup("")


def invitation() -> Invitation | None:
    """The invitation with which the visitor came, if any: the draft holds its name, or on the own phone the link."""
    ref = draft().get("invitation") or (parse_token(request.values.get("code", "")[:80]) if device().own else None)
    if not ref:
        return None
    return db.session.scalar(select(Invitation).where(Invitation.ref == ref, Invitation.site_id == device().site.id))


def purposes() -> list[Purpose]:
    """The purposes of the site."""
    if "purposes" not in g:
        g.purposes = purposes_offered(device().site.id)
    return g.purposes


def chosen_purpose() -> Purpose | None:
    """The purpose chosen, or the only one there is."""
    return _ask_purpose().get()


def _ask_purpose() -> Answer[Purpose | None]:
    ref = draft().get("purpose")
    here = g._get_current_object()
    if "purpose" not in here or here.purpose[0] != ref:
        here.purpose = (ref, purpose_meant(ref, site_id=device().site.id))
    answer: Answer[Purpose | None] = here.purpose[1]
    return answer


def ask_chosen() -> None:
    """Ask together for whom and why: the page needs both."""
    _ask_whom()
    _ask_purpose()


def purpose_name(purpose: Purpose) -> str:
    """The purpose in the visitor's language."""
    return in_language(purpose.names, language())


def steps() -> int:
    """How many steps the form has here."""
    return 3 if len(purposes()) <= 1 else 4


def touched(text: str, key: str, keys: str) -> str:
    """The text after a touch on one of the on-screen keys: one character more, or with `del` one less."""
    if key == "del":
        return text[:-1]
    return text + key if len(key) == 1 and key in keys else text


def plain(response: Any) -> Response:
    """As a Response, whatever a view made."""
    return make_response(response)
