"""The supervisor reads a register and signs a span; the seal's head stands on the page and on paper (R1, R2)."""

from datetime import timedelta

import pytest

from domain import clock as time
from domain.database import db, reading, writing
from domain.review.models import Review, Seal
from domain.sites.models import Site
from tests import factories as make
from tests.cast import at_desk
from tests.factories import PASSWORD
from tests.invited import make_invitation


@pytest.fixture
def place(app, cast):
    """The address of the register of visits at Qingyu."""
    with app.app_context(), reading():
        return f"/review/registers/{db.session.get_one(Site, cast.site_id).ref}/visits"


def reviews(app):
    """The signatures of the database."""
    with app.app_context(), reading():
        return db.session.execute(db.select(*Review.__table__.c).order_by(Review.number)).all()


def refs(answer, ticked=False):
    """The refs of the entries that a page offers, or of those that are ticked."""
    return [box["value"] for box in answer.page.select("[name=entry][checked]" if ticked else "[name=entry]")]


def sent(answer, **more):
    """What the form of the page would send."""
    form = answer.page.select_one("#sign")
    values = {field["name"]: field.get("value", "") for field in form.select("input[name]")}
    return str(form["action"]), values | {"entry": refs(answer), "password": PASSWORD, "remark": "已核对"} | more


def test_what_wants_reading_is_shown_and_a_span_is_signed(app, cast, desk, place):
    desk.visits(3)
    wu = at_desk(app, cast, "wu")
    board = wu.get("/review")
    assert place in [link["href"] for link in board.page.select("th a")]
    assert "0 of 2" in board.words
    page = wu.get(place)
    assert "3 not signed" in page.words
    assert "0003" in page.words
    # Everybody is still in the building: nothing is ticked by itself.
    assert refs(page, ticked=True) == []
    action, values = sent(page)
    assert wu.post(action, data=values).status_code == 303
    after = wu.get(place)
    assert "Everything is signed." in after.words
    assert "Signed and sealed: 3 entries, signature 1." in after.words
    (review,) = reviews(app)
    assert (review.first, review.last, review.entries, review.register) == (1, 3, 3, "visits")
    paper = wu.get(f"/review/signatures/{review.ref}")
    with app.app_context(), reading():
        head = db.session.scalars(db.select(Seal.head).order_by(Seal.number.desc())).first()
    assert head.upper() in paper.words.replace(" ", "")
    assert paper.page.select_one(".qr svg")
    scanned = wu.get(f"/review/seals?site={place.split('/')[3]}&head={head}")
    assert "This is the head of seal" in scanned.words
    assert "1 of 2" in wu.get("/review").words
    assert "0001–0003" in wu.get(place + "/signed").words


def test_what_arrives_or_changes_while_one_reads_is_not_signed(app, cast, desk, place):
    first = desk.visits(3)[0]
    wu = at_desk(app, cast, "wu")
    action, values = sent(wu.get(place))
    desk.visits(2, begin=50)
    desk.correct(first, "改正")
    assert wu.post(action, data=values).status_code == 303
    left = wu.get(place)
    assert "Changed while you read, and left for the next time: 0001" in left.words
    assert "3 not signed" in left.words
    assert len(refs(left)) == 3
    action, values = sent(left)
    assert wu.post(action, data=values).status_code == 303
    assert [(it.first, it.last, it.entries) for it in reviews(app)] == [(1, 3, 2), (4, 5, 3)]
    desk.correct(first, "再改正")
    again = wu.get(place)
    assert "From earlier" in again.words
    assert refs(again) == [refs(left)[0]]


def test_every_bad_signature_is_refused_in_words(app, cast, desk, place):
    desk.visits(3)
    wu = at_desk(app, cast, "wu")
    with app.app_context(), writing():
        other = db.session.get_one(Site, cast.other_site_id)
        purpose, unit = make.make_purpose(other), make.make_unit(other, "0909", "远处公司")
        foreign = make.make_visit(other, purpose, unit, phone="+8613800138999").ref

    def refused(status, words, **more):
        answer = wu.post(action, data=sent(wu.get(place))[1] | more)
        assert answer.status_code == status, answer.words
        assert words in answer.words
        assert reviews(app) == []
        return answer

    action, values = sent(wu.get(place))
    kept = refused(
        422, "This is not the password of your account.", password="wrong wrong wrong", entry=values["entry"][:1]
    )
    assert refs(kept, ticked=True) == values["entry"][:1]
    assert "已核对" in kept.page.select_one("[name=remark]").text
    refused(422, "Enter the password.", password="")
    refused(422, "Tick at least one entry.", entry=[])
    refused(422, "is not in this span", entry=[*values["entry"], foreign])
    refused(422, "does not begin where the last one ended", first="2")
    refused(422, "is not in this span", last="0")
    refused(422, "does not fit the register", last="500")
    refused(422, "does not fit the register", up_to="99999")
    refused(422, "does not fit the register", first="one")
    refused(422, "At most 1000 characters", remark="x" * 1001)


