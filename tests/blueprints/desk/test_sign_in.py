"""The desk signs a visitor in on one page: the same fields and rules as at the kiosk (V1, V2, V11)."""

from typing import Any

import pytest
import time_machine
from flask import Flask
from sqlalchemy import func, select

from domain import clock as time
from domain.database import db, reading, writing
from domain.events import Event
from domain.identity import SYSTEM
from domain.occupants.models import Host
from domain.occupants.operations import host_left
from domain.once import SpentToken
from domain.sites.models import Purpose, Site
from domain.visits.models import Visit
from tests import factories as make
from tests.cast import Cast, at_desk
from tests.client import FoyerClient


@pytest.fixture
def desk(app: Flask, cast: Cast, clock: time_machine.Traveller) -> FoyerClient:
    return at_desk(app, cast)


def visits(app: Flask) -> list[Visit]:
    with app.app_context(), reading():
        found = list(db.session.scalars(select(Visit).order_by(Visit.id)))
        db.session.expunge_all()
        return found


def filled(desk: FoyerClient, cast: Cast, **values: Any) -> dict[str, Any]:
    """What a receptionist sends who has typed everything, with a fresh token."""
    token = desk.get("/desk/sign-in").page.select_one("form[action='/desk/sign-in'] [name=form_token]")["value"]
    return {
        "form_token": token,
        "name": "王五",
        "phone": "138 0013 8000",
        "companions": "1",
        "purpose": cast.purpose_ref,
        "whom": f"host:{cast.host_ref}",
    } | values


def send(desk: FoyerClient, data: dict[str, Any]) -> Any:
    return desk.post("/desk/sign-in", data=data)


def test_a_visitor_is_signed_in_and_the_badge_shown(app: Flask, cast: Cast, desk: FoyerClient) -> None:
    answer = send(desk, filled(desk, cast, organisation="样本设计", spoken="en"))
    (visit,) = visits(app)
    assert answer.location == f"/visits/{visit.ref}/badge"
    assert (visit.phone, visit.companions, visit.source) == ("+8613800138000", 1, "desk")
    assert visit.entered_by_id == cast.people["lisi"]
    assert visit.host_id == cast.host_id
    page = desk.get(answer.location)
    assert "A-001" in page.words
    assert "王五 and 1 more" in page.words
    assert visit.badge_check in page.words


def test_without_scripts_find_lists_who_matches_and_keeps_what_was_typed(
    app: Flask, cast: Cast, desk: FoyerClient
) -> None:
    data = filled(desk, cast, whom="", whom_text="zhang", find="1", name="赵六", phone="not yet")
    answer = send(desk, data)
    assert answer.status_code == 200
    assert not visits(app)
    page = answer.page
    assert page.select_one(f"input[value='host:{cast.host_ref}'][checked]"), "a single match is chosen already"
    assert page.select_one("[name=name]")["value"] == "赵六"
    assert page.select_one("[name=phone]")["value"] == "not yet"
    assert send(desk, filled(desk, cast, name="赵六", whom_text="zhang")).status_code == 303


def test_with_scripts_matches_come_while_typing(app: Flask, cast: Cast, desk: FoyerClient) -> None:
    found = desk.htmx("/desk/sign-in/whom?whom_text=zs", target="whom-found")
    assert "张三" in found.words
    assert "示例科技有限公司 1806" in found.words
    assert "<html" not in found.text
    assert "139" not in found.words, "never a phone number"
    assert "Nobody was found" in desk.htmx("/desk/sign-in/whom?whom_text=nobody").words
    assert "Two characters" in desk.htmx("/desk/sign-in/whom?whom_text=z").words


