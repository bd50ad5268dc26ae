"""People and roles: accounts made, changed, granted, given a way back in, signed out, closed."""

from typing import Any

import pytest
from flask import Flask
from sqlalchemy import select

from domain.database import db, reading, writing
from domain.people.models import Grant, Person
from domain.permissions import Role
from domain.sites.models import Site
from tests.blueprints.admin.conftest import BAD
from tests.cast import Cast, at_desk
from tests.client import FoyerClient

MAIN = "main form[method=post]"


def refs(app: Flask, cast: Cast) -> tuple[str, str]:
    with app.app_context(), reading():
        return db.session.get_one(Site, cast.site_id).ref, db.session.get_one(Site, cast.other_site_id).ref


def grants(app: Flask, login: str) -> set[tuple[str, int | None]]:
    with app.app_context(), reading():
        statement = select(Grant.role, Grant.site_id).join(Person).where(Person.login == login)
        return {(row.role, row.site_id) for row in db.session.execute(statement)}


def admin_of_other(app: Flask, cast: Cast) -> FoyerClient:
    """Qian, made admin of Other Place alone."""
    with app.app_context(), writing():
        db.session.add(Grant(person_id=cast.people["qian"], role=Role.ADMIN, site_id=cast.other_site_id))
    return at_desk(app, cast, "qian")


def test_an_account_is_made_with_its_roles_and_a_link(app: Flask, cast: Cast, admin: FoyerClient) -> None:
    here, other = refs(app, cast)
    typed: dict[str, Any] = {"name": "孙八", "login": "Sunba", "grants": [f"lead:{here}", f"receptionist:{other}"]}
    answer = admin.submit("/admin/people/new", typed, form=MAIN)
    assert answer.status_code == 303
    assert grants(app, "sunba") == {("lead", cast.site_id), ("receptionist", cast.other_site_id)}
    url = answer.location
    shown = admin.submit(url, form=f"form[action='{url}/links']")
    assert shown.status_code == 200
    link = shown.page.select_one("code").get_text()
    assert app.test_client().get(link.partition("localhost")[2]).status_code == 200
    assert "/reset/" not in admin.get(url).text, "it is shown once"


@pytest.mark.parametrize(
    ("typed", "field"),
    [
        ({"name": ""}, "name"),
        ({"name": "😀"}, "name"),
        ({"login": ""}, "login"),
        ({"login": "a"}, "login"),
        ({"login": "<script>"}, "login"),
        ({"login": "x" * 10_000}, "login"),
        ({"phone": "12"}, "phone"),
        ({"email": "nobody"}, "email"),
        ({"language": "xx"}, "language"),
        *(({"name": bad}, "name") for bad in BAD.values()),
    ],
)
def test_what_cannot_be_is_refused_at_its_field(
    admin: FoyerClient, lisi_url: str, typed: dict[str, str], field: str
) -> None:
    answer = admin.submit(f"{lisi_url}/edit", typed, form=MAIN)
    assert answer.status_code == 422
    assert answer.page.select_one(f"#{field}-e")


def test_a_user_name_is_given_once(admin: FoyerClient, lisi_url: str) -> None:
    answer = admin.submit(f"{lisi_url}/edit", {"login": "ZHOU"}, form=MAIN)
    assert answer.status_code == 409
    assert "This user name is taken." in answer.page.select_one("#login-e").get_text()


def test_an_account_needs_a_role(app: Flask, cast: Cast, admin: FoyerClient) -> None:
    answer = admin.submit("/admin/people/new", {"name": "孙八", "login": "sunba"}, form=MAIN)
    assert answer.status_code == 422
    assert "Give at least one role" in answer.page.select_one("#grants-e").get_text()


def test_roles_are_given_and_taken_by_site(app: Flask, cast: Cast, admin: FoyerClient, lisi_url: str) -> None:
    here, other = refs(app, cast)
    chosen = [f"lead:{here}", f"attendant:{other}", "supervisor:all"]
    assert admin.submit(f"{lisi_url}/roles", {"grants": chosen}, form=MAIN).status_code == 303
    assert grants(app, "lisi") == {("lead", cast.site_id), ("attendant", cast.other_site_id), ("supervisor", None)}
    assert "Supervisor, every site" in admin.get(lisi_url).words
    refused = admin.submit(f"{lisi_url}/roles", {"grants": ["king:all"]}, form=MAIN)
    assert refused.status_code == 422


def test_somebody_stays_admin_of_everything(app: Flask, cast: Cast, admin: FoyerClient) -> None:
    with app.app_context(), reading():
        xu = f"/admin/people/{db.session.get_one(Person, cast.people['xu']).ref}"
    refused = admin.submit(f"{xu}/roles", {"grants": []}, form=MAIN)
    assert refused.status_code == 422
    assert refused.page.select_one("#grants-e")
    assert admin.submit(f"{xu}/departure", form=MAIN).status_code == 422


def test_who_left_and_who_is_signed_out_is_out_at_once(
    app: Flask, cast: Cast, admin: FoyerClient, lisi_url: str
) -> None:
    desk = at_desk(app, cast)
    assert "Sign out everywhere" in admin.get(lisi_url).words
    assert admin.submit(f"{lisi_url}/sign-out", form=MAIN).status_code == 303
    assert desk.get("/visits").status_code == 303
    desk = at_desk(app, cast)
    assert admin.submit(f"{lisi_url}/departure", form=MAIN).status_code == 303
    assert desk.get("/visits").status_code == 303
    assert "Left" in admin.get("/admin/people").words


def test_an_admin_of_one_site_reaches_no_further(app: Flask, cast: Cast, lisi_url: str) -> None:
    browser = admin_of_other(app, cast)
    page = browser.get("/admin/people")
    assert "qian" in page.words
    assert "lisi" not in page.words
    for part in ("", "/edit", "/roles", "/sign-out", "/departure"):
        assert browser.get(lisi_url + part).status_code == 404, part
    drawn = browser.get("/admin/people/new")
    assert drawn.page.select_one("input[value='admin:all']") is None
    here, _ = refs(app, cast)
    refused = browser.submit(
        "/admin/people/new", {"name": "孙八", "login": "sunba", "grants": [f"admin:{here}"]}, form=MAIN
    )
    assert refused.status_code == 422
    assert grants(app, "sunba") == set()


def test_roles_beyond_the_own_reach_stay_as_they_are(app: Flask, cast: Cast) -> None:
    with app.app_context(), writing():
        db.session.add(Grant(person_id=cast.people["lisi"], role=Role.RECEPTIONIST, site_id=cast.other_site_id))
        url = f"/admin/people/{db.session.get_one(Person, cast.people['lisi']).ref}"
    browser, (_, other) = admin_of_other(app, cast), refs(app, cast)
    page = browser.get(url)
    assert "This account also belongs to sites where you are not admin." in page.words
    assert browser.submit(f"{url}/roles", {"grants": [f"lead:{other}"]}, form=MAIN).status_code == 303
    assert grants(app, "lisi") == {("receptionist", cast.site_id), ("lead", cast.other_site_id)}
    assert browser.submit(f"{url}/edit", {"name": "别人"}, form=MAIN).status_code == 403


def test_nobody_but_an_admin_manages_accounts(app: Flask, cast: Cast, lisi_url: str) -> None:
    for login in ("lisi", "chen", "zhou", "wu", "he"):
        browser = at_desk(app, cast, login)
        for url in ("/admin/people", "/admin/people/new", lisi_url):
            assert browser.get(url).status_code == 403, (login, url)
