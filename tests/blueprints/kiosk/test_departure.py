"""A visitor signs out at the kiosk: by the badge's code, or by its number and check code (V9)."""

from typing import Any

import pytest
from flask import Flask

from domain import clock as time
from domain.database import db, reading, writing
from domain.identity import SYSTEM
from domain.limits import BADGE_TRIES, BADGE_TRIES_AT_KIOSK
from domain.occupants.models import Host, Unit
from domain.sites.models import Purpose, Site
from domain.visits.departures import sign_out
from domain.visits.models import Visit
from tests import factories as make
from tests.cast import Cast, at_kiosk
from tests.client import FoyerClient, FoyerResponse

UNKNOWN = "This badge number is not known here."


@pytest.fixture
def kiosk(app: Flask, cast: Cast) -> FoyerClient:
    client = at_kiosk(app, cast)
    client.get("/kiosk?language=en")
    return client


def come(app: Flask, cast: Cast, *, elsewhere: bool = False, leaves: bool = False, **values: Any) -> Any:
    """A visitor in the building, or in the other one; the row of the visit."""
    with app.app_context(), writing():
        site = db.session.get_one(Site, cast.other_site_id if elsewhere else cast.site_id)
        purpose = db.session.scalars(db.select(Purpose).where(Purpose.site_id == site.id)).all()[0]
        unit = db.session.scalars(db.select(Unit).where(Unit.site_id == site.id)).all()[0]
        visit = make.make_visit(
            site, purpose, unit, None if elsewhere else db.session.get_one(Host, cast.host_id), **values
        )
        if leaves:
            sign_out(visit, how="desk", actor=SYSTEM, now=time.now())
        return rows(app, visit.id)


def rows(app: Flask, visit_id: int) -> Any:
    asked = db.select(Visit.id, Visit.ref, Visit.state, Visit.badge_number, Visit.badge_check)
    return db.session.execute(asked.where(Visit.id == visit_id)).one()


def state(app: Flask, visit_id: int) -> str:
    with app.app_context(), reading():
        return str(rows(app, visit_id).state)


def show(kiosk: FoyerClient, badge: str) -> FoyerResponse:
    answer: FoyerResponse = kiosk.submit("/kiosk/leave", {"badge": badge}, form="form[action='/kiosk/leave']")
    return answer


@pytest.mark.parametrize(
    "typed", ["A-001 {check}", "001{check}", "ａ-００１ {check}", "FOYER:B:{upper}", "http://localhost/b/{ref}"]
)
def test_the_badge_signs_out_however_it_is_read(app: Flask, cast: Cast, kiosk: FoyerClient, typed: str) -> None:
    visit = come(app, cast)
    typed = typed.format(check=visit.badge_check, ref=visit.ref, upper=visit.ref.upper())
    assert show(kiosk, typed).location == "/kiosk/goodbye"
    assert state(app, visit.id) == "left"
    assert kiosk.get("/kiosk/goodbye").headers["Refresh"] == "10; url=/kiosk"


def test_nobody_is_signed_out_by_a_name_or_a_guess(app: Flask, cast: Cast, kiosk: FoyerClient) -> None:
    visit = come(app, cast)
    wrong = f"{(int(visit.badge_check) + 1) % 1000:03d}"
    for typed, sentence in (("王五", "Type the badge number"), (f"001 {wrong}", UNKNOWN), (f"002 {wrong}", UNKNOWN)):
        answer = show(kiosk, typed)
        assert answer.status_code == 422
        assert sentence in answer.words
        assert answer.page.select("input[name=badge]")[0]["value"] == typed, "what was typed stays"
    assert state(app, visit.id) == "inside"


def test_a_badge_of_another_site_is_as_unknown_as_any(app: Flask, cast: Cast, kiosk: FoyerClient) -> None:
    visit = come(app, cast, elsewhere=True)
    for typed in (f"001 {visit.badge_check}", f"FOYER:B:{visit.ref.upper()}", "FOYER:B:ZZZZZZZZZZZZ"):
        assert UNKNOWN in show(kiosk, typed).words or "Type the badge number" in show(kiosk, typed).words
    assert state(app, visit.id) == "inside"


def test_a_spent_badge_says_so(app: Flask, cast: Cast, kiosk: FoyerClient) -> None:
    visit = come(app, cast, leaves=True)
    for _ in range(BADGE_TRIES.tries + 1):  # who knows the code does not guess
        answer = show(kiosk, f"001 {visit.badge_check}")
        assert answer.status_code == 409
        assert "This badge was signed out before" in answer.words


def test_guesses_are_slowed_down_and_slips_of_the_finger_are_not(app: Flask, cast: Cast, kiosk: FoyerClient) -> None:
    visit = come(app, cast)
    for _ in range(BADGE_TRIES.tries + 1):
        assert show(kiosk, "wang wu").status_code == 422
    wrong = f"{(int(visit.badge_check) + 1) % 1000:03d}"
    for _ in range(BADGE_TRIES.tries):
        assert show(kiosk, f"001 {wrong}").status_code == 422
    blocked = show(kiosk, f"001 {visit.badge_check}")
    assert blocked.status_code == 429
    assert "call the reception: it signs you out at once" in blocked.words
    assert show(kiosk, f"FOYER:B:{visit.ref.upper()}").location == "/kiosk/goodbye", "what is scanned is no guess"


def test_where_scripts_count_the_page_and_not_the_browser_leads_home(kiosk: FoyerClient) -> None:
    assert kiosk.get("/kiosk/goodbye").page.select_one("body")["data-leave"] == "/kiosk"
    kiosk.set_cookie("foyer_scripts", "1")
    for path, seconds in (("/kiosk/goodbye", "10"), ("/kiosk/still-here", "20"), ("/kiosk/called?step=welcome", "30")):
        page = kiosk.get(path)
        assert "Refresh" not in page.headers
        body = page.page.select_one("body")
        assert (body["data-leave"], body["data-leave-after"]) == ("/kiosk", seconds)


def test_wrong_numbers_shut_nobody_else_out_before_they_are_many(app: Flask, cast: Cast, kiosk: FoyerClient) -> None:
    visit = come(app, cast)
    for _ in range(BADGE_TRIES.tries + 1):
        show(kiosk, "998 000")
    assert show(kiosk, "998 000").status_code == 429
    for number in range(100, 98 + BADGE_TRIES_AT_KIOSK.tries - BADGE_TRIES.tries):
        assert show(kiosk, f"{number} 000").status_code == 422
    assert show(kiosk, f"001 {visit.badge_check}").status_code == 429, "who tries every badge gets nowhere"


@pytest.mark.parametrize(("companions", "said"), [(3, True), (0, False)])
def test_who_signs_out_reads_how_many_are_out(
    app: Flask, cast: Cast, kiosk: FoyerClient, companions: int, said: bool
) -> None:
    visit = come(app, cast, companions=companions)
    left = show(kiosk, f"001 {visit.badge_check}")
    page = kiosk.get(left.location)
    assert ("companions included: 4" in page.words) is said
    assert "王五" not in page.words
