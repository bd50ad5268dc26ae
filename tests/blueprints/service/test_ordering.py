"""/meetings/<ref>/order and the lists: what is ordered, what the store has, what every sheet begins with."""

from flask import Flask
from sqlalchemy import select

from domain.database import db, reading
from domain.meetings.service_models import OrderLine, ServiceItem, ServiceTemplate, StepTemplate
from tests.blueprints.admin.test_every_page import statements
from tests.blueprints.service.conftest import Served
from tests.cast import Cast, at_desk
from tests.client import FoyerClient

MAIN = "main form[method=post]"


def field(app: Flask, item_id: int, kind: str = "number") -> str:
    """The name of an item's field."""
    with app.app_context(), reading():
        return f"{kind}_{db.session.get_one(ServiceItem, item_id).ref}"


def numbers(app: Flask) -> list[int]:
    with app.app_context(), reading():
        return sorted(db.session.scalars(select(OrderLine.number)))


def test_an_order_is_changed_and_bad_numbers_stand_at_their_field(
    app: Flask, desk: FoyerClient, served: Served
) -> None:
    address, tea = f"/meetings/{served.ref}/order", field(app, served.goods.tea)
    page = desk.get(address)
    assert page.page.select_one(f"[name={tea}]")["value"] == "5"
    for bad, words in (("-3", "At least 0"), ("9999999", "At most 5000"), ("viele", "whole number")):
        refused = desk.submit(address, {tea: bad}, form=MAIN)
        assert refused.status_code == 422
        assert words in refused.words
        assert refused.page.select_one(f"[name={tea}]")["value"] == bad
    assert desk.submit(address, {tea: "8"}, form=MAIN).status_code == 303
    assert numbers(app) == [6, 8]
    sheet = desk.get(served.run)
    assert "绿茶 8 小杯" in " ".join(sheet.page.select_one("#ordered").get_text(" ").split())


def test_more_than_the_store_has_is_asked_and_ordered_anyway(
    app: Flask, desk: FoyerClient, lead: FoyerClient, served: Served
) -> None:
    address, water = f"/meetings/{served.ref}/order", field(app, served.goods.water)
    refused = desk.submit(address, {water: "100"}, form=MAIN)
    assert refused.status_code == 422
    assert "30 are free in the store" in refused.words
    assert refused.page.select_one("[name=despite]")
    assert desk.submit(address, {water: "100"}, form=MAIN).status_code == 422
    token = desk.post(address, data=filled(refused, {water: "100", "despite": "1"}))
    assert token.status_code == 303
    assert "矿泉水, 70 missing" in lead.get("/meetings/runs").words


def filled(page, changes: dict[str, str]) -> dict[str, str]:
    """The form of the page with these changes."""
    form = page.page.select_one("main form[method=post]")
    values = {
        str(one["name"]): str(one.get("value", "") if one.name != "textarea" else one.get_text())
        for one in form.select("input[name], textarea[name]")
        if one.get("type") != "checkbox"
    }
    return values | changes


def test_two_desks_change_one_order_and_the_slower_is_told(app: Flask, cast: Cast, desk: FoyerClient, served: Served):
    address, tea = f"/meetings/{served.ref}/order", field(app, served.goods.tea)
    shown = desk.get(address)
    assert at_desk(app, cast, "zhou").submit(address, {tea: "9"}, form=MAIN).status_code == 303
    late = desk.post(address, data=filled(shown, {tea: "7"}))
    assert late.status_code == 409
    assert "Somebody changed" in late.words


