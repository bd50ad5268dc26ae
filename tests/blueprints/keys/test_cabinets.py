"""Cabinets, keys and sets, entered one by one; labels for their tags."""

import pytest
from flask import Flask
from sqlalchemy import event, select

from domain import clock
from domain.database import db, reading, writing
from domain.keys import cabinet as deeds
from domain.keys.classes import KeyClass
from domain.keys.models import Key, KeySet
from domain.keys.tags import key_qr
from domain.occupants.models import Unit
from tests import cabinet as shelf
from tests.cabinet import Stock
from tests.cast import Cast, at_desk
from tests.client import FoyerClient
from web.codes import qr_svg

FORM = "main form[method=post]"
NEW = {"tag": "gg-02", "opens": "地下车库卷帘", "class_code": "public", "hook": "9"}


@pytest.fixture
def lead(app: Flask, cast: Cast, stock: Stock) -> FoyerClient:
    """Zhou, who keeps the cabinet."""
    return at_desk(app, cast, "zhou")


@pytest.fixture
def page(app: Flask, stock: Stock) -> str:
    """The page of cabinet 2."""
    with app.app_context(), reading():
        return f"/keys/cabinets/{shelf.cabinet_of(stock).ref}"


def keys(app: Flask, *tags: str) -> list[Key]:
    with app.app_context(), reading():
        found = list(db.session.scalars(select(Key).where(Key.tag.in_(tags)).order_by(Key.tag)))
        db.session.expunge_all()
        return found


def test_a_cabinet_is_entered_and_changed(app: Flask, lead: FoyerClient, page: str) -> None:
    assert lead.submit("/keys/cabinets/new", {"name": "3", "hooks": "40"}, form=FORM).status_code == 303
    assert "3 40 0" in lead.get("/keys/cabinets").words
    taken = lead.submit("/keys/cabinets/new", {"name": "2", "hooks": "5"}, form=FORM)
    assert taken.status_code == 409
    assert "This site has a cabinet of this name already." in taken.words
    assert lead.submit(f"{page}/edit", {"hooks": "24"}, form=FORM).status_code == 303
    assert "Hooks 1 to 24 of 24" in lead.get(page).words


def test_a_cabinet_keeps_the_hooks_on_which_keys_hang(lead: FoyerClient, page: str) -> None:
    answer = lead.submit(f"{page}/edit", {"hooks": "4"}, form=FORM)
    assert answer.status_code == 422
    assert "A key hangs on hook 5. Move it first." in answer.words


def test_a_key_is_entered_and_the_next_one_asked_for(app: Flask, lead: FoyerClient, page: str) -> None:
    form = lead.get(f"{page}/keys/new").page.select_one(FORM)
    cabinet = form.select_one("option[selected]")["value"]
    token = form.select_one("[name=form_token]")["value"]
    sent = NEW | {"cabinet": cabinet, "copies": "2", "form_token": token, "again": "1"}
    answer = lead.post(form["action"], data=sent)
    assert answer.location.endswith("/keys/new")
    assert "GG-02 is entered." in lead.get(answer.location).words
    (key,) = keys(app, "GG-02")
    assert (key.hook, key.copies, key.class_code) == (9, 2, "public")


@pytest.mark.parametrize(
    ("change", "words"),
    [
        ({"tag": "gg-01"}, "This tag is on another key or set of this site already."),
        ({"tag": ""}, "Scan or enter the tag."),
        ({"opens": ""}, "Say what it opens."),
        ({"hook": "13"}, "This cabinet has the hooks 1 to 12."),
        ({"hook": "0"}, "At least 1."),
        ({"copies": "100"}, "At most 99."),
        ({"unit": "9999"}, "No unit has the number 9999."),
        ({"class_code": "golden"}, "Choose one of those shown."),
    ],
)
def test_what_is_no_key_is_refused_in_words(
    app: Flask, lead: FoyerClient, page: str, change: dict[str, str], words: str
) -> None:
    answer = lead.submit(f"{page}/keys/new", NEW | change, form=FORM)
    assert answer.status_code in (409, 422)
    assert words in answer.words
    assert keys(app, "GG-02") == []