def test_of_two_who_sign_the_same_span_one_comes_second(app, cast, desk, place):
    desk.visits(2)
    with app.app_context(), writing():
        site = db.session.get_one(Site, cast.site_id)
        cast.people["zheng"] = make.make_person("zheng", make.Role.SUPERVISOR, site, name="郑主管").id
    wu, zheng = at_desk(app, cast, "wu"), at_desk(app, cast, "zheng")
    action, values = sent(wu.get(place))
    _action, theirs = sent(zheng.get(place))
    assert zheng.post(action, data=theirs).status_code == 303
    second = wu.post(action, data=values)
    assert second.status_code == 409
    assert "郑主管 has signed up to No. 0002 meanwhile" in second.words
    # The same form twice is one signature, and the second answer is as good as the first.
    assert zheng.post(action, data=theirs).status_code == 303
    assert len(reviews(app)) == 1


def test_the_lead_and_the_manager_read_and_do_not_sign(app, cast, desk, place):
    desk.visits(1)
    for login in ("zhou", "he"):
        reader = at_desk(app, cast, login)
        page = reader.get(place)
        assert "0001" in page.words
        assert page.page.select_one("#sign") is None
        assert reader.submit(place, form="form[action$=readings]").status_code == 303
    assert at_desk(app, cast, "lisi").get(place).status_code == 403
    assert reviews(app) == []


def test_a_look_at_the_full_data_needs_a_reason_and_is_logged(app, cast, desk, place):
    desk.visits(1)
    wu = at_desk(app, cast, "wu")
    url = wu.get(place).page.select_one("[data-entry]")["href"]
    masked = wu.htmx(url, target="beside")
    assert masked.page.select_one("#beside") is not None
    assert "138****0000" in masked.words
    assert "138 0010 0000" not in masked.words
    refused = wu.submit(url, {"reason": ""}, form="form[action$=looks]")
    assert refused.status_code == 422
    full = wu.submit(url, {"reason": "核对电话"}, form="form[action$=looks]")
    assert "00000" in full.words.replace(" ", "")
    assert "Review: 核对电话" in wu.get(url).words


def test_a_site_says_how_often_and_the_week_counts(app, cast, desk, place, clock):
    desk.visits(1)
    he = at_desk(app, cast, "he")
    assert he.submit("/review/duties", {"times": "3"}, form="form.card").status_code == 303
    assert "0 of 3" in he.get("/review").words
    clock.shift(timedelta(days=7))
    board = at_desk(app, cast, "wu").get("/review")
    late = [cell.get_text() for cell in board.page.select("td .st[data-s=late]")]
    assert late == ["0 of 3"]


def test_the_seals_are_checked_on_their_page(app, cast, desk, place):
    desk.visits(2)
    wu = at_desk(app, cast, "wu")
    action, values = sent(wu.get(place))
    wu.post(action, data=values)
    assert "were not checked yet" in wu.get("/review/seals").words
    assert wu.submit("/review/seals", form="form[action*=checks]").status_code == 303
    assert "Whole: at the check of" in wu.get("/review/seals").words
    from tests.domain.review.test_sealing import run, unguarded

    with unguarded(app):
        run("UPDATE events SET kind = 'visit.left' WHERE site_id = :s AND number = 2", s=cast.site_id)
    assert wu.submit("/review/seals", form="form[action*=checks]").status_code == 303
    said = wu.get("/review/seals").words
    assert "Event 2" in said
    assert "was changed." in said
    assert "No seal here has this head" in wu.get("/review/seals?head=0000000000").words


def test_a_span_is_read_narrowed_by_filters_and_signed_whole_alone(app, cast, desk, place):
    desk.correct(desk.visits(3)[1], "王小明")
    wu = at_desk(app, cast, "wu")
    whole = wu.get(place)
    assert whole.page.select_one("form.filters [name=state]") is not None, "The filters of the register's own list."
    narrowed = wu.get(place, query_string={"text": "王小明"})
    assert [cell.get_text() for cell in narrowed.page.select("[data-entry]")] == ["0002"]
    assert "1 of 3 entries that wait match." in narrowed.words
    assert "What is signed is the whole span, never a part that filters show." in narrowed.words
    assert narrowed.page.select_one("#sign") is None
    assert narrowed.page.select("[name=entry]") == []
    assert narrowed.page.select_one("form[action$=readings]") is None, "Nothing is marked as read that was not shown."
    nothing = wu.get(place, query_string={"text": "没有这个人"})
    assert "Nothing that waits to be signed matches these filters." in nothing.words
    assert narrowed.page.select_one(f'a[href="{place}"]') is not None
    assert wu.get(place).page.select_one("#sign") is not None


