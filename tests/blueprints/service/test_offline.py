"""Which pages a phone may keep for rooms without a network, of whom and how long; what keeps them."""

from urllib.parse import parse_qs

from flask import Flask

from tests.blueprints.service.conftest import Served
from tests.cast import Cast, at_desk
from tests.client import FoyerClient


def kept(client: FoyerClient, path: str, **headers: str) -> dict[str, str]:
    """What the page says of being kept."""
    answer = client.get(path, headers=headers)
    assert answer.status_code == 200
    assert answer.headers["Cache-Control"] == "no-store", "The browser's own memory keeps nothing."
    return {name: value for name, (value,) in parse_qs(answer.headers.get("X-Keep", "")).items()}


def test_the_sheets_of_today_may_be_kept_until_the_day_ends(phone: FoyerClient, served: Served) -> None:
    listed, sheet = kept(phone, "/meetings/runs"), kept(phone, served.run)
    region = kept(phone, f"{served.run}/live", **{"HX-Request": "true"})
    assert (listed["as"], sheet["as"], region["as"]) == ("/meetings/runs", served.run, served.run)
    assert {one["for"] for one in (listed, sheet, region)} == {str((24 - 9) * 3600 - 50 * 60)}, "It is 9:50."
    assert len({one["of"] for one in (listed, sheet, region)}) == 1


def test_they_are_of_one_person(app: Flask, cast: Cast, phone: FoyerClient, desk: FoyerClient, served: Served) -> None:
    assert kept(phone, served.run)["of"] != kept(desk, served.run)["of"]
    assert kept(phone, served.run)["of"] == kept(at_desk(app, cast, "chen"), served.run)["of"]


def test_no_other_page_is_kept(phone: FoyerClient, desk: FoyerClient, served: Served) -> None:
    for path in ("/meetings/runs?day=2026-03-03", f"{served.run}/fault", f"{served.run}/closing", "/account"):
        assert kept(phone, path) == {}
    assert kept(desk, "/desk") == {} == kept(desk, "/meetings")


def test_the_worker_starts_on_a_sheet_alone_and_is_anybodys(client: FoyerClient, phone: FoyerClient, served: Served):
    worker = str(phone.get(served.run).page.select_one("body")["data-worker"])
    assert phone.get("/meetings/runs").page.select_one("[data-worker]") is None
    answer = client.get(worker)
    assert answer.content_type == "text/javascript; charset=utf-8"
    assert "worker-src 'self'" in answer.headers["Content-Security-Policy"]
    assert worker.rsplit("/", 1)[0] == "/meetings", "Its scope is the folder of its address."


def test_what_is_kept_is_wiped_where_somebody_signs_in_out_or_locks(client: FoyerClient, phone: FoyerClient) -> None:
    assert client.get("/sign-in").page.select_one("form[data-forget=now]")
    forms = phone.get("/meetings/runs").page.select("form[data-forget]")
    assert [form["action"] for form in forms] == ["/sign-out"]
