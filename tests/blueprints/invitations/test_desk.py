"""V5 at the desk: invited, found, signed in by one touch, joined, taken back."""

from datetime import timedelta

import pytest
import time_machine
from flask import Flask
from sqlalchemy import event, func, select

from domain import clock as house_clock
from domain.database import db, reading, writing
from domain.visits.invitation_codes import qr_of
from domain.visits.invitation_models import Invitation, InvitationEntry
from domain.visits.models import Visit, VisitState
from tests.cast import Cast, at_desk
from tests.client import FoyerClient
from tests.invited import PHONE, come, make_invitation
from tests.stays import arrive

NEW = "/invitations/new"
FORM = f"form[action='{NEW}']"
LIST = "王五, 138 0013 8000, wang@example.com, 示例公司\n赵六 13800138001\nAnn Sample"


@pytest.fixture
def desk(app: Flask, cast: Cast, clock) -> FoyerClient:
    return at_desk(app, cast)


def make(app: Flask, cast: Cast, **values) -> Invitation:
    with app.app_context(), writing():
        made = make_invitation(cast, **values)
        db.session.flush()
        db.session.expunge_all()
    return made


def all_of(app: Flask, what) -> list:
    with app.app_context(), reading():
        found = list(db.session.scalars(select(what).order_by(what.id)))
        db.session.expunge_all()
        return found


def touched(client: FoyerClient, page: str, action: str, **more: str):
    return client.submit(page, more, form=f"form[action='{action}']")


def test_a_pasted_list_is_invited_for_a_host(app: Flask, cast: Cast, desk: FoyerClient) -> None:
    said = {"guests": LIST, "whom": f"host:{cast.host_ref}", "day": "2026-03-03", "since": "10:00", "until": "12:00"}
    form = desk.get(f"{NEW}?whom=host:{cast.host_ref}").page.select_one(FORM)
    assert form.select_one("[name=day]")["value"] == "2026-03-02"
    answer = desk.submit(f"{NEW}?whom=host:{cast.host_ref}", said, form=FORM)
    assert answer.location == "/invitations"
    invited = all_of(app, Invitation)
    assert [(one.name, one.phone, one.email, one.organisation) for one in invited] == [
        ("王五", PHONE, "wang@example.com", "示例公司"),
        ("赵六", "+8613800138001", "", ""),
        ("Ann Sample", "", "", ""),
    ]
    page = desk.get("/invitations")
    assert "3 guests are invited." in page.words
    assert "王*" in page.words
    assert "王五" not in page.words


def test_all_that_is_wrong_with_a_line_is_said_at_once(cast: Cast, desk: FoyerClient) -> None:
    said = {"guests": "周九, 12, ann@", "whom": f"host:{cast.host_ref}"}
    answer = desk.submit(f"{NEW}?whom=host:{cast.host_ref}", said, form=FORM)
    line = [one.get_text() for one in answer.page.select(".facts small")]
    assert line == ["11 digits are needed, now 2.", "A mail address looks like name@company.com."]
    assert "A line cannot be read. Put it right, or go on without it: nothing is sent yet." in answer.words


def test_bad_lines_are_named_and_kept_and_the_good_ones_go_on(app: Flask, cast: Cast, desk: FoyerClient) -> None:
    text = f"{LIST}\n钱七, 1380013\n😀\n王五, 13800138000"
    said = {"guests": text, "whom": f"host:{cast.host_ref}"}
    answer = desk.submit(f"{NEW}?whom=host:{cast.host_ref}", said, form=FORM)
    assert answer.status_code == 422
    for words in ("Line 4", "11 digits are needed, now 7.", "Line 5", "Line 6", "stands in line 1 too"):
        assert words in answer.words
    assert text in answer.page.select_one("textarea").get_text()
    assert all_of(app, Invitation) == []
    form = answer.page.select_one(FORM)
    data = {one["name"]: one.get("value", "") for one in form.select("input[name]") if one.get("type") != "radio"}
    data |= {one["name"]: one.select_one("[selected]")["value"] for one in form.select("select")}
    answer = desk.post(NEW, data=data | said | {"good": "1"})
    assert answer.status_code == 200
    assert "3 guests are invited." in answer.words
    assert answer.page.select_one("textarea").get_text(strip=True) == "钱七, 1380013\n😀\n王五, 13800138000"
    assert len(all_of(app, Invitation)) == 3