def test_filters_find_what_lies_beyond_the_page_and_from_earlier(app, cast, desk, place):
    ids = desk.visits(60)
    for visit_id, name in ((ids[59], "欧阳春"), (ids[1], "欧阳秋")):
        desk.correct(visit_id, name)
    wu = at_desk(app, cast, "wu")
    desk.sign(desk.shown(1, 3, but=(2,)))
    found = wu.get(place, query_string={"text": "欧阳"}).page.select("[data-entry]")
    assert [cell.get_text() for cell in found] == ["0002", "0060"]


def test_an_end_before_its_begin_is_told_at_its_field(app, cast, desk, place):
    desk.visits(1)
    wu = at_desk(app, cast, "wu")
    asked = {"span": "own", "since": "2026-03-05", "until": "2026-03-01"}
    refused = wu.get(place, query_string=asked)
    assert refused.status_code == 422
    told = refused.page.select_one(".field:has([name=until]) .err")
    assert "The end lies before the beginning: choose 2026-03-05 or later." in told.get_text()
    assert refused.page.select_one("#sign") is None


def test_what_was_sealed_is_counted_up_to_its_last_number(app, cast, desk, place):
    # What was left from earlier is counted too, so that no span of numbers would fit the count.
    desk.visits(4)
    desk.sign(desk.shown(1, 2, but=(1,)))
    desk.sign(desk.shown(3, 3, more=(1,)))
    words = at_desk(app, cast, "wu").get(place).words
    assert "Sealed: 2 entries, up to No. 0003." in words


def test_what_is_left_out_is_named_before_and_after(app, cast, desk, place):
    desk.visits(5)
    desk.sign(desk.shown(1, 3, but=(2,)))
    wu = at_desk(app, cast, "wu")
    page = wu.get(place)
    assert "Sealed: 2 entries, up to No. 0003; left out: 1." in page.words
    assert "From earlier, what is ticked of: 0002" in page.page.select_one("#sign").get_text(" ", strip=True)
    action, values = sent(page)
    wu.post(action, data=values | {"entry": refs(page)[:2]})
    after = wu.get(place)
    assert "Signed and sealed: 2 entries, signature 2." in after.words
    assert "Not signed, because not ticked: 0005" in after.words
    assert "Sealed: 2 entries, up to No. 0005; left out: 1." in after.words


def test_the_oldest_entry_is_the_one_that_was_made_first(app, cast, desk):
    # An invitation for tomorrow was made today, and nothing oldest lies ahead.
    with app.app_context(), writing():
        made = make_invitation(cast, begins_at=time.now() + timedelta(days=1)).made_at
    rows = at_desk(app, cast, "wu").get("/review").page.select("tbody tr")
    (oldest,) = [row.select("td")[3].get_text() for row in rows if "invitations" in row.select_one("a")["href"]]
    assert oldest == f"{time.local(made, 'Asia/Shanghai'):%H:%M}"


def test_the_oldest_entry_may_be_one_that_was_left_from_earlier(app, cast, desk, clock):
    desk.visits(2)
    left = time.now()
    clock.shift(timedelta(minutes=90))
    desk.visits(2, begin=2)

    def oldest():
        rows = at_desk(app, cast, "wu").get("/review").page.select("tbody tr")
        return [row.select("td")[3].get_text() for row in rows if "Register of visits" in row.get_text()]

    desk.sign(desk.shown(1, 4, but=(2,)))
    assert oldest() == [f"{time.local(left, 'Asia/Shanghai'):%H:%M}"]
    clock.shift(timedelta(minutes=90))
    desk.visits(1, begin=4)
    assert oldest() == [f"{time.local(left, 'Asia/Shanghai'):%H:%M}"], "a younger one waits too"
    desk.sign(desk.shown(5, 5, more=(2,)))
    assert oldest() == ["–"]


def test_a_register_that_nobody_has_to_check_says_nothing_of_the_week(app, cast, desk):
    desk.visits(1)
    board = at_desk(app, cast, "wu").get("/review")
    weeks = {row.select_one("th").get_text(): row.select("td")[-2].get_text() for row in board.page.select("tbody tr")}
    assert "0 of 2" in weeks["Register of visits"]
    assert weeks["History of changes"] == "–"
    assert "nothing to sign" in weeks["Register of keys"]
