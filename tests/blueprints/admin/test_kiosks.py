"""Kiosks are entered, paired by the letters they show, changed, and cut off."""

from datetime import timedelta

import pytest
import time_machine
from flask import Flask

from domain import clock
from domain.codes import show_pairing_code
from domain.database import db, reading, writing
from domain.identity import SYSTEM, Actor
from domain.sites import pairing
from domain.sites.models import Kiosk, Site
from tests import factories as make
from tests.blueprints.admin.conftest import BAD, ODD
from tests.cast import Cast, at_kiosk
from tests.client import FoyerClient
from tests.doors import hang_display
from tests.rooms import furnish_rooms, room

MAIN = "main form[method=post]"


def shown_code(app: Flask) -> tuple[str, str]:
    with app.app_context(), writing():
        secret, waiting = pairing.start(now=clock.now())
        return secret, show_pairing_code(waiting.code)


def waiting_kiosk(app: Flask, admin: FoyerClient) -> str:
    return str(admin.submit("/admin/kiosks/new", {"name": "东门", "label_mm": "62"}, form=MAIN).location)


@pytest.mark.usefixtures("clock")
def test_a_kiosk_is_entered_and_paired_by_its_letters(app: Flask, cast: Cast, admin: FoyerClient) -> None:
    url = waiting_kiosk(app, admin)
    assert "Waiting to be paired" in admin.get("/admin/kiosks").words
    secret, code = shown_code(app)
    assert admin.submit(url, {"code": f" {code.lower()} "}, form=MAIN).status_code == 303
    with app.app_context(), writing():
        found = pairing.find(secret, now=clock.now())
        assert found is not None
        kiosk, token = pairing.collect(found, actor=pairing_actor(), now=clock.now())
        assert (kiosk.name, kiosk.label_mm) == ("东门", 62)
        assert token
    assert admin.get("/admin/kiosks").words.count("paired 09:30") == 2


def test_the_list_says_which_device_is_a_display_at_a_door(app: Flask, cast: Cast, admin: FoyerClient) -> None:
    assert admin.get("/admin/kiosks").page.select_one("#d") is None
    with app.app_context(), writing():
        hang_display(room(furnish_rooms(cast).pine))
    page = admin.get("/admin/kiosks").page
    card = page.select_one("section[aria-labelledby=d]")
    assert "Displays at the doors of meeting rooms" in card.text
    assert "松厅门口" in card.text
    assert card.select_one("a")["href"].endswith("/displays")
    assert "松厅门口" not in page.select_one("section[aria-labelledby=k]").text


def pairing_actor() -> Actor:
    return SYSTEM


@pytest.mark.parametrize("typed", ["", "ABC", "AEIOUAEI", "12345678", "<script>", "x" * 10_000, "😀" * 8])
def test_what_is_no_code_is_refused_and_counts_for_nothing(
    app: Flask, cast: Cast, admin: FoyerClient, typed: str
) -> None:
    url = waiting_kiosk(app, admin)
    for _ in range(6):
        answer = admin.submit(url, {"code": typed}, form=MAIN)
        assert answer.status_code == 422
        assert answer.page.select_one("#code-e")


def test_five_wrong_codes_end_the_tries_for_ten_minutes(
    clock: time_machine.Traveller, app: Flask, cast: Cast, admin: FoyerClient
) -> None:
    url = waiting_kiosk(app, admin)
    for _ in range(5):
        answer = admin.submit(url, {"code": "BCDF-GHJK"}, form=MAIN)
        assert answer.status_code == 422
        assert "No device shows this code now." in answer.words
    assert admin.submit(url, {"code": shown_code(app)[1]}, form=MAIN).status_code == 429
    clock.shift(timedelta(minutes=10))
    approved = admin.submit(url, {"code": shown_code(app)[1]}, form=MAIN)
    assert approved.status_code == 303
    assert "may start now: touch “Start the kiosk” on its screen." in admin.get(approved.location).words


def test_a_good_code_makes_the_tries_anew(
    clock: time_machine.Traveller, app: Flask, cast: Cast, admin: FoyerClient
) -> None:
    url = waiting_kiosk(app, admin)
    for _ in range(2):
        for _ in range(4):
            admin.submit(url, {"code": "BCDFGHJK"}, form=MAIN)
        assert admin.submit(url, {"code": shown_code(app)[1]}, form=MAIN).status_code == 303