@pytest.mark.parametrize(
    ("said", "words"),
    [
        ({"guests": ""}, "Say who is invited"),
        ({"day": "2026-02-01"}, "This time is over"),
        ({"day": "9999-12-31"}, "at most a year ahead"),
        ({"until": "09:00", "since": "10:00"}, "The end lies before the beginning."),
        ({"last_day": "2026-03-01"}, "The last day lies before the first."),
        ({"entries": "0"}, "At least 1."),
        ({"since": "late"}, "Enter a time such as 09:30."),
        ({"whom": ""}, "choose who it is"),
    ],
)
def test_what_cannot_be_is_refused_with_words_and_kept(
    app: Flask, cast: Cast, desk: FoyerClient, said: dict[str, str], words: str
) -> None:
    given = {"guests": LIST, "whom": f"host:{cast.host_ref}"} | said
    answer = desk.submit(f"{NEW}?whom=host:{cast.host_ref}", given, form=FORM)
    assert answer.status_code == 422
    assert words in answer.words
    assert given["guests"] in answer.page.select_one("textarea").get_text()
    assert all_of(app, Invitation) == []


def test_one_guest_gets_a_slip_to_be_passed_on(app: Flask, cast: Cast, desk: FoyerClient) -> None:
    said = {"guests": "王五", "whom": f"host:{cast.host_ref}", "language": "en"}
    answer = desk.submit(f"{NEW}?whom=host:{cast.host_ref}", said, form=FORM, follow_redirects=True)
    [made] = all_of(app, Invitation)
    assert f"{made.digits[:3]} {made.digits[3:]}" in answer.words
    words = answer.page.select_one("textarea").get_text()
    assert "Your invitation to Qingyu Centre" in words
    assert words.rstrip().endswith("Qingyu Centre")
    assert answer.page.select_one("h2#slip").get_text() == "Qingyu Centre", "the slip is the guest's"
    assert "/i/" in words


def test_who_is_expected_signs_in_by_one_touch(app: Flask, cast: Cast, desk: FoyerClient) -> None:
    made = make(app, cast, waiting=True)
    assert "王五" in desk.get("/invitations/today").words
    assert "1 Expected" in desk.get("/desk").words
    answer = touched(desk, "/invitations/today", f"/invitations/{made.ref}/arrivals")
    assert answer.location == "/invitations/today"
    with app.app_context(), reading():
        visit = db.session.scalars(select(Visit).order_by(Visit.id.desc())).first()
        assert visit is not None
        ref, badge = visit.ref, f"A-{visit.badge_number:03d}"
        said = f"王五 is signed in: badge {badge} {visit.badge_check}."
    assert said in desk.get(answer.location).words
    came = desk.get("/invitations/today").page.select_one("[aria-labelledby=t2] li")
    assert badge in came.select_one("h3").get_text()
    assert came.select_one(f"a[href='/visits/{ref}/badge']"), "to be printed"
    [visit] = all_of(app, Visit)
    assert (visit.state, visit.source) == (VisitState.INSIDE, "desk")
    assert "Came by invitation" in desk.get(f"/visits/{visit.ref}").words
    assert "0 Expected" in desk.get("/desk").words


def test_the_list_is_drawn_again_only_when_something_changed(app: Flask, cast: Cast, desk: FoyerClient) -> None:
    make(app, cast)
    page = desk.get("/invitations/today")
    tag = {"HX-PTag": page.headers["HX-PTag"]}
    assert desk.htmx("/invitations/today/live", headers=tag).status_code == 304
    made = make(app, cast, name="钱七", phone="")
    answer = desk.htmx("/invitations/today/live", headers=tag)
    assert made.name in answer.words


