"""A visitor signs in at the kiosk, page by page, without scripts."""

import base64
import io
from pathlib import Path

import pytest
from flask import Flask
from PIL import Image
from sqlalchemy import select, update

from domain import clock as time
from domain.database import db, reading, writing
from domain.notices import Notice
from domain.occupants.models import Host
from domain.sites.models import Site
from domain.visits.models import Visit
from tests.cast import Cast, at_kiosk
from tests.client import FoyerClient, FoyerResponse


def post_form(action: str) -> str:
    """The selector of the form that posts there."""
    return f"form[method=post][action='{action}']"


def walk(client: FoyerClient, cast: Cast, *, purpose: str | None = None, **details: str) -> FoyerResponse:
    """From the welcome page to the consent page's answer, or to the refusal before it."""
    client.get("/kiosk?language=en")
    chosen = client.submit("/kiosk/whom?q=zhang", form=post_form("/kiosk/whom"))
    assert chosen.location == "/kiosk/why"
    client.submit("/kiosk/why", {"purpose": purpose or cast.purpose_ref}, form=post_form("/kiosk/why"))
    entered = {"name": "王五", "phone": "138 0013 8000", "companions": "1"} | details
    answer = client.submit("/kiosk/details", entered, form=post_form("/kiosk/details"))
    if answer.status_code != 303:
        return answer
    return client.submit("/kiosk/consent", {"visit": "1"}, form=post_form("/kiosk/consent"))


@pytest.fixture
def kiosk(app: Flask, cast: Cast) -> FoyerClient:
    return at_kiosk(app, cast)


def visits(app: Flask) -> list[Visit]:
    with app.app_context(), reading():
        found = list(db.session.scalars(select(Visit)))
        db.session.expunge_all()
        return found


def test_a_visitor_gets_a_badge_and_the_way(app: Flask, cast: Cast, kiosk: FoyerClient) -> None:
    answer = walk(kiosk, cast)
    assert answer.status_code == 303
    assert answer.location == "/kiosk/badge"
    page = kiosk.get("/kiosk/badge")
    assert "A-001" in page.get_data(as_text=True)
    assert page.headers["Refresh"] == "40; url=/kiosk"
    (visit,) = visits(app)
    assert (visit.phone, visit.companions, visit.source) == ("+8613800138000", 1, "kiosk")


def test_after_the_welcome_page_nothing_of_the_visitor_is_left(app: Flask, cast: Cast, kiosk: FoyerClient) -> None:
    walk(kiosk, cast)
    kiosk.get("/kiosk")
    assert kiosk.get("/kiosk/badge").location == "/kiosk"
    for _back in range(2):
        kiosk.get("/kiosk")
        assert kiosk.get("/kiosk/details").location == "/kiosk", "nothing says that nobody was registered"
    kiosk.submit("/kiosk/whom?q=zhang", form=post_form("/kiosk/whom"))
    kiosk.get("/kiosk")
    assert kiosk.get("/kiosk/details").location == "/kiosk/whom?wiped=1", "the next one begins and goes"


def has_mail(app: Flask) -> None:
    """A mail server is set up from here on."""
    app.config["SETTINGS"] = app.config["SETTINGS"].model_copy(update={"smtp_host": "127.0.0.1"})


def test_the_visitor_waits_where_the_purpose_asks_the_host_first(app: Flask, cast: Cast, kiosk: FoyerClient) -> None:
    has_mail(app)
    walk(kiosk, cast, purpose=cast.waiting_purpose_ref)
    assert kiosk.get("/kiosk/badge").location == "/kiosk/waiting"
    page = kiosk.get("/kiosk/waiting")
    region = kiosk.get("/kiosk/waiting", headers={"HX-Request": "true", "HX-Request-Type": "partial"})
    assert region.status_code == 200
    assert "A-001" in region.text
    assert page.status_code == 200
    assert page.headers["Refresh"].startswith("10")
    assert "张三 is told" in page.words


@pytest.mark.parametrize("why", ["no address", "no mail server", "the mail server cannot be reached"])
def test_no_visitor_reads_that_a_host_was_told_whom_nobody_can_tell(
    app: Flask, cast: Cast, kiosk: FoyerClient, why: str
) -> None:
    with app.app_context(), writing():
        db.session.get_one(Host, cast.host_id).email = "" if why == "no address" else "zhangsan@example.com"
    if why != "no mail server":
        has_mail(app)
    walk(kiosk, cast, purpose=cast.waiting_purpose_ref)
    with app.app_context(), writing():
        db.session.execute(update(Notice).values(tries=1))
    page = kiosk.get("/kiosk/waiting")
    assert "is told" not in page.words
    assert "2 minutes" not in page.words, "nobody answers who knows of nothing"
    (step,) = (one for one in page.page.select("li:has(h2)") if one.select_one("h2").text == "The reception asks 张三")
    assert step["data-s"] == "wait", "not ticked"
    walk(kiosk, cast, name="赵六", phone="13800138001")
    with app.app_context(), writing():
        db.session.execute(update(Notice).values(tries=1))
    assert "The reception tells 张三 Zhang San that you are here; room 1806." in kiosk.get("/kiosk/badge").words