def test_a_code_that_ran_out_pairs_nothing(
    clock: time_machine.Traveller, app: Flask, cast: Cast, admin: FoyerClient
) -> None:
    url = waiting_kiosk(app, admin)
    _, code = shown_code(app)
    clock.shift(timedelta(minutes=10, seconds=1))
    assert admin.submit(url, {"code": code}, form=MAIN).status_code == 422


def test_a_kiosk_that_was_cut_off_is_shut_out_at_once(
    app: Flask, cast: Cast, admin: FoyerClient, kiosk_url: str
) -> None:
    kiosk = at_kiosk(app, cast)
    assert kiosk.get("/kiosk").status_code == 200
    page = admin.get(f"{kiosk_url}/cut-off")
    assert "shut out at once" in page.words
    assert admin.submit(f"{kiosk_url}/cut-off", form=MAIN).status_code == 303
    assert kiosk.get("/kiosk").status_code == 403
    assert "Cut off" in admin.get("/admin/kiosks").words


def test_a_kiosk_is_changed_in_each_language(app: Flask, cast: Cast, admin: FoyerClient, kiosk_url: str) -> None:
    typed = {"name": "二号大堂", "width_mm": "527", "label_mm": "80", "help_en": "Reception is on your left"}
    assert admin.submit(kiosk_url, typed, form=MAIN).status_code == 303
    with app.app_context(), reading():
        kiosk = db.session.get_one(Kiosk, cast.kiosk_id)
        assert (kiosk.name, kiosk.width_mm, kiosk.label_mm) == ("二号大堂", 527, 80)
        assert kiosk.help == {"en": "Reception is on your left"}
        assert kiosk.token_hash, "it stays paired"


@pytest.mark.parametrize(
    ("typed", "field"),
    [
        ({"name": ""}, "name"),
        ({"width_mm": "3001"}, "width_mm"),
        ({"width_mm": "=1"}, "width_mm"),
        ({"label_mm": "70"}, "label_mm"),
        ({"help_zh_Hans": "x" * 10_000}, "help_zh_Hans"),
        *(({"name": bad}, "name") for bad in BAD.values()),
    ],
)
def test_what_cannot_be_is_refused_at_its_field(
    admin: FoyerClient, kiosk_url: str, typed: dict[str, str], field: str
) -> None:
    answer = admin.submit(kiosk_url, typed, form=MAIN)
    assert answer.status_code == 422
    assert answer.page.select_one(f"#{field}-e")


@pytest.mark.parametrize("typed", ODD.values(), ids=ODD.keys())
def test_a_name_is_shown_as_it_was_typed(admin: FoyerClient, kiosk_url: str, typed: str) -> None:
    admin.submit(kiosk_url, {"name": typed}, form=MAIN)
    assert admin.get("/admin/kiosks").page.select_one("main .row h3").get_text() == typed.replace("\u202e", "")


def test_a_name_belongs_to_one_kiosk_of_the_site(app: Flask, cast: Cast, admin: FoyerClient) -> None:
    answer = admin.submit("/admin/kiosks/new", {"name": "一号大堂"}, form=MAIN)
    assert answer.status_code == 409
    assert "This site has a kiosk or a display of this name already." in answer.page.select_one("#name-e").get_text()


def test_a_kiosk_of_another_site_is_not_there(app: Flask, cast: Cast, admin: FoyerClient) -> None:
    with app.app_context(), writing():
        kiosk, _ = make.make_kiosk(db.session.get_one(Site, cast.other_site_id), "别处")
    for part in ("", "/pairing", "/cut-off"):
        assert admin.get(f"/admin/kiosks/{kiosk.ref}{part}").status_code == 404
    assert "别处" not in admin.get("/admin/kiosks").words


def test_whoever_changes_a_kiosk_reads_that_it_was_saved(app: Flask, admin: FoyerClient) -> None:
    url = waiting_kiosk(app, admin).removesuffix("/pairing")
    answer = admin.submit(url, {"name": "西门"}, form=MAIN)
    assert "西门 is changed." in admin.get(answer.location).words