def test_a_form_that_was_only_drawn_again_is_sent_with_the_same_token(
    app: Flask, cast: Cast, desk: FoyerClient
) -> None:
    typed = filled(desk, cast)
    assert send(desk, typed | {"find": "1"}).status_code == 200
    assert send(desk, typed | {"name": ""}).status_code == 422
    with app.app_context(), reading():
        assert db.session.scalar(select(func.count()).select_from(SpentToken)) == 0
    first = send(desk, typed)
    assert first.status_code == 303
    assert send(desk, typed).location == first.location
    assert len(visits(app)) == 1


def test_a_stepper_draws_the_page_again_and_saves_nothing(app: Flask, cast: Cast, desk: FoyerClient) -> None:
    answer = send(desk, filled(desk, cast, step="companions:1"))
    assert answer.status_code == 200
    assert answer.page.select_one("[name=companions]")["value"] == "2"
    assert not visits(app)


def test_fields_follow_the_purpose(app: Flask, cast: Cast, desk: FoyerClient) -> None:
    with app.app_context(), writing():
        site = db.session.get_one(Site, cast.site_id)
        delivery = make.make_purpose(
            site, "送货", "Delivery", fields={"goods": "must", "organisation": "no"}, position=9
        )
        ref = delivery.ref
    assert desk.get("/desk/sign-in").page.select_one("[name=goods]") is None
    drawn = send(desk, filled(desk, cast, purpose=ref, redraw="1")).page
    assert drawn.select_one("[name=goods]")
    assert drawn.select_one("[name=organisation]") is None
    refused = send(desk, filled(desk, cast, purpose=ref))
    assert refused.status_code == 422
    assert refused.page.select_one("#goods[aria-invalid=true]")
    assert send(desk, filled(desk, cast, purpose=ref, goods="2 boxes")).status_code == 303


def test_whom_was_found_in_the_search_box_is_chosen_already(cast: Cast, desk: FoyerClient) -> None:
    page = desk.get(f"/desk/sign-in?whom=unit:{cast.unit_ref}").page
    assert page.select_one(f"input[value='unit:{cast.unit_ref}'][checked]")
    assert desk.get("/desk/sign-in?whom=host:nobody").status_code == 200


def test_who_has_no_phone_is_let_in(app: Flask, cast: Cast, desk: FoyerClient) -> None:
    assert send(desk, filled(desk, cast, phone="")).status_code == 303
    assert visits(app)[0].phone == ""


def test_a_phone_that_is_inside_is_let_in_by_sight_alone(app: Flask, cast: Cast, desk: FoyerClient) -> None:
    send(desk, filled(desk, cast))
    refused = send(desk, filled(desk, cast, name="赵六"))
    assert refused.status_code == 422
    assert "tick “This is another person”" in refused.words
    assert send(desk, filled(desk, cast, name="赵六", by_sight="1")).status_code == 303
    assert [visit.name for visit in visits(app)] == ["王五", "赵六"]


def test_the_desk_signs_in_after_hours(app: Flask, cast: Cast, desk: FoyerClient) -> None:
    with app.app_context(), writing():
        db.session.get_one(Site, cast.site_id).opening = {"7": [["08:00", "20:00"]]}
    assert send(desk, filled(desk, cast)).status_code == 303


def test_a_host_who_left_is_refused_in_words(app: Flask, cast: Cast, desk: FoyerClient) -> None:
    with app.app_context(), writing():
        host_left(db.session.get_one(Host, cast.host_id), actor=SYSTEM, now=time.now())
    refused = send(desk, filled(desk, cast))
    assert refused.status_code == 422
    assert "no longer in the building" in refused.words
    assert refused.page.select_one("[name=name]")["value"] == "王五"


def test_a_double_touch_makes_one_visit_and_the_same_answer(app: Flask, cast: Cast, desk: FoyerClient) -> None:
    data = filled(desk, cast)
    first, second = send(desk, data), send(desk, data)
    assert first.status_code == second.status_code == 303
    assert first.location == second.location
    assert len(visits(app)) == 1
    other = send(desk, data | {"name": "赵六"})
    assert other.status_code == 422
    assert "sent before with other content" in other.words


