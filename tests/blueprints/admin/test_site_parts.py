"""Hours, notice, fields and channels of a site."""

from typing import Any

import pytest
from flask import Flask

from domain.database import db, reading, writing
from domain.sites.models import Site
from tests.cast import Cast
from tests.client import FoyerClient

MAIN = "main form[method=post]"
pytestmark = pytest.mark.filterwarnings("ignore::DeprecationWarning")  # of what Apprise itself imports


def kept(app: Flask, cast: Cast, name: str) -> Any:
    with app.app_context(), reading():
        return getattr(db.session.get_one(Site, cast.site_id), name)


def test_hours_are_kept_by_day(app: Flask, cast: Cast, admin: FoyerClient, site_url: str) -> None:
    typed = {"day_1": "8:00-12:00、13:00-20:00", "day_5": "20:00-02:00"}
    assert admin.submit(f"{site_url}/hours", typed, form=MAIN).status_code == 303
    assert kept(app, cast, "opening") == {"1": [["08:00", "12:00"], ["13:00", "20:00"]], "5": [["20:00", "02:00"]]}
    assert admin.get(f"{site_url}/hours").page.select_one("#day_1")["value"] == "08:00-12:00, 13:00-20:00"
    assert admin.submit(f"{site_url}/hours", {"day_1": "", "day_5": ""}, form=MAIN).status_code == 303
    assert kept(app, cast, "opening") == {}


def test_each_wrong_day_says_what_is_wrong_and_nothing_is_saved(
    app: Flask, cast: Cast, admin: FoyerClient, site_url: str
) -> None:
    typed = {"day_1": "8-12", "day_2": "08:00-12:00, 11:00-13:00", "day_3": "<script>" * 2000, "day_4": "09:00-17:00"}
    answer = admin.submit(f"{site_url}/hours", typed, form=MAIN)
    assert answer.status_code == 422
    assert "no span of time" in answer.page.select_one("#day_1-e").get_text()
    assert "overlap at 11:00" in answer.page.select_one("#day_2-e").get_text()
    assert "At most 200" in answer.page.select_one("#day_3-e").get_text()
    assert answer.page.select_one("#day_4")["value"] == "09:00-17:00"
    assert kept(app, cast, "opening") == {}


def test_the_notice_is_kept_line_by_line_in_each_language(
    app: Flask, cast: Cast, admin: FoyerClient, site_url: str
) -> None:
    typed = {"notice_zh_Hans": "请佩戴访客证\r\n\r\n 禁止吸烟 ", "directions_en": "Turn left <b>", "notice_en": ""}
    assert admin.submit(f"{site_url}/notice", typed, form=MAIN).status_code == 303
    assert kept(app, cast, "notice") == {"zh_Hans": ["请佩戴访客证", "禁止吸烟"]}
    assert kept(app, cast, "directions") == {"en": "Turn left <b>"}
    answer = admin.submit(f"{site_url}/notice", {"notice_en": "x" * 10_000}, form=MAIN)
    assert "At most 4000 characters, now 10000." in answer.words


def test_a_language_no_longer_offered_can_still_be_emptied(
    app: Flask, cast: Cast, admin: FoyerClient, site_url: str
) -> None:
    with app.app_context(), writing():
        db.session.get_one(Site, cast.site_id).notice = {"ar": ["ممنوع التدخين"]}
    field = admin.get(f"{site_url}/notice").page.select_one("#notice_ar")
    assert (field["lang"], field["dir"]) == ("ar", "rtl")
    admin.submit(f"{site_url}/notice", {"notice_ar": ""}, form=MAIN)
    assert kept(app, cast, "notice") == {}


def test_an_admin_reads_in_which_languages_the_notice_is_not_written(
    app: Flask, cast: Cast, admin: FoyerClient, site_url: str
) -> None:
    with app.app_context(), writing():
        site = db.session.get_one(Site, cast.site_id)
        site.languages = ["zh_Hans", "en", "zh_Hant", "ja", "ar"]
        site.notice, site.directions = {"zh_Hans": ["禁止吸烟"], "en": ["No smoking"]}, {}
    page = admin.get(f"{site_url}/notice")
    assert all(page.page.select_one(f"#notice_{name}") for name in ("zh_Hans", "en", "zh_Hant", "ja", "ar"))
    assert "The notice is not written in 日本語, العربية: these visitors read English." in page.words
    assert "The notice is not written in 繁體中文: these visitors read 中文." in page.words
    assert "The way is not written" not in page.words, "there is none, and nobody reads another one"
    assert "Notice and directions In 2 languages Not in every language" in admin.get(site_url).words
    typed = {f"notice_{name}": "X" for name in ("zh_Hant", "ja", "ar")}
    admin.submit(f"{site_url}/notice", typed, form=MAIN)
    assert "not written" not in admin.get(f"{site_url}/notice").words
    assert "Notice and directions In 5 languages Not" not in admin.get(site_url).words


def test_fields_are_asked_as_the_site_says(app: Flask, cast: Cast, admin: FoyerClient, site_url: str) -> None:
    assert admin.submit(f"{site_url}/fields", {"plate": "must", "photo": "ask"}, form=MAIN).status_code == 303
    assert kept(app, cast, "fields")["plate"] == "must"
    answer = admin.submit(f"{site_url}/fields", {"photo": "must"}, form=MAIN)
    assert answer.status_code == 422
    assert "Choose one of those shown." in answer.page.select_one("#photo-e").get_text()


def test_channels_are_masked_and_kept_unless_replaced(
    app: Flask, cast: Cast, admin: FoyerClient, site_url: str
) -> None:
    secret = "wecombot://0123456789abcdef0123"
    assert admin.submit(f"{site_url}/channels", {"channels": secret}, form=MAIN).status_code == 303
    page = admin.get(f"{site_url}/channels")
    assert "0123456789abcdef" not in page.text
    assert page.page.select_one("#channels").get_text().strip() == "wecombot://****0123"
    assert admin.submit(f"{site_url}/channels", {"mail_enabled": ""}, form=MAIN).status_code == 303
    assert (kept(app, cast, "channels"), kept(app, cast, "mail_enabled")) == (secret, False)
    answer = admin.submit(f"{site_url}/channels", {"channels": "slack://****beef\nmailto://x"}, form=MAIN)
    assert "Line 1 is masked" in answer.page.select_one("#channels-e").get_text()
    assert kept(app, cast, "channels") == secret


def test_who_sets_channels_up_reads_that_no_mail_goes_out_while_no_server_is_set(
    app: Flask, admin: FoyerClient, site_url: str
) -> None:
    assert "No mail server is set up" in admin.get(f"{site_url}/channels").words
    assert "No mail server is set up: no mail goes to hosts; 0 chat channels" in admin.get(site_url).words
    app.config["SETTINGS"] = app.config["SETTINGS"].model_copy(update={"smtp_host": "127.0.0.1"})
    assert "No mail server" not in admin.get(f"{site_url}/channels").words + admin.get(site_url).words