def test_who_was_told_is_named_when_the_notice_is_sent_or_under_way(app: Flask, cast: Cast, kiosk: FoyerClient) -> None:
    has_mail(app)
    walk(kiosk, cast)
    assert "张三 Zhang San is told that you are here, room 1806." in kiosk.get("/kiosk/badge").words
    with app.app_context(), writing():
        db.session.execute(update(Notice).values(state="sent", tries=2))
    assert "张三 Zhang San is told that you are here" in kiosk.get("/kiosk/badge").words


def test_of_a_unit_without_a_contact_nobody_was_told(app: Flask, cast: Cast, kiosk: FoyerClient) -> None:
    has_mail(app)
    with app.app_context(), writing():
        db.session.execute(update(Host).values(contact=False))
    kiosk.get("/kiosk?language=en")
    kiosk.submit("/kiosk/whom?q=1806", form=post_form("/kiosk/whom"))
    kiosk.submit("/kiosk/why", {"purpose": cast.purpose_ref}, form=post_form("/kiosk/why"))
    kiosk.submit("/kiosk/details", {"name": "王五", "phone": "13800138000"}, form=post_form("/kiosk/details"))
    kiosk.submit("/kiosk/consent", {"visit": "1"}, form=post_form("/kiosk/consent"))
    words = kiosk.get("/kiosk/badge").words
    assert "is told" not in words
    assert "The reception tells" in words


@pytest.mark.parametrize(
    ("field", "value", "sentence"),
    [
        ("phone", "1380013800", "11 digits are needed, now 10."),
        (
            "phone",
            "415 555 2671",
            "There is no such number here. A number from abroad begins with +, for example +44 7700 900123.",
        ),
        ("phone", "", "Without a phone the reception signs you in."),
        ("name", "   ", "Enter a name."),
        ("name", "😀", "Leave out emoji"),
        ("name", "x" * 10_000, "At most 80 characters, now 10000."),
        ("companions", "many", "Enter a whole number."),
        ("companions", "99999", "At most 50."),
    ],
)
def test_bad_input_is_refused_at_its_field_and_kept(
    app: Flask, cast: Cast, kiosk: FoyerClient, field: str, value: str, sentence: str
) -> None:
    answer = walk(kiosk, cast, **{field: value})
    html = answer.get_data(as_text=True)
    assert answer.status_code == 422
    assert sentence in html
    assert "王五" in html or field == "name"
    assert visits(app) == []


@pytest.mark.parametrize("name", ["O'Brien", "<script>alert(1)</script>", "=SUM(A1)", "张\u200f三", "\u202e王五"])
def test_odd_names_are_taken_and_shown_as_text(app: Flask, cast: Cast, kiosk: FoyerClient, name: str) -> None:
    assert walk(kiosk, cast, name=name).status_code == 303
    html = kiosk.get("/kiosk/badge").get_data(as_text=True)
    assert "<script>alert" not in html
    assert len(visits(app)) == 1


def test_the_same_form_twice_makes_one_visit_and_one_answer(app: Flask, cast: Cast, kiosk: FoyerClient) -> None:
    walk(kiosk, cast, name="")  # refused, so the walk ends at the details page
    kiosk.submit("/kiosk/details", {"name": "王五", "phone": "13800138000"}, form=post_form("/kiosk/details"))
    page = kiosk.get("/kiosk/consent").page
    form_token = page.select_one(f"{post_form('/kiosk/consent')} [name=form_token]")["value"]
    form = {"form_token": form_token, "visit": "1"}
    first, second = kiosk.post("/kiosk/consent", data=form), kiosk.post("/kiosk/consent", data=form)
    assert first.location == second.location == "/kiosk/badge"
    other = kiosk.post("/kiosk/consent", data=form | {"extra": "1"})
    assert other.status_code in (303, 422)
    assert len(visits(app)) == 1


def test_who_seems_to_be_inside_is_asked_to_see_the_reception(app: Flask, cast: Cast, kiosk: FoyerClient) -> None:
    walk(kiosk, cast)
    answer = walk(kiosk, cast, name="somebody else")
    assert answer.status_code == 422
    assert "Please see the reception" in answer.words


def test_consent_is_needed(app: Flask, cast: Cast, kiosk: FoyerClient) -> None:
    walk(kiosk, cast, name="")
    kiosk.submit("/kiosk/details", {"name": "王五", "phone": "13800138000"}, form=post_form("/kiosk/details"))
    answer = kiosk.submit("/kiosk/consent", form=post_form("/kiosk/consent"))
    assert answer.status_code == 422
    assert visits(app) == []


