"""Whether a visitor was shown the site's notice, and in which language (P2). At a kiosk and on the own phone nobody
comes past it; at the desk the reception says so. The text itself stands in the history of the site: with language and
time it is known which one it was.
"""

from domain.errors import DomainError
from domain.text import N_
from domain.visits.arrivals import Entered

AT_DESK = {True: N_("Signed in at the desk, notice shown"), False: N_("Signed in at the desk, notice not shown")}
LANGUAGE = N_("Language of the visitor")
LANGUAGE_NAMES = {
    "zh_Hans": N_("Simplified Chinese"),
    "zh_Hant": N_("Traditional Chinese"),
    "en": N_("English"),
    "ja": N_("Japanese"),
    "ko": N_("Korean"),
    "fr": N_("French"),
    "es": N_("Spanish"),
    "ru": N_("Russian"),
    "ar": N_("Arabic"),
}


def must_know(entered: Entered, *, shown: bool) -> None:
    """Raise DomainError for digits of a document of somebody who was not shown the notice: they need a consent."""
    if entered.document and not shown:
        raise DomainError(
            N_("The digits of a document need the visitor’s consent: show the notice, then tick this."),
            field="notice",
        )
