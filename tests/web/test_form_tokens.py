"""The forms of a page share a token but for a number; each is good once, and for its own view alone."""

from flask import Flask

from domain import clock as time
from domain.database import db, writing
from domain.occupants.models import Host, Unit
from domain.sites.models import Purpose, Site
from tests import factories as make
from tests.cast import Cast, at_desk


def test_each_form_of_a_page_is_good_once_and_its_number_must_be_one(app: Flask, cast: Cast) -> None:
    with app.app_context(), writing():
        site, unit = db.session.get_one(Site, cast.site_id), db.session.get_one(Unit, cast.unit_id)
        purpose, host = db.session.get_one(Purpose, cast.purpose_id), db.session.get_one(Host, cast.host_id)
        for last in (1, 2):
            make.make_visit(site, purpose, unit, host, phone=f"+861380013800{last}", now=time.now())
    browser = at_desk(app, cast)
    forms = browser.get("/desk").page.select("form[action$=departures]")
    tokens = [str(form.select_one("[name=form_token]")["value"]) for form in forms]
    shared, _dot, number = tokens[0].rpartition(".")
    assert [token.rpartition(".")[0] for token in tokens] == [shared, shared]
    for forged in (shared, f"{shared}.", f"{shared}.x", f"{shared}.١", f"{shared}.12345", f"x{tokens[0]}"):
        assert browser.post(forms[0]["action"], data={"form_token": forged}).status_code == 422, forged
    for form, token in zip(forms, tokens, strict=True):
        assert browser.post(form["action"], data={"form_token": token}).status_code == 303
        assert browser.post(form["action"], data={"form_token": token}).status_code == 303, "the same answer again"
    other = at_desk(app, cast, "zhou")
    assert other.post(forms[0]["action"], data={"form_token": f"{shared}.{int(number) + 9}"}).status_code == 422
