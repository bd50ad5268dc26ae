"""Which language a reader gets: the staff's by account, a visitor's by the screen, a stranger's by the browser."""

from collections.abc import Callable
from datetime import date, datetime, time, timedelta
from functools import cache, lru_cache
from html import escape
from typing import Any

from babel import Locale
from babel.dates import format_date, format_skeleton
from flask import Flask, Response, after_this_request, current_app, g, request, session
from flask_babel import Babel, force_locale, get_translations
from markupsafe import Markup

from domain import clock
from domain.alphabets import is_written_in
from domain.text import N_
from web.components import marked
from web.cookies import cookie_name, secure_cookies
from web.sessions import signed_in

STAFF_LANGUAGES = {"zh_Hans": "中文", "en": "English"}
VISITOR_LANGUAGES = {
    "zh_Hans": "中文",
    "en": "English",
    "zh_Hant": "繁體中文",
    "ja": "日本語",
    "ko": "한국어",
    "fr": "Français",
    "es": "Español",
    "ru": "Русский",
    "ar": "العربية",
}
LANGUAGE_COOKIE = "foyer_language"
LANGUAGE_LASTS = timedelta(days=400)
WEEKDAYS_ZH = "一二三四五六日"
_LOCALES = cache(Locale.parse)


def language() -> str:
    """The language of this answer, as a Babel locale name."""
    here = g._get_current_object()  # each look through the proxy costs as much as a cell of a table
    try:
        return here.language
    except AttributeError:
        here.language = _chosen()
        return here.language


def _chosen() -> str:
    chosen = None
    if request and request.endpoint:
        if device := g.get("device"):
            chosen = session.get("language") or (_of_phone(device.site) if device.own else device.site.language)
        elif user := signed_in():
            chosen = user.language
    if chosen is None and request:
        names = session.get("language") or _of_last_staff() or _by_browser("zh_Hans")
        chosen = names if names in VISITOR_LANGUAGES else "zh_Hans"
    return chosen or "zh_Hans"


def _of_last_staff() -> str | None:
    """What the last of the staff read in this browser; whoever is signed in needs it not."""
    kept = request.cookies.get(cookie_name(LANGUAGE_COOKIE))
    return kept if kept in STAFF_LANGUAGES else None


def remember_language(name: str) -> None:
    """Keep in this browser what its staff read, for the pages before the next sign-in."""

    @after_this_request
    def keep(response: Response) -> Response:
        response.set_cookie(
            cookie_name(LANGUAGE_COOKIE),
            name,
            max_age=LANGUAGE_LASTS,
            httponly=True,
            samesite="Lax",
            secure=secure_cookies(current_app),
        )
        return response


def _of_phone(site: Any) -> str:
    """The visitor's own phone says what its owner reads; English to whom the site does not speak."""
    if not request.accept_languages:
        return str(site.language)
    spoken = _by_browser("en")
    wanted = (spoken, "zh_Hans" if spoken == "zh_Hant" else "en")
    return next((name for name in wanted if name in site.languages), str(site.language))


def _by_browser(otherwise: str) -> str:
    best = request.accept_languages.best_match(
        ["zh-CN", "zh", "en", "zh-Hans", "zh-Hant", "zh-TW", "zh-HK", "zh-MO", "ja", "ko", "fr", "es", "ru", "ar"]
    )
    if best and best.startswith("zh"):
        return "zh_Hant" if best in ("zh-Hant", "zh-TW", "zh-HK", "zh-MO") else "zh_Hans"
    return best or otherwise


def staff_language() -> str:
    """The nearest of the staff's languages to what the browser asks for."""
    return "zh_Hans" if _by_browser("zh_Hans").startswith("zh") else "en"


def speak(name: str) -> None:
    """From here on this request speaks that language."""
    from flask_babel import refresh

    g.language = name
    refresh()


def zone_name() -> str:
    """The zone of the site at hand."""
    site = g.get("site")
    return site.zone if site else "Asia/Shanghai"


def clock_time(instant: datetime) -> str:
    """14:00, in the site's zone."""
    return clock.local(instant, zone_name()).strftime("%H:%M")


def day_name(instant: datetime) -> str:
    """11月21日 周五, Fri 21 Nov, or what is usual in the language."""
    at = clock.local(instant, zone_name())
    if language().startswith("zh"):
        return (
            f"{at.month}月{at.day}日 周{WEEKDAYS_ZH[at.weekday()]}"
            if language() == "zh_Hans"
            else f"{at.month}月{at.day}日 週{WEEKDAYS_ZH[at.weekday()]}"
        )
    if language() == "en":
        return format_date(at, "EEE d MMM", locale="en")
    return format_skeleton("MMMEd", at, locale=language())


def on_day(day: date) -> str:
    """A day as the staff write it: 11月21日 周五, Fri 21 Nov; of another year 2024年11月21日, 21 Nov 2024."""
    if day.year == clock.local_date(clock.now(), zone_name()).year:
        return day_name(clock.at_local(day, time(12), zone_name()))
    if language() == "zh_Hans":
        return f"{day.year}年{day.month}月{day.day}日"
    return format_date(day, "d MMM yyyy", locale="en")


