"""How a key is entered: changed, moved, hung to a set, photographed, copied with an approval, retired."""

import io
from typing import Any

import pytest
from flask import Flask
from PIL import Image
from sqlalchemy import event, select

from domain import clock
from domain.database import db, reading, writing
from domain.keys import approvals
from domain.keys.approvals import approve
from domain.keys.loan_models import KeyApproval
from domain.keys.models import Key, KeySet
from tests import cabinet as shelf
from tests.cabinet import Stock
from tests.cast import Cast, at_desk
from tests.client import FoyerClient

FORM = "main form"


@pytest.fixture
def lead(app: Flask, cast: Cast, stock: Stock) -> FoyerClient:
    """Zhou, who leads the shift and keeps the cabinet."""
    return at_desk(app, cast, "zhou")


def ref_of(app: Flask, key_id: int, model: Any = Key) -> str:
    with app.app_context(), reading():
        return str(db.session.get_one(model, key_id).ref)


def stands(app: Flask, key_id: int, *names: str) -> list[Any]:
    """Values of the key as they stand."""
    with app.app_context(), reading():
        key = shelf.key(key_id)
        return [getattr(key, name) for name in names]


def picture(size: tuple[int, int] = (900, 600), kind: str = "JPEG") -> io.BytesIO:
    out = io.BytesIO()
    Image.new("RGB", size, "red").save(out, kind)
    out.seek(0)
    return out


def send_picture(lead: FoyerClient, page: str, sent: io.BytesIO, name: str = "bunch.jpg") -> Any:
    """Send it as a browser does; the body is written here, because the client's own writer leaves files open."""
    token, edge = lead.get(page).page.select_one("main [name=form_token]")["value"], "an-edge"
    head = 'Content-Disposition: form-data; name="{}"'
    parts = [
        f"--{edge}\r\n{head.format('form_token')}\r\n\r\n{token}\r\n".encode(),
        f'--{edge}\r\n{head.format("picture")}; filename="{name}"\r\n\r\n'.encode() + sent.getvalue() + b"\r\n",
        f"--{edge}--\r\n".encode(),
    ]
    return lead.post(page, data=b"".join(parts), content_type=f"multipart/form-data; boundary={edge}")


def test_tag_and_what_it_opens_and_unit_and_class_are_changed(app: Flask, stock: Stock, lead: FoyerClient) -> None:
    page = f"/keys/{ref_of(app, stock.roof)}"
    given = {"tag": "gg-99", "opens": "天台东门", "unit": "1806", "class_code": "unit"}
    assert lead.submit(f"{page}/edit", given, form=FORM).status_code == 303
    assert stands(app, stock.roof, "tag", "opens", "class_code") == ["GG-99", "天台东门", "unit"]
    assert "1806 示例科技有限公司" in lead.get(f"{page}/keeping").words


def test_a_tag_in_use_is_refused_at_its_field(app: Flask, stock: Stock, lead: FoyerClient) -> None:
    answer = lead.submit(f"/keys/{ref_of(app, stock.roof)}/edit", {"tag": "SK-01"}, form=FORM)
    assert answer.status_code == 409
    assert "This tag is on another key or set of this site already." in answer.words
    assert stands(app, stock.roof, "tag") == ["GG-01"]


def test_a_unit_that_nobody_knows_is_named(app: Flask, stock: Stock, lead: FoyerClient) -> None:
    answer = lead.submit(f"/keys/{ref_of(app, stock.roof)}/edit", {"unit": "9999"}, form=FORM)
    assert answer.status_code == 422
    assert "No unit has the number 9999." in answer.words


def test_who_changed_it_meanwhile_is_told(app: Flask, cast: Cast, stock: Stock, lead: FoyerClient) -> None:
    page, other = f"/keys/{ref_of(app, stock.roof)}/edit", at_desk(app, cast, "xu")
    drawn = lead.get(page).page.select_one(FORM)
    sent = {field["name"]: field.get("value", "") for field in drawn.select("input")} | {"class_code": "public"}
    other.submit(page, {"opens": "天台西门"}, form=FORM)
    answer = lead.post(page, data=sent | {"opens": "天台南门"})
    assert answer.status_code == 409
    assert "天台西门" in answer.words
    assert stands(app, stock.roof, "opens") == ["天台西门"]


