"""Pages of one site say to who works at none yet that a site is to be chosen, and lead there."""

from flask import Flask

from domain import clock
from domain.codes import new_token
from domain.database import db, writing
from domain.people.models import Person
from domain.permissions import Role
from tests import factories as make
from tests.cast import Cast
from tests.client import FoyerClient
from web import sessions

PAGES = (
    *("/admin/kiosks", "/admin/kiosks/new", "/admin/units", "/admin/units/new", "/admin/hosts", "/admin/departments"),
    *("/keys/cabinets", "/meetings/rooms", "/meetings/service", "/admin/privacy/looks"),
)


def nowhere(app: Flask, person_id: int) -> FoyerClient:
    """The browser of that person, who works at no site yet."""
    with app.app_context(), writing():
        person = db.session.get_one(Person, person_id)
        token = sessions.begin(person, site_id=None, shared_device=False, second_factor=True, now=clock.now())
    client = app.test_client()
    with client.session_transaction() as session:
        session["_user_id"], session["_fresh"], session["sid"] = token, True, new_token()
    assert isinstance(client, FoyerClient)
    return client


def test_each_says_that_a_site_is_to_be_chosen_and_leads_there_and_back(app: Flask, cast: Cast) -> None:
    admin = nowhere(app, cast.people["xu"])
    for path in PAGES:
        answer = admin.get(path)
        assert answer.status_code == 404, path
        assert "you have not chosen yet at which you work now" in answer.words, path
        assert answer.page.select_one("main a.btn[data-k=main]")["href"] == f"/site?next={path}"
        assert answer.page.select_one("nav.rail"), "the way to everything else stays"
    assert admin.submit("/site?next=/admin/kiosks").location == "/admin/kiosks"
    assert admin.get("/admin/kiosks").status_code == 200


def test_the_first_site_somebody_adds_is_where_they_work_and_a_second_one_is_not(app: Flask) -> None:
    with app.app_context(), writing():
        person_id = make.make_person("root", Role.ADMIN, None).id
    admin = nowhere(app, person_id)
    assert admin.get("/admin/kiosks").page.select_one("main a.btn[data-k=main]")["href"] == "/admin/sites/new"
    for name in ("Qingyu", "Other Place"):
        added = admin.submit("/admin/sites/new", {"name": name}, form="main form[method=post]")
        assert added.status_code == 303
    assert "Qingyu" in admin.get("/account").page.select_one("dl.kv").text
    assert admin.get("/admin/kiosks").status_code == 200