def test_a_meeting_gets_its_first_order_from_a_template(
    app: Flask, cast: Cast, lead: FoyerClient, served: Served
) -> None:
    tea = field(app, served.goods.tea)
    page = lead.get("/meetings/service/templates/new").page
    ticks = [one["value"] for one in page.select("input[name=items]")][:2]
    made = lead.submit("/meetings/service/templates/new", {"name": "贵宾", "items": ticks, tea: ""}, form=MAIN)
    assert made.status_code == 303
    assert lead.submit("/meetings/service/templates/new", {"name": "空", "items": []}, form=MAIN).status_code == 422
    again = lead.submit("/meetings/service/templates/new", {"name": "贵宾", "items": ticks}, form=MAIN)
    assert again.status_code == 409
    with app.app_context(), reading():
        ref = db.session.scalars(select(ServiceTemplate.ref)).one()
    drawn = lead.get(f"/meetings/{served.ref}/order?template={ref}").page
    assert drawn.select_one(f"[name={tea}]")["value"] == "5", "One for each person."
    for address in (f"/meetings/service/templates/{ref}/edit", f"/meetings/service/templates/{ref}/retirement"):
        assert lead.submit(address, form=MAIN).status_code == 303
    assert lead.submit(f"/meetings/service/templates/{ref}/retirement", form=MAIN).status_code == 409


def test_the_lead_keeps_catalogue_stock_and_steps(app: Flask, cast: Cast, lead: FoyerClient, served: Served) -> None:
    lead.get("/meetings/service")
    assert statements(app, lambda: lead.get("/meetings/service")) <= 8
    new = {"name": "咖啡", "category": "drink", "stock": "40", "low_at": "10"}
    assert lead.submit("/meetings/service/items/new", new, form=MAIN).status_code == 303
    assert lead.submit("/meetings/service/items/new", new, form=MAIN).status_code == 409
    assert lead.submit("/meetings/service/items/new", new | {"name": " "}, form=MAIN).status_code == 422
    with app.app_context(), reading():
        ref = db.session.scalars(select(ServiceItem.ref).where(ServiceItem.name == "咖啡")).one()
    base = f"/meetings/service/items/{ref}"
    assert lead.submit(f"{base}/edit", {"low_at": "60"}, form=MAIN).status_code == 303
    assert "Runs short" in lead.get("/meetings/service").words
    assert lead.submit(f"{base}/stock", {"number": "-1"}, form=MAIN).status_code == 422
    assert lead.submit(f"{base}/stock", {"number": "99"}, form=MAIN).status_code == 303
    assert lead.submit(f"{base}/retirement", form=MAIN).status_code == 303
    steps = lead.get("/meetings/service/steps")
    assert "Power off" in steps.words
    step = {"name": "摆鲜花", "phase": "prepare", "anchor": "begin", "minutes": "-25"}
    assert lead.submit("/meetings/service/steps/new", step, form=MAIN).status_code == 303
    assert lead.submit("/meetings/service/steps/new", step | {"minutes": "-999"}, form=MAIN).status_code == 422
    assert lead.submit("/meetings/service/steps/new", step | {"name": ""}, form=MAIN).status_code == 422
    with app.app_context(), reading():
        power = db.session.scalars(select(StepTemplate.ref).where(StepTemplate.code == "power")).one()
    assert lead.submit(f"/meetings/service/steps/{power}/edit", {"minutes": "10"}, form=MAIN).status_code == 303
    kept = lead.submit(f"/meetings/service/steps/{power}/retirement", form=MAIN)
    assert kept.status_code == 422
    assert "Every sheet needs it" in kept.words


def test_an_empty_catalogue_begins_with_what_is_usual(app: Flask, cast: Cast) -> None:
    lead = at_desk(app, cast, "zhou")
    assert "The catalogue is empty" in lead.get("/meetings/service").words
    begin = "form[action='/meetings/service/beginnings']"
    assert lead.submit("/meetings/service", form=begin).status_code == 303
    assert "Green tea" in lead.get("/meetings/service").words
    adopt = "form[action='/meetings/service/steps/adoptions']"
    assert lead.submit("/meetings/service/steps", form=adopt).status_code == 303
    assert "Bring the key back" in lead.get("/meetings/service/steps").words