def moments() -> Callable[[datetime | None], str]:
    """`moment` for many instants of one page: zone and day are found once."""
    zone = clock.zone(zone_name())
    today = clock.now().astimezone(zone)
    year, month, day = today.year, today.month, today.day

    def written(instant: datetime | None) -> str:
        if instant is None:
            return ""
        at = instant.astimezone(zone)
        if at.year != year:
            return f"{at.year:04}-{at.month:02}-{at.day:02} {at.hour:02}:{at.minute:02}"
        if at.day != day or at.month != month:
            return f"{at.month:02}-{at.day:02} {at.hour:02}:{at.minute:02}"
        return f"{at.hour:02}:{at.minute:02}"

    return written


def moment(instant: datetime | None) -> str:
    """14:00 today; 11-20 14:00 this year; 2024-11-20 14:00 before."""
    return moments()(instant)


def span(seconds: float) -> str:
    """A length of time in the largest two units, without what is nought: 22 分, 1 小时 12 分, 2 小时, 1 分以内."""
    return _span(language(), max(0, int(seconds // 60)))


@lru_cache(maxsize=4096)
def _span(name: str, minutes: int) -> str:
    hours, minutes = divmod(minutes, 60)
    days, hours = divmod(hours, 24)
    if days and not hours:
        return _said(name, N_("%(days)d d")) % {"days": days}
    if days:
        return _said(name, N_("%(days)d d %(hours)d h")) % {"days": days, "hours": hours}
    if hours and not minutes:
        return _said(name, N_("%(hours)d h")) % {"hours": hours}
    if hours:
        return _said(name, N_("%(hours)d h %(minutes)d min")) % {"hours": hours, "minutes": minutes}
    if not minutes:
        return _said(name, N_("under 1 min"))
    return _said(name, N_("%(minutes)d min")) % {"minutes": minutes}


@cache
def _catalogue(name: str) -> Any:
    """The catalogue of a language. Flask-Babel finds language and catalogue anew for each of a page's sentences."""
    with force_locale(name):
        return get_translations()


@lru_cache(maxsize=8192)
def _said(name: str, sentence: str) -> str:
    return _catalogue(name).ugettext(sentence)


@lru_cache(maxsize=8192)
def _marked(name: str, sentence: str) -> Markup:
    return marked(_said(name, sentence) % {})  # as with values: %% is a per cent sign


def say(sentence: str, **values: Any) -> str:
    """Translate a sentence that the domain marked with N_()."""
    said = _said(language(), sentence)
    return said % values if values else said


def tell(sentence: str, values: dict[str, Any]) -> str:
    """A sentence of the domain in the reader's language, instants among its values on the site's clock."""
    return say(sentence, **{name: moment(v) if isinstance(v, datetime) else v for name, v in values.items()})


def _sentence(sentence: str, /, **values: Any) -> Markup:
    """What `_()` gives in a template: a translation is ours and no text of a stranger, the values are escaped."""
    return _filled(_said(language(), sentence), values) if values else _marked(language(), sentence)


def _sentences(one: str, many: str, num: int, /, **values: Any) -> Markup:
    """What `ngettext()` gives in a template; the number is also a value, `num`."""
    return _filled(_catalogue(language()).ungettext(one, many, num), {"num": num} | values)


def _filled(said: str, values: dict[str, Any]) -> Markup:
    """As `Markup(said) % values`, which takes ten times as long."""
    return marked(said % {name: _safe(value) for name, value in values.items()})


def _safe(value: Any) -> Any:
    if isinstance(value, str):
        return value if isinstance(value, Markup) else escape(value)
    return value if isinstance(value, int) else escape(str(value))


def _locale() -> Any:
    """What Flask-Babel asks for; given a name, it would look at the disk for it at each request."""
    return _LOCALES(language())


def languages_of_visitors(site: Any) -> dict[str, str]:
    """The languages in which the site's visitors are spoken to, each by its own name."""
    offered = [name for name in site.languages if name in VISITOR_LANGUAGES] or ["zh_Hans", "en"]
    return {name: VISITOR_LANGUAGES[name] for name in offered}


def html_lang(name: str) -> str:
    """A Babel locale as the `lang` attribute: zh-Hans."""
    return name.replace("_", "-")


def direction(name: str) -> str:
    """Whether the language runs right to left."""
    return "rtl" if name == "ar" else "ltr"


def in_script(text: str) -> bool:
    """Whether a name that stands in one language only may stand on this page: "1 号大堂" on a Chinese one alone."""
    return is_written_in(text, language())


def init_app(app: Flask) -> None:
    """Set up Flask-Babel and what templates need of it."""
    app.config.setdefault("BABEL_DEFAULT_LOCALE", "zh_Hans")
    app.config.setdefault("BABEL_TRANSLATION_DIRECTORIES", str(app.config["HERE"] / "translations"))
    Babel(app, locale_selector=_locale, timezone_selector=zone_name)
    app.jinja_env.install_gettext_callables(  # type: ignore[attr-defined]
        gettext=lambda said: _said(language(), said),
        ngettext=lambda one, many, number: _catalogue(language()).ungettext(one, many, number),
        pgettext=lambda context, said: _catalogue(language()).upgettext(context, said),
        npgettext=lambda context, one, many, number: _catalogue(language()).unpgettext(context, one, many, number),
        newstyle=True,
    )
    # Jinja's own wrappers go through the template's context twice for each sentence.
    app.jinja_env.globals.update(_=_sentence, gettext=_sentence, ngettext=_sentences)
    app.jinja_env.globals.update(
        say=say, language=language, html_lang=html_lang, direction=direction, in_script=in_script
    )
    app.jinja_env.filters.update(clock_time=clock_time, day_name=day_name, moment=moment, on_day=on_day, span=span)
