"""A comment demands a correction: it goes to a person, comes back answered, and is accepted or asked again (R1)."""

import pytest

from domain.database import db, reading, writing
from domain.people.models import Person
from domain.sites.models import Site
from tests.cast import at_desk
from tests.factories import PASSWORD


@pytest.fixture
def place(app, cast):
    """The address of the register of visits at Qingyu."""
    with app.app_context(), reading():
        return f"/review/registers/{db.session.get_one(Site, cast.site_id).ref}/visits"


def ref_of(app, cast, login):
    """How a form names somebody."""
    with app.app_context(), reading():
        return db.session.get_one(Person, cast.people[login]).ref


COMMENT, ANSWER = "form[action$=comments]", "form[action$=answers]"


def test_a_correction_goes_to_who_wrote_the_entry_and_comes_back(app, cast, desk, place):
    visit = desk.visits(2)[0]
    wu, lisi = at_desk(app, cast, "wu"), at_desk(app, cast, "lisi")
    url = wu.get(place).page.select_one("[data-entry]")["href"]
    offered = wu.get(url).page.select("select[name=to] option")
    assert [option.get_text() for option in offered[:2]] == ["No, only a comment", "Lisi"], "Who wrote it comes first."
    asked = wu.submit(url, {"text": "全名是什么？", "to": ref_of(app, cast, "lisi")}, form=COMMENT)
    assert asked.status_code == 303
    page = wu.get(place)
    assert "全名是什么？" in page.words
    assert "1 correction is not answered yet" in page.words
    for where in ("/desk", "/account"):
        assert "A correction is asked of you" in lisi.get(where).words
    # Signing waits for the answer.
    values = {field["name"]: field.get("value", "") for field in page.page.select("#sign input[name]")}
    boxes = [box["value"] for box in page.page.select("[name=entry]")]
    action = str(page.page.select_one("#sign")["action"])
    refused = wu.post(action, data=values | {"entry": boxes, "password": PASSWORD})
    assert refused.status_code == 422
    assert "No. 0001 waits for its correction." in refused.words
    mine = lisi.submit("/review/asked", {"text": ""}, form=ANSWER)
    assert mine.status_code == 422
    assert "Correct the entry first, or write why it stays as it is." in mine.words
    desk.correct(visit, "王小明")
    assert "You can answer without words" in lisi.get("/review/asked").words
    assert lisi.submit("/review/asked", {"text": ""}, form=ANSWER).status_code == 303
    assert "Nothing is asked of you" not in lisi.get("/review/asked").words
    assert "asked of you" not in lisi.get("/desk").words
    assert "Corrections that came back" in wu.get("/review").words
    again = wu.submit(url, {"missing": "单位也写上"}, form="form[action$=demands]")
    assert again.status_code == 303
    assert lisi.submit("/review/asked", {"text": "访客没有单位"}, form=ANSWER).status_code == 303
    assert wu.submit(url, form="form[action$=acceptances]").status_code == 303
    told = wu.get(url).words
    for words in ("全名是什么？", "单位也写上", "访客没有单位", "Correction accepted", "王*明"):
        assert words in told
    assert wu.submit(url, {"text": "好"}, form=COMMENT).status_code == 303


def test_who_was_not_asked_cannot_answer_and_nothing_is_accepted_twice(app, cast, desk, place):
    desk.visits(1)
    wu, lisi, zhou = (at_desk(app, cast, login) for login in ("wu", "lisi", "zhou"))
    url = wu.get(place).page.select_one("[data-entry]")["href"]
    empty = wu.submit(url, {"text": "", "to": ref_of(app, cast, "lisi")}, form=COMMENT)
    assert empty.status_code == 422
    assert "Write what is to be said." in empty.words
    foreign = wu.submit(url, {"text": "改", "to": ref_of(app, cast, "qian")}, form=COMMENT)
    assert foreign.status_code == 422
    wu.submit(url, {"text": "改", "to": ref_of(app, cast, "lisi")}, form=COMMENT)
    form = lisi.get("/review/asked").page.select_one(ANSWER)
    token = form.select_one("[name=form_token]")["value"]
    assert at_desk(app, cast, "chen").get("/review/asked").status_code == 200
    other = zhou.get("/review/asked")
    assert "Nothing is asked of you." in other.words
    sent = {"form_token": token, "text": "已改"}
    assert lisi.post(str(form["action"]), data=sent).status_code == 303
    assert lisi.post(str(form["action"]), data=sent).status_code == 303, "A double touch is one answer."
    drawn = wu.get(url).page.select_one("form[action$=acceptances]")
    action = str(drawn["action"])
    fields = {field["name"]: field["value"] for field in drawn.select("input")}
    assert wu.post(action, data=fields).status_code == 303
    second = wu.get(url)
    assert second.page.select_one("form[action$=acceptances]") is None
    late = at_desk(app, cast, "wu")
    token = late.get(url).page.select_one("[data-comment] [name=form_token]")["value"]
    assert late.post(action, data={"form_token": token}).status_code == 422, "A token serves its own form alone."


def test_htmx_redraws_the_entry_alone(app, cast, desk, place):
    desk.visits(1)
    wu = at_desk(app, cast, "wu")
    url = wu.get(place).page.select_one("[data-entry]")["href"]
    drawn = wu.htmx(url, target="beside").page.select_one(COMMENT)
    values = {field["name"]: field.get("value", "") for field in drawn.select("input[name], select[name]")}
    said = wu.htmx(str(drawn["action"]), method="POST", target="beside", data=values | {"text": "看过", "to": ""})
    assert said.status_code == 200
    assert said.page.select_one("#beside") is not None
    assert "看过" in said.words


def test_the_newest_line_stands_in_history_and_table_without_a_reload(app, cast, desk, place):
    desk.visits(1)
    wu = at_desk(app, cast, "wu")
    url = wu.get(place).page.select_one("[data-entry]")["href"]
    drawn = wu.htmx(url, target="beside").page.select_one(COMMENT)
    values = {field["name"]: field.get("value", "") for field in drawn.select("input[name], select[name]")}
    sent = values | {"text": "看过", "to": ""}
    said = wu.htmx(str(drawn["action"]), method="POST", target="beside", data=sent).page
    newest = said.select_one("#beside .facts li").get_text(" ")
    assert newest.split()[:3] == ["Comment:", "看过", "Wu"]
    assert len(said.select("#beside .facts li")) == len(wu.get(url).page.select("#beside .facts li")), (
        "Once, not twice."
    )
    cell = wu.get(place).page.select_one("tr.say td [id]")
    told = said.select_one("hx-partial")
    assert told["hx-target"] == f"#{cell['id']}", "The comment goes under its row of the table."
    assert told.select_one("p").get_text(" ") == cell.select_one("p").get_text(" ")


def test_what_was_said_is_named_in_the_language_of_each_reader(app, cast, desk, place):
    visit = desk.visits(1)[0]
    wu, lisi = at_desk(app, cast, "wu"), at_desk(app, cast, "lisi")
    url = wu.get(place).page.select_one("[data-entry]")["href"]
    wu.submit(url, {"text": "全名是什么？", "to": ref_of(app, cast, "lisi")}, form=COMMENT)
    desk.correct(visit, "王小明")
    lisi.submit("/review/asked", {"text": ""}, form=ANSWER)
    for language, answer in (("en", "Answer"), ("zh_Hans", "答复")):
        with app.app_context(), writing():
            db.session.get_one(Person, cast.people["wu"]).language = language
        assert [said.get_text().split()[-1] for said in wu.get(url).page.select(".thread b")][-1] == answer