def test_the_search_box_finds_guests_by_name_pinyin_digits_and_scan(app: Flask, cast: Cast, desk: FoyerClient) -> None:
    made = make(app, cast, name="欧阳小明")
    assert desk.get("/desk/search", query_string={"q": made.digits}).location == f"/invitations/{made.ref}"
    for typed in ("欧阳", "ouyang", "oyxm", "8000"):
        answer = desk.get("/desk/search", query_string={"q": typed})
        assert answer.page.select(f"a[href='/invitations/{made.ref}']"), typed
        assert answer.page.select(f"form[action='/invitations/{made.ref}/arrivals']")
    with app.app_context():
        scanned = qr_of(made.ref)
    assert desk.get("/desk/search", query_string={"q": scanned}).location == f"/invitations/{made.ref}"


@pytest.mark.parametrize("digits", ["482913", "000813"])
def test_the_six_digits_open_the_invitation_also_where_no_badge_begins_so(
    app: Flask, cast: Cast, desk: FoyerClient, digits: str
) -> None:
    made = make(app, cast)
    with app.app_context(), writing():
        db.session.get_one(Invitation, made.id).digits = digits
    assert desk.get("/desk/search", query_string={"q": digits}).location == f"/invitations/{made.ref}"


def test_another_days_guest_is_asked_for_first(app: Flask, cast: Cast, desk: FoyerClient) -> None:
    made = make(app, cast, begins_at=house_clock.now() + timedelta(days=1))
    page = desk.get(f"/invitations/{made.ref}")
    assert "for another time" in page.words
    token = page.page.select_one("form[action$='/arrivals'] [name=form_token]")["value"]
    refused = desk.post(f"/invitations/{made.ref}/arrivals", data={"form_token": token})
    assert refused.status_code == 422
    assert "Sign in all the same?" in refused.words
    answer = touched(desk, f"/invitations/{made.ref}", f"/invitations/{made.ref}/arrivals")
    assert answer.location.endswith("/badge")


def test_a_guest_whose_phone_is_inside_leads_to_the_form_that_says_who_it_is(
    app: Flask, cast: Cast, desk: FoyerClient
) -> None:
    there, made = arrive(app, cast, name="王五", phone=PHONE), make(app, cast, entries=2)
    answer = touched(desk, f"/invitations/{made.ref}", f"/invitations/{made.ref}/arrivals")
    assert answer.location == f"/desk/sign-in?invitation={made.ref}"
    page = desk.get(answer.location).page
    assert page.select_one(f"#inside [name=sign_out][value='{there.ref}']")
    assert page.select_one(f"#inside a[href='/visits/{there.ref}']")
    assert [visit.ref for visit in all_of(app, Visit)] == [there.ref]


def test_who_came_without_the_code_is_joined_by_one_touch(app: Flask, cast: Cast, desk: FoyerClient) -> None:
    made, visit = make(app, cast), arrive(app, cast, waits=True, phone=PHONE)
    other = arrive(app, cast, phone="+8613800138077", name="孙八")
    join = f"/invitations/{made.ref}/joins"
    assert len(desk.get("/desk").page.select(f"form[action='{join}']")) == 1
    assert "was invited for" in desk.get(f"/visits/{visit.ref}").words
    assert "was invited for" not in desk.get(f"/visits/{other.ref}").words
    assert touched(desk, "/desk", join).location == "/desk"
    with app.app_context(), reading():
        assert db.session.scalar(select(InvitationEntry.visit_id)) == visit.id
        assert db.session.get_one(Visit, visit.id).state == VisitState.INSIDE
    assert not desk.get("/desk").page.select(f"form[action='{join}']")


def test_a_guest_has_come_when_the_corrected_visit_says_so(
    app: Flask, cast: Cast, desk: FoyerClient, clock: time_machine.Traveller
) -> None:
    made = make(app, cast)
    with app.app_context(), writing():
        visit = come(cast, made.id).ref
    row, entry = f"#g-{made.ref}", f"/invitations/{made.ref}"
    assert "Has come, 09:30" in desk.get("/invitations/today").page.select_one(row).get_text()
    clock.shift(600)
    form = desk.submit(f"/visits/{visit}", form=f"form[action='/visits/{visit}/corrections/looks']").page
    fields = form.select_one(f"form[action='/visits/{visit}/corrections']").select("input[name]")
    typed = {
        one["name"]: one.get("value", "") for one in fields if one.get("type") != "radio" or one.has_attr("checked")
    }
    said = {"arrived_at": "09:12", "times_why": "came while the screen was away"}
    assert desk.post(f"/visits/{visit}/corrections", data=typed | said).status_code == 303
    assert "Has come, 09:12" in desk.get("/invitations/today").page.select_one(row).get_text()
    assert "Came last 09:12" in desk.get(entry).words


