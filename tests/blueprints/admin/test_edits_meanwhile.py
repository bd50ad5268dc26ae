"""Two people change the same record: the second is told what changed, keeps what was typed, and can then save."""

from typing import Any

import pytest
from flask import Flask

from domain.database import db, reading
from domain.occupants.models import Host
from domain.sites.models import Site
from tests.cast import Cast, at_desk
from tests.client import FoyerClient, _filled

MAIN = "main form[method=post]"
pytestmark = pytest.mark.filterwarnings("ignore::DeprecationWarning")


def opened(browser: FoyerClient, url: str) -> dict[str, Any]:
    drawn = browser.get(url).page.select_one(MAIN)
    assert drawn is not None
    return _filled(drawn)


def test_the_second_is_refused_and_told_what_changed(app: Flask, cast: Cast, admin: FoyerClient, site_url: str) -> None:
    url = f"{site_url}/edit"
    mine = opened(admin, url)
    other = at_desk(app, cast, "xu")
    other.submit(url, {"name": "青屿大厦", "retention_days": "30"}, form=MAIN)
    refused = admin.post(url, data=mine | {"name": "我的名字", "default_stay_minutes": "45"})
    assert refused.status_code == 409
    assert "Somebody changed “Name” meanwhile. It is now: 青屿大厦" in refused.words
    assert "Somebody changed “Days that visitors' data are kept” meanwhile. It is now: 30" in refused.words
    shown = refused.page
    assert shown.select_one("#name")["value"] == "我的名字", "what was typed stays"
    assert shown.select_one("#retention_days")["value"] == "30", "what was left alone is as it stands now"
    again = admin.post(url, data=_filled(shown.select_one(MAIN)))
    assert again.status_code == 303
    with app.app_context(), reading():
        site = db.session.get_one(Site, cast.site_id)
        assert (site.name, site.retention_days, site.default_stay_minutes) == ("我的名字", 30, 45)


def test_who_changed_something_else_is_in_nobodys_way(
    app: Flask, cast: Cast, admin: FoyerClient, site_url: str
) -> None:
    mine = opened(admin, f"{site_url}/edit")
    at_desk(app, cast, "xu").submit(f"{site_url}/hours", {"day_1": "08:00-20:00"}, form=MAIN)
    assert admin.post(f"{site_url}/edit", data=mine | {"name": "青屿大厦"}).status_code == 303


def test_a_changed_secret_is_noticed_behind_the_same_mask(
    app: Flask, cast: Cast, admin: FoyerClient, site_url: str
) -> None:
    url = f"{site_url}/channels"
    admin.submit(url, {"channels": "wecombot://0123456789abcdef0123"}, form=MAIN)
    mine = opened(admin, url)
    at_desk(app, cast, "xu").submit(url, {"channels": "wecombot://9999999999999999990123"}, form=MAIN)
    refused = admin.post(url, data=mine)
    assert refused.status_code == 409
    assert "wecombot://****0123" in refused.words
    assert "99999" not in refused.text


def test_a_host_changed_meanwhile_keeps_the_new_phone(app: Flask, cast: Cast, admin: FoyerClient) -> None:
    url = f"/admin/hosts/{cast.host_ref}"
    mine = opened(admin, url)
    at_desk(app, cast, "zhou").submit(url, {"phone": "13812345678"}, form=MAIN)
    refused = admin.post(url, data=mine | {"name": "张三丰"})
    assert refused.status_code == 409
    assert "138****5678" in refused.words
    assert admin.post(url, data=_filled(refused.page.select_one(MAIN))).status_code == 303
    with app.app_context(), reading():
        host = db.session.get_one(Host, cast.host_id)
        assert (host.name, host.phone) == ("张三丰", "+8613812345678")


def test_a_form_without_its_marks_is_not_taken(admin: FoyerClient, site_url: str) -> None:
    refused = admin.submit(f"{site_url}/edit", {"version": ""}, form=MAIN)
    assert refused.status_code == 409
