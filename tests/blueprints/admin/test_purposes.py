"""Purposes: in order, added, changed, moved, retired."""

from typing import Any

import pytest
from flask import Flask

from domain.database import db, reading, writing
from domain.sites.models import Purpose, Site
from domain.sites.queries import purposes_of
from tests.blueprints.admin.conftest import ODD
from tests.cast import Cast
from tests.client import FoyerClient

MAIN = "main form[method=post]"


def listed(admin: FoyerClient, site_url: str) -> list[str]:
    return [each.get_text() for each in admin.get(f"{site_url}/purposes").page.select("main .row h2")]


def test_a_purpose_is_added_at_the_end(app: Flask, cast: Cast, admin: FoyerClient, site_url: str) -> None:
    typed: dict[str, Any] = {
        "name_zh_Hans": "看房",
        "name_en": "Viewing",
        "name_ja": "内見",
        "icon": "key",
        "waits_for_host": "1",
        "stay_minutes": "30",
        "field_plate": "must",
    }
    assert admin.submit(f"{site_url}/purposes/new", typed, form=MAIN).status_code == 303
    assert listed(admin, site_url) == ["Meeting", "Interview", "Viewing"]
    with app.app_context(), reading():
        made = db.session.scalars(purposes_of(cast.site_id)).all()[-1]
        assert made.names == {"zh_Hans": "看房", "en": "Viewing", "ja": "内見"}
        assert (made.icon, made.waits_for_host, made.stay_minutes, made.fields) == ("key", True, 30, {"plate": "must"})


def test_the_names_that_the_site_reads_stand_first_and_the_others_are_folded(
    app: Flask, cast: Cast, admin: FoyerClient, site_url: str
) -> None:
    with app.app_context(), writing():
        db.session.get_one(Site, cast.site_id).languages = ["zh_Hans", "ja"]
    page = admin.get(f"{site_url}/purposes/new").page
    names = [field["name"] for field in page.select("[name^=name_]")]
    assert names[:3] == ["name_zh_Hans", "name_en", "name_ja"], "Chinese and English are always there"
    assert [field["name"] for field in page.select("details [name^=name_]")] == names[3:]
    assert len(names) == 9
    assert not page.select_one("details").has_attr("open")
    refused = admin.submit(f"{site_url}/purposes/new", {"name_ko": "x" * 41}, form=MAIN).page
    assert refused.select_one("details").has_attr("open"), "what is to be put right is seen"
    assert "Icon: Choose an icon." in refused.get_text()
    with app.app_context(), writing():
        every = [name.removeprefix("name_") for name in names]
        db.session.get_one(Site, cast.site_id).languages = every
    assert admin.get(f"{site_url}/purposes/new").page.select("details") == [], "nothing is folded, so no fold"


@pytest.mark.parametrize(
    ("typed", "field"),
    [
        ({"name_zh_Hans": ""}, "name_zh_Hans"),
        ({"name_en": ""}, "name_en"),
        ({"name_zh_Hans": "面试"}, "name_zh_Hans"),
        ({"name_en": "x" * 10_000}, "name_en"),
        ({"icon": "skull"}, "icon"),
        ({"stay_minutes": "0"}, "stay_minutes"),
        ({"field_photo": "must"}, "field_photo"),
    ],
)
def test_what_cannot_be_is_refused_at_its_field(
    admin: FoyerClient, site_url: str, cast: Cast, typed: dict[str, str], field: str
) -> None:
    answer = admin.submit(f"{site_url}/purposes/{cast.purpose_ref}", typed, form=MAIN)
    assert answer.status_code == 422
    assert answer.page.select_one(f"#{field}-e")


@pytest.mark.parametrize("typed", ODD.values(), ids=ODD.keys())
def test_a_name_is_shown_as_it_was_typed(admin: FoyerClient, site_url: str, cast: Cast, typed: str) -> None:
    admin.submit(f"{site_url}/purposes/{cast.purpose_ref}", {"name_en": typed}, form=MAIN)
    assert listed(admin, site_url)[0] == typed.replace("\u202e", "")


def test_an_admin_reads_in_which_languages_a_purpose_has_no_name(
    app: Flask, admin: FoyerClient, site_url: str, cast: Cast
) -> None:
    with app.app_context(), writing():
        db.session.get_one(Site, cast.site_id).languages = ["zh_Hans", "en", "ja", "ko"]
    address = f"{site_url}/purposes/{cast.purpose_ref}"
    assert admin.submit(address, {"name_ja": "打ち合わせ"}, form=MAIN).status_code == 303
    page = admin.get(f"{site_url}/purposes").page
    assert (
        "Not named in 한국어: these visitors read English."
        in page.select_one(f"#purpose-{cast.purpose_ref}").get_text()
    )
    assert "Purposes 2 purposes Not in every language" in admin.get(site_url).words
    admin.submit(address, {"name_ko": "회의"}, form=MAIN)
    page = admin.get(f"{site_url}/purposes").page
    assert "Not named" not in page.select_one(f"#purpose-{cast.purpose_ref}").get_text()


def test_a_purpose_goes_up_and_down(admin: FoyerClient, site_url: str, cast: Cast) -> None:
    page = admin.get(f"{site_url}/purposes").page
    for ref, to, after in (
        (cast.waiting_purpose_ref, "up", ["Interview", "Meeting"]),
        (cast.waiting_purpose_ref, "down", ["Meeting", "Interview"]),
    ):
        form = page.select_one(f"#purpose-{ref} form")
        token = form.select_one("[name=form_token]")["value"]
        assert admin.post(form["action"], data={"form_token": token, "to": to}).status_code == 303
        page = admin.get(f"{site_url}/purposes").page
        assert [each.get_text() for each in page.select("main .row h2")] == after


def test_a_purpose_is_retired_and_the_last_one_is_not(
    app: Flask, admin: FoyerClient, site_url: str, cast: Cast
) -> None:
    purposes = f"{site_url}/purposes"
    assert admin.submit(f"{purposes}/{cast.waiting_purpose_ref}/retirement", form=MAIN).status_code == 303
    assert listed(admin, site_url) == ["Meeting"]
    refused = admin.submit(f"{purposes}/{cast.purpose_ref}/retirement", form=MAIN)
    assert refused.status_code == 422
    assert "This is the last purpose." in refused.words
    with app.app_context(), reading():
        assert db.session.get_one(Purpose, cast.waiting_purpose_id).retired_at is not None
    assert admin.get(f"{purposes}/{cast.waiting_purpose_ref}").status_code == 404


def test_a_purpose_of_another_site_is_not_there(app: Flask, admin: FoyerClient, site_url: str, cast: Cast) -> None:
    with app.app_context(), reading():
        other = db.session.scalars(purposes_of(cast.other_site_id)).one().ref
    assert admin.get(f"{site_url}/purposes/{other}").status_code == 404