def test_taken_back_and_invited_again(app: Flask, cast: Cast, desk: FoyerClient) -> None:
    made = make(app, cast)
    page = f"/invitations/{made.ref}"
    assert touched(desk, page, f"{page}/withdrawals").location == page
    assert "Taken back" in desk.get(page).words
    assert touched(desk, page, f"{page}/letters").location == page
    assert "Expected" in desk.get(page).words


def test_a_group_code_asks_for_the_name(app: Flask, cast: Cast, desk: FoyerClient) -> None:
    said = {"guests": "", "group": "12", "whom": f"host:{cast.host_ref}"}
    desk.submit(f"{NEW}?whom=host:{cast.host_ref}", said, form=FORM)
    [made] = all_of(app, Invitation)
    assert (made.name, made.entries) == ("", 12)
    page = desk.get(f"/invitations/{made.ref}").page
    link = page.select_one("a[href*='/desk/sign-in']")["href"]
    answer = desk.submit(link, {"name": "孙八", "phone": "13800138009"}, form="form[action='/desk/sign-in']")
    assert answer.location.endswith("/badge")
    with app.app_context(), reading():
        assert db.session.scalar(select(func.count()).select_from(InvitationEntry)) == 1


def test_another_sites_desk_sees_nothing(app: Flask, cast: Cast, clock) -> None:
    made = make(app, cast)
    other = at_desk(app, cast, "qian")
    for page in ("", "/slip"):
        assert other.get(f"/invitations/{made.ref}{page}").status_code == 404
    assert "王" not in other.get("/invitations/today").words
    assert "王*" not in other.get("/invitations").words


def test_a_supervisor_reads_masked_names(app: Flask, cast: Cast, clock) -> None:
    make(app, cast)
    page = at_desk(app, cast, "wu").get("/invitations/today")
    assert "王*" in page.words
    assert "王五" not in page.text
    assert not page.page.select("main form")


@pytest.mark.parametrize("count", [1, 60])
def test_today_takes_few_statements_however_many_are_expected(
    app: Flask, cast: Cast, desk: FoyerClient, count: int
) -> None:
    with app.app_context(), writing():
        for number in range(count):
            make_invitation(cast, name=f"客{number}", phone="")
    sent: list[str] = []
    with app.app_context():
        event.listen(db.engine, "before_cursor_execute", lambda c, cur, sql, *rest: sent.append(sql))
    desk.get("/invitations/today")
    assert len(sent) <= 8, "\n".join(sent)


def test_the_desk_counts_as_expected_whom_the_list_shows(app: Flask, cast: Cast, clock: time_machine.Traveller) -> None:
    now = house_clock.now()
    make(app, cast, name="晚来", phone="", begins_at=now + timedelta(hours=3))
    make(app, cast, name="两天", phone="", begins_at=now, hours=48)
    make(app, cast, name="过了", phone="", begins_at=now, hours=1)
    came = make(app, cast, name="来了", phone="")
    with app.app_context(), writing():
        come(cast, came.id)
    clock.shift(2 * 3600)
    assert expected(at_desk(app, cast)) == ("2", ["两天", "晚来"])
    clock.shift(22 * 3600)
    assert expected(at_desk(app, cast)) == ("1", ["两天"])


def expected(desk: FoyerClient) -> tuple[str, list[str]]:
    """The number on the desk, and the names in the list behind it."""
    behind = desk.get("/desk").page.select_one(".figs a[href='/invitations/today']")
    listed = desk.get(str(behind["href"])).page.select("[aria-labelledby=t1] li h3")
    return behind.select_one("b").get_text(), [name.get_text(strip=True) for name in listed]