@pytest.mark.parametrize(
    ("field", "typed"),
    [
        ("name", ""),
        ("name", "   "),
        ("name", "x" * 10_000),
        ("name", "😀"),
        ("name", "\u202e\u200f"),
        ("name", "\x00\x07"),
        ("phone", "12345"),
        ("phone", "1" * 10_000),
        ("phone", "+99 999"),
        ("companions", "-1"),
        ("companions", "1000"),
        ("companions", "many"),
        ("organisation", "x" * 10_000),
        ("whom", ""),
        ("whom", "host:'"),
        ("whom", "unit:" + "0" * 12),
        ("purpose", "none of them"),
        ("whom_text", "x" * 10_000),
    ],
)
def test_bad_input_gets_a_sentence_at_its_field(
    app: Flask, cast: Cast, desk: FoyerClient, field: str, typed: str
) -> None:
    refused = send(desk, filled(desk, cast, **{field: typed}))
    assert refused.status_code == 422
    assert refused.page.select_one("[role=alert] .errs li")
    assert not visits(app)


@pytest.mark.parametrize("typed", ["O'Brien", "<script>alert(1)</script>b", "=SUM(A1)", "欧阳 娜娜", "مريم", "Zoë-Ann"])
def test_names_of_the_world_are_taken_and_never_run(app: Flask, cast: Cast, desk: FoyerClient, typed: str) -> None:
    answer = send(desk, filled(desk, cast, name=typed))
    assert answer.status_code == 303
    for path in (answer.location, "/desk", "/visits", "/desk/search?q=8000"):
        assert "<script>alert" not in desk.get(path).text


def test_another_sites_purpose_or_host_is_not_offered(app: Flask, cast: Cast, desk: FoyerClient) -> None:
    with app.app_context(), reading():
        other = db.session.scalars(select(Purpose.ref).where(Purpose.site_id == cast.other_site_id)).one()
    assert send(desk, filled(desk, cast, purpose=other)).status_code == 422
    stranger = at_desk(app, cast, "qian")
    assert "张三" not in stranger.htmx("/desk/sign-in/whom?whom_text=zs").words
    assert not visits(app)


def test_who_may_not_write_does_not_get_the_form(app: Flask, cast: Cast, clock: time_machine.Traveller) -> None:
    assert at_desk(app, cast, "wu").get("/desk/sign-in").status_code == 403


def test_the_same_name_without_a_phone_is_asked_about_and_let_in_by_sight(
    app: Flask, cast: Cast, desk: FoyerClient
) -> None:
    assert send(desk, filled(desk, cast, name="欧阳 丙", phone="")).status_code == 303
    again = send(desk, filled(desk, cast, name="欧阳丙", phone=""))
    assert again.status_code == 422
    assert "Somebody of this name without a phone is in the building" in again.words
    (first,) = visits(app)
    assert again.page.select_one(f"a[href='/visits/{first.ref}']"), "who it is, and the way there"
    assert "A-001" in again.words
    assert send(desk, filled(desk, cast, name="欧阳丙", phone="", by_sight="y")).status_code == 303
    assert len(visits(app)) == 2


def test_whose_phone_is_inside_is_named_with_the_badge(app: Flask, cast: Cast, desk: FoyerClient) -> None:
    assert send(desk, filled(desk, cast)).status_code == 303
    (first,) = visits(app)
    refused = send(desk, filled(desk, cast, name="别人"))
    assert refused.status_code == 422
    assert "王五 A-001" in refused.words
    assert refused.page.select_one(f"a[href='/visits/{first.ref}']")