def test_a_key_of_a_unit_that_nobody_is_in_is_kept_in_custody(
    app: Flask, cast: Cast, lead: FoyerClient, page: str
) -> None:
    with app.app_context(), writing():
        db.session.get_one(Unit, cast.unit_id).left_at = clock.now()
    assert lead.submit(f"{page}/keys/new", NEW | {"unit": "1806"}, form=FORM).status_code == 303
    (key,) = keys(app, "GG-02")
    assert key.unit_id == cast.unit_id


def test_ticked_keys_become_a_set(app: Flask, stock: Stock, lead: FoyerClient, page: str) -> None:
    refs = [key.ref for key in keys(app, "GG-01", "SK-01")]
    asked = f"{page}/sets/new?key={refs[0]}&key={refs[1]}"
    assert lead.submit(asked, {"tag": "T-1", "opens": "屋顶与泳池"}, form=FORM).status_code == 303
    with app.app_context(), reading():
        made = db.session.scalars(select(KeySet).where(KeySet.tag == "T-1")).one()
        assert {key.set_id for key in db.session.scalars(select(Key).where(Key.ref.in_(refs)))} == {made.id}


def test_a_set_needs_two_keys_and_none_of_another_set(app: Flask, lead: FoyerClient, page: str) -> None:
    one, of_set = keys(app, "GG-01", "JF-B1-06")
    alone = lead.submit(f"{page}/sets/new?key={one.ref}", {"tag": "T-1", "opens": "x"}, form=FORM)
    assert "A set has at least two keys." in alone.words
    both = lead.submit(f"{page}/sets/new?key={one.ref}&key={of_set.ref}", {"tag": "T-1", "opens": "x"}, form=FORM)
    assert both.status_code == 409
    assert "JF-B1-06 belongs to another set." in both.words


def test_labels_show_tag_hook_and_code_and_never_the_door(app: Flask, lead: FoyerClient, page: str) -> None:
    ref = page.rpartition("/")[2]
    shown = lead.get(f"/keys/labels?cabinet={ref}")
    roof = keys(app, "GG-01")[0]
    assert str(qr_svg(key_qr(roof.ref))) in shown.text.replace("&#39;", "'")
    assert "GG-01 2-1" in shown.words
    assert "JF-B1 2-4" in shown.words, "A set has a label too."
    assert "天台门" not in shown.text
    assert "keytags-roll" in lead.get(f"/keys/labels?cabinet={ref}&on=roll").text
    assert "1 label" in lead.get(f"/keys/labels?key={roof.ref}").words
    assert "No key is chosen." in lead.get("/keys/labels").words


def test_the_receptionist_enters_no_cabinet(desk: FoyerClient, page: str) -> None:
    for path in ("/keys/cabinets", page, "/keys/cabinets/new", f"{page}/keys/new", "/keys/labels"):
        assert desk.get(path).status_code == 403


def test_a_cabinet_of_another_site_is_not_there(app: Flask, cast: Cast, page: str) -> None:
    assert at_desk(app, cast, "qian").get(page).status_code in (403, 404)


@pytest.mark.parametrize("many", [0, 150])
def test_the_pages_ask_as_much_of_the_database_however_many_keys_there_are(
    app: Flask, cast: Cast, stock: Stock, lead: FoyerClient, page: str, many: int
) -> None:
    with app.app_context(), writing():
        actor, cabinet = shelf.actor_of(cast, "zhou"), shelf.cabinet_of(stock)
        for number in range(many):
            deeds.add_key(
                cabinet=cabinet,
                hook=1 + number % 12,
                tag=f"N-{number}",
                opens="x",
                class_code=KeyClass.PUBLIC,
                actor=actor,
                now=clock.now(),
            )
    asked: list[str] = []
    with app.app_context():
        event.listen(db.engine, "before_cursor_execute", lambda *given: asked.append(given[2]))
    for path in ("/keys/cabinets", page, f"/keys/labels?cabinet={page.rpartition('/')[2]}"):
        asked.clear()
        lead.get(path)
        selects = [one for one in asked if one.lstrip().upper().startswith("SELECT")]
        assert len(selects) <= 8, f"{path}: {selects}"
