"""A device that is not paired yet speaks what whoever pairs it reads."""

from flask import Flask

from tests.cast import Cast
from tests.client import FoyerClient


def test_the_page_speaks_chinese_or_english_by_one_touch_and_keeps_to_it(
    app: Flask, cast: Cast, client: FoyerClient
) -> None:
    client.environ_base["HTTP_ACCEPT_LANGUAGE"] = "en"
    page = client.get("/kiosk/pair").page
    assert page.select_one("html")["lang"] == "en"
    assert page.select_one(".langs [aria-current]")["lang"] == "en"
    other = page.select_one(".langs a[lang=zh-Hans]")
    assert other.text == "中文"
    assert client.get(other["href"]).page.select_one("html")["lang"] == "zh-Hans"
    assert client.submit("/kiosk/pair").status_code == 303
    assert client.get("/kiosk/pair").page.select_one("html")["lang"] == "zh-Hans", "with its code, too"
    assert client.get("/kiosk/pair?language=xx").page.select_one("html")["lang"] == "zh-Hans"