def test_whose_phone_is_inside_shows_before_anything_is_sent(app: Flask, cast: Cast, desk: FoyerClient) -> None:
    assert send(desk, filled(desk, cast)).status_code == 303
    (first,) = visits(app)
    drawn = send(desk, filled(desk, cast, name="别人", redraw="1")).page.select_one("#inside")
    assert "王五 A-001" in " ".join(drawn.get_text(" ").split())
    assert drawn.select_one(f"a[href='/visits/{first.ref}']")
    fields = desk.get("/desk/sign-in").page
    assert fields.select_one("[name=phone][hx-target='#inside'][hx-trigger=change]"), (
        "asked when the number stands there"
    )
    assert not fields.select_one("#inside").get_text(strip=True)
    for typed in ({"phone": "1380"}, {"phone": "138 0013 8001"}, {"phone": ""}):
        page = send(desk, filled(desk, cast, redraw="1", by_sight="1", **typed)).page
        assert not page.select_one("#inside").get_text(strip=True), typed


def test_that_it_is_another_person_is_asked_where_somebody_is_inside(app: Flask, cast: Cast, desk: FoyerClient) -> None:
    assert not desk.get("/desk/sign-in").page.select("[name=by_sight]")
    assert send(desk, filled(desk, cast)).status_code == 303
    refused = send(desk, filled(desk, cast, name="别人")).page
    assert refused.select_one("#inside [name=by_sight]:not([checked])")
    assert send(desk, filled(desk, cast, name="别人", by_sight="1", redraw="1")).page.select_one(
        "#inside [name=by_sight][checked]"
    )


def test_who_is_inside_is_signed_out_beside_the_form_and_all_that_was_typed_stays(
    app: Flask, cast: Cast, desk: FoyerClient
) -> None:
    assert send(desk, filled(desk, cast)).status_code == 303
    (first,) = visits(app)
    data = filled(desk, cast, organisation="样本设计")
    for _touch in range(2):
        answer = send(desk, data | {"sign_out": first.ref})
        assert answer.status_code == 200
        assert "王五 is signed out." in answer.words
    form = answer.page.select_one("form[action='/desk/sign-in']")
    assert form.select_one("[name=organisation]")["value"] == "样本设计"
    assert not answer.page.select_one("#inside").get_text(strip=True)
    assert [visit.state for visit in visits(app)] == ["left"]
    assert send(desk, data | {"form_token": form.select_one("[name=form_token]")["value"]}).status_code == 303
    assert [visit.state for visit in visits(app)] == ["left", "inside"]


def test_all_who_share_the_phone_are_shown_the_same_name_first_each_with_a_way_out(
    app: Flask, cast: Cast, desk: FoyerClient
) -> None:
    for name in ("王五", "工友甲", "工友乙"):
        assert send(desk, filled(desk, cast, name=name, by_sight="y")).status_code == 303
    by_name = {visit.name: visit.ref for visit in visits(app)}
    inside = send(desk, filled(desk, cast, name="工友甲", redraw="1")).page.select_one("#inside")
    refs = [button["value"] for button in inside.select("button[name=sign_out]")]
    assert refs == [by_name[name] for name in ("工友甲", "工友乙", "王五")]
    assert "more" not in inside.get_text()
    answer = send(desk, filled(desk, cast, name="工友甲", sign_out=refs[0]))
    assert "工友甲 is signed out." in answer.words
    assert [button["value"] for button in answer.page.select("#inside button[name=sign_out]")] == refs[1:]
    for name in "丙丁戊己":
        assert send(desk, filled(desk, cast, name=name, by_sight="y")).status_code == 303
    many = send(desk, filled(desk, cast, name="王五", redraw="1")).page.select_one("#inside")
    assert many.select_one("button[name=sign_out]")["value"] == by_name["王五"]
    assert (len(many.select("button[name=sign_out]")), "and 1 more" in many.get_text()) == (5, True)


def test_who_has_no_phone_and_was_let_in_by_sight_is_shown_by_name(app: Flask, cast: Cast, desk: FoyerClient) -> None:
    for name in ("欧阳丙", "别人"):
        assert send(desk, filled(desk, cast, name=name, phone="", by_sight="y")).status_code == 303
    inside = send(desk, filled(desk, cast, name="欧阳丙", phone="", redraw="1")).page.select_one("#inside")
    assert len(inside.select("button[name=sign_out]")) == 1
    assert "欧阳丙" in inside.get_text()