def test_a_key_gets_another_hook(app: Flask, stock: Stock, lead: FoyerClient) -> None:
    page = f"/keys/{ref_of(app, stock.roof)}"
    done = lead.submit(f"{page}/place", {"hook": "11"}, form=FORM, follow_redirects=True)
    assert "GG-01 belongs on hook 2-11 now: hang it there." in done.words
    assert stands(app, stock.roof, "hook") == [11]
    refused = lead.submit(f"{page}/place", {"hook": "13"}, form=FORM)
    assert refused.status_code == 422
    assert "This cabinet has the hooks 1 to 12." in refused.words


def test_a_key_joins_a_set_and_leaves_it(app: Flask, stock: Stock, lead: FoyerClient) -> None:
    page, key_set = f"/keys/{ref_of(app, stock.roof)}/membership", ref_of(app, stock.plant_set, KeySet)
    assert lead.submit(page, {"key_set": key_set}, form=FORM).status_code == 303
    assert stands(app, stock.roof, "set_id", "hook") == [stock.plant_set, 4]
    assert lead.submit(page, {"key_set": ""}, form=FORM).status_code == 303
    assert stands(app, stock.roof, "set_id") == [None]


def test_a_retired_key_frees_its_tag_and_keeps_its_history(app: Flask, stock: Stock, lead: FoyerClient) -> None:
    page = f"/keys/{ref_of(app, stock.room)}"
    done = lead.submit(f"{page}/retirement", {"note": "锁已换"}, form=FORM, follow_redirects=True)
    assert "HY-03 is retired. Its tag is free again." in done.words
    assert "HY-03" not in done.page.select_one("table").get_text()
    assert "Retired since" in lead.get(f"{page}/keeping").words


def test_a_key_that_is_out_is_not_retired(app: Flask, cast: Cast, stock: Stock, lead: FoyerClient) -> None:
    with app.app_context(), writing():
        shelf.hand_out(shelf.key(stock.roof), shelf.worker(), cast)
    answer = lead.submit(f"/keys/{ref_of(app, stock.roof)}/retirement", form=FORM)
    assert answer.status_code == 409
    assert "This key is out. Take it back first." in answer.words


def test_a_photo_is_drawn_anew_and_shown_to_whom_may_see_the_key(
    app: Flask, cast: Cast, stock: Stock, lead: FoyerClient
) -> None:
    page = f"/keys/{ref_of(app, stock.roof)}"
    assert send_picture(lead, f"{page}/picture", picture((3000, 2000))).status_code == 303
    shown = at_desk(app, cast).get(f"{page}/photo")
    assert shown.mimetype == "image/jpeg"
    assert max(Image.open(io.BytesIO(shown.data)).size) == 1280
    assert at_desk(app, cast, "qian").get(f"{page}/photo").status_code == 404
    assert at_desk(app, cast, "chen").get(f"{page}/photo").status_code == 403


@pytest.mark.parametrize(
    ("sent", "words"),
    [
        (io.BytesIO(b"no picture at all"), "This picture could not be read."),
        (io.BytesIO(b"<svg xmlns='http://www.w3.org/2000/svg'/>"), "This picture could not be read."),
        (io.BytesIO(b""), "This picture could not be read."),
    ],
)
def test_what_is_no_picture_is_refused(app: Flask, stock: Stock, lead: FoyerClient, sent: Any, words: str) -> None:
    answer = send_picture(lead, f"/keys/{ref_of(app, stock.roof)}/picture", io.BytesIO(sent.getvalue()))
    assert answer.status_code == 422
    assert words in answer.words
    assert stands(app, stock.roof, "photo") == [None]