def picture(size: tuple[int, int] = (900, 700)) -> str:
    """A JPEG with a place in its metadata, as a data address."""
    out = io.BytesIO()
    exif = Image.Exif()
    exif[0x010E] = "secret place"
    Image.new("RGB", size, "teal").save(out, "JPEG", exif=exif)
    return "data:image/jpeg;base64," + base64.b64encode(out.getvalue()).decode()


def to_the_photo(app: Flask, cast: Cast, kiosk: FoyerClient) -> None:
    with app.app_context(), writing():
        db.session.get_one(Site, cast.site_id).fields = {"photo": "ask"}
    walk(kiosk, cast, name="")
    kiosk.submit("/kiosk/details", {"name": "王五", "phone": "13800138000"}, form=post_form("/kiosk/details"))
    kiosk.submit("/kiosk/consent", {"visit": "1", "photo": "1"}, form=post_form("/kiosk/consent"))


def test_a_photo_is_redrawn_sealed_and_shown_to_its_visitor(app: Flask, cast: Cast, kiosk: FoyerClient) -> None:
    to_the_photo(app, cast, kiosk)
    answer = kiosk.submit("/kiosk/photo", {"picture": picture()}, form=post_form("/kiosk/photo"))
    assert answer.location == "/kiosk/badge"
    (visit,) = visits(app)
    kept = (Path(app.instance_path) / "photos" / str(visit.photo)).read_bytes()
    assert b"secret place" not in kept
    assert not kept.startswith(b"\xff\xd8")
    shown = Image.open(io.BytesIO(kiosk.get("/kiosk/badge/photo").data))
    assert max(shown.size) == 480
    assert not shown.getexif()
    kiosk.get("/kiosk")
    assert kiosk.get("/kiosk/badge/photo").status_code == 404


@pytest.mark.parametrize("sent", ["data:image/jpeg;base64,AAAA", "data:image/png;base64,%%%", picture((3500, 3500))])
def test_what_is_no_picture_is_refused_in_words(app: Flask, cast: Cast, kiosk: FoyerClient, sent: str) -> None:
    to_the_photo(app, cast, kiosk)
    answer = kiosk.submit("/kiosk/photo", {"picture": sent}, form=post_form("/kiosk/photo"))
    assert answer.status_code == 422
    assert "Take another one." in answer.words
    assert visits(app) == []


def test_a_visitor_goes_on_without_a_photo(app: Flask, cast: Cast, kiosk: FoyerClient) -> None:
    to_the_photo(app, cast, kiosk)
    assert kiosk.submit("/kiosk/photo", form=post_form("/kiosk/photo")).location == "/kiosk/badge"
    assert visits(app)[0].photo is None


def test_who_reads_no_chinese_gets_the_host_in_letters_too(app: Flask, cast: Cast, kiosk: FoyerClient) -> None:
    for language, name in (("zh_Hans", "张三"), ("en", "张三 Zhang San")):
        kiosk.get(f"/kiosk?language={language}")
        assert kiosk.get("/kiosk/whom?q=zhang").page.select_one("#found .pick b").get_text() == name
    walk(kiosk, cast)
    page = kiosk.get("/kiosk/badge").page
    assert "张三 Zhang San" in page.select_one(".wall").get_text()
    assert not page.select(".way svg"), "an arrow to the right stood before each step, 'turn left' too"


def test_what_may_be_left_out_is_said_where_something_may(app: Flask, cast: Cast, kiosk: FoyerClient) -> None:
    for asked in (False, True):
        with app.app_context(), writing():
            how = "ask" if asked else "no"
            db.session.get_one(Site, cast.site_id).fields = dict.fromkeys(
                ("organisation", "plate", "goods", "photo"), how
            )
        walk(kiosk, cast, name="")
        assert ("may be left out" in kiosk.get("/kiosk/details").words) is asked
        kiosk.submit("/kiosk/details", {"name": "王五", "phone": "13800138000"}, form=post_form("/kiosk/details"))
        assert ("The rest is up to you" in kiosk.get("/kiosk/consent").words) is asked


def test_who_is_met_in_the_lobby_is_not_sent_up(app: Flask, cast: Cast, kiosk: FoyerClient) -> None:
    with app.app_context(), writing():
        db.session.get_one(Site, cast.site_id).directions = {"en": "Take lift A"}
    walk(kiosk, cast)
    for answer, is_shown in (("send_up", True), ("meet", False)):
        with app.app_context(), writing():
            visit = db.session.scalars(select(Visit)).one()
            visit.answer, visit.answered_at, visit.answer_told_at = answer, time.now(), time.now()
        assert ("Take lift A" in kiosk.get("/kiosk/badge").words) is is_shown