def test_a_touch_without_the_token_of_the_page_signs_nobody_out(app: Flask, cast: Cast, desk: FoyerClient) -> None:
    assert send(desk, filled(desk, cast)).status_code == 303
    (first,) = visits(app)
    for refused in (
        filled(desk, cast, sign_out=first.ref, form_token="old"),
        filled(desk, cast, sign_out=first.ref, form_token="", held="now"),
    ):
        assert send(desk, refused).status_code == 422
    assert send(at_desk(app, cast, "qian"), filled(desk, cast, sign_out=first.ref)).status_code in (404, 422)
    assert [visit.state for visit in visits(app)] == ["inside"]


def told(desk: FoyerClient, app: Flask) -> str:
    return str(desk.get(f"/visits/{visits(app)[-1].ref}").words)


def test_the_entry_says_whether_the_notice_was_shown_and_in_which_language(
    app: Flask, cast: Cast, desk: FoyerClient
) -> None:
    form = desk.get("/desk/sign-in").page.select_one("form[action='/desk/sign-in']")
    assert form.select_one("[name=spoken] [selected]")["value"] == "zh_Hans", "the site's own, until one is chosen"
    assert not form.select_one("[name=notice]").has_attr("checked")
    assert send(desk, filled(desk, cast, spoken="en", notice="1")).status_code == 303
    assert visits(app)[-1].language == "en"
    assert "Signed in at the desk, notice shown" in told(desk, app)
    assert "Language of the visitor English" in told(desk, app)
    assert send(desk, filled(desk, cast, phone="138 0013 8001")).status_code == 303
    assert "Signed in at the desk, notice not shown" in told(desk, app)
    with app.app_context(), reading():
        facts = db.session.scalars(select(Event.facts).where(Event.kind == "visit.signed_in").order_by(Event.number))
        assert [each["notice"] for each in facts] == ["en", ""]


def test_digits_of_a_document_are_taken_from_who_was_shown_the_notice(
    app: Flask, cast: Cast, desk: FoyerClient
) -> None:
    with app.app_context(), writing():
        db.session.get_one(Site, cast.site_id).fields = {"document": "ask"}
    refused = send(desk, filled(desk, cast, document="1234"))
    assert refused.status_code == 422
    assert "need the visitor’s consent" in refused.page.select_one("#notice-e").get_text()
    assert not visits(app)
    assert send(desk, filled(desk, cast, document="1234", notice="1")).status_code == 303
    assert visits(app)[-1].document == "1234"


@pytest.mark.parametrize(
    ("language", "heading"), [("en", "For visitors"), ("ja", "ご来訪の方へ"), ("xx", "For visitors")]
)
def test_the_notice_is_shown_in_the_visitor_s_language(
    app: Flask, cast: Cast, desk: FoyerClient, language: str, heading: str
) -> None:
    with app.app_context(), writing():
        site = db.session.get_one(Site, cast.site_id)
        site.notice = {"en": ["No smoking."], "ja": ["禁煙です。"], "zh_Hans": ["禁止吸烟。"]}
        site.languages = ["zh_Hans", "en", "ja"]
    links = desk.get("/desk/sign-in").page.select("a[target=_blank]")
    assert [link["href"] for link in links] == [f"/desk/notice?language={tag}" for tag in ("zh_Hans", "en", "ja")]
    page = desk.get(f"/desk/notice?language={language}")
    assert {"en": "No smoking.", "ja": "禁煙です。", "xx": "No smoking."}[language] in page.words
    assert page.page.select_one("html")["lang"] == {"en": "en", "ja": "ja", "xx": "en"}[language]
    assert "90" in page.words
    assert at_desk(app, cast, "wu").get("/desk/notice").status_code == 403