def test_a_photo_of_several_megabytes_is_taken_and_a_larger_one_is_not(
    app: Flask, stock: Stock, lead: FoyerClient
) -> None:
    page = f"/keys/{ref_of(app, stock.roof)}/picture"
    large = picture()
    large = io.BytesIO(large.getvalue() + b"\x00" * 4_000_000)
    assert send_picture(lead, page, large).status_code == 303
    too_large = io.BytesIO(picture().getvalue() + b"\x00" * 8_200_000)
    assert send_picture(lead, page, too_large).status_code == 413


def test_no_picture_is_asked_for_in_words(app: Flask, stock: Stock, lead: FoyerClient) -> None:
    answer = lead.submit(f"/keys/{ref_of(app, stock.roof)}/picture", form=FORM)
    assert answer.status_code == 422
    assert "Choose a picture." in answer.words


def test_copies_are_made_only_with_an_approval_by_somebody_else(
    app: Flask, cast: Cast, stock: Stock, lead: FoyerClient
) -> None:
    page = f"/keys/{ref_of(app, stock.unit)}/copies"
    asked = lead.submit(page, {"copies": "2", "purpose": "新租户"}, form=FORM, follow_redirects=True)
    assert "The approvers are told." in asked.words
    assert "Waits for approval" in asked.words
    with app.app_context(), writing():
        approval = db.session.scalars(select(KeyApproval)).one()
        approve(approval, actor=shelf.actor_of(cast, "wu"), now=clock.now())
        ref = approval.ref
    made = lead.submit(page, form=f"form[action$='/copies/{ref}']", follow_redirects=True)
    assert "DY-1806 has 4 copies now." in made.words
    assert stands(app, stock.unit, "copies") == [4]


def test_an_approval_that_was_not_given_makes_no_copy(app: Flask, stock: Stock, lead: FoyerClient) -> None:
    page = f"/keys/{ref_of(app, stock.unit)}/copies"
    lead.submit(page, {"purpose": "新租户"}, form=FORM)
    with app.app_context(), reading():
        ref = db.session.scalars(select(KeyApproval)).one().ref
    token = lead.get(page).page.select_one("main [name=form_token]")["value"]
    answer = lead.post(f"{page}/{ref}", data={"form_token": token})
    assert answer.status_code == 422
    assert stands(app, stock.unit, "copies") == [2]


def test_the_receptionist_enters_nothing(app: Flask, stock: Stock, desk: FoyerClient) -> None:
    page = f"/keys/{ref_of(app, stock.roof)}"
    for part in ("keeping", "edit", "place", "membership", "retirement", "picture", "copies"):
        assert desk.get(f"{page}/{part}").status_code == 403


def test_the_admin_sees_every_class_where_keys_are_entered(app: Flask, cast: Cast, stock: Stock) -> None:
    admin = at_desk(app, cast, "xu")
    assert admin.get(f"/keys/{ref_of(app, stock.pool)}/keeping").status_code == 200
    assert admin.get(f"/keys/{ref_of(app, stock.pool)}").status_code == 403


def test_no_page_asks_much_of_the_database(app: Flask, cast: Cast, stock: Stock, lead: FoyerClient) -> None:
    page = f"/keys/{ref_of(app, stock.unit)}"
    for number in range(3):
        with app.app_context(), writing():
            asked = approvals.ask_copies(
                shelf.key(stock.unit),
                copies=1,
                who=shelf.person_of(cast, "zhou"),
                purpose=f"第 {number} 次",
                actor=shelf.actor_of(cast, "zhou"),
                now=clock.now(),
            )
            approve(asked, actor=shelf.actor_of(cast, "wu"), now=clock.now())
            asked.used_at = clock.now()
    statements: list[str] = []
    with app.app_context():
        event.listen(db.engine, "before_cursor_execute", lambda *given: statements.append(given[2]))
    manager = at_desk(app, cast, "he")
    parts = ("keeping", "edit", "place", "membership", "retirement", "picture", "copies", "losses", "reservations")
    for client, path in [(lead, f"{page}/{part}") for part in parts] + [(manager, "/keys/classes")]:
        statements.clear()
        client.get(path)
        selects = [one for one in statements if one.lstrip().upper().startswith("SELECT")]
        assert len(selects) <= 8, f"{path}: {selects}"
