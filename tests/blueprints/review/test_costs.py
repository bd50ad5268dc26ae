"""What a page of review costs: at most eight statements, and the same at any number of entries, comments, sites."""

import pytest

from domain.database import db, reading
from domain.review.models import Review
from domain.sites.models import Site
from tests.blueprints.admin.test_every_page import MOST_STATEMENTS, statements
from tests.blueprints.review.test_signing import sent
from tests.cast import at_desk


@pytest.mark.parametrize("page", ["board", "span", "entry", "signature", "signed", "seals", "asked"])
def test_a_page_costs_the_same_at_any_number(app, cast, desk, page):
    with app.app_context(), reading():
        place = f"/review/registers/{db.session.get_one(Site, cast.site_id).ref}/visits"
    desk.visits(2)
    wu = at_desk(app, cast, "wu")
    action, values = sent(wu.get(place))
    wu.post(action, data=values | {"entry": values["entry"][:1]})
    desk.visits(2, begin=20)
    entry = wu.get(place).page.select_one("[data-entry]")["href"]
    with app.app_context(), reading():
        review = db.session.scalars(db.select(Review.ref)).one()
    reader = at_desk(app, cast, "lisi") if page == "asked" else wu
    address = {
        "board": "/review",
        "span": place,
        "entry": entry,
        "signature": f"/review/signatures/{review}",
        "signed": f"{place}/signed",
        "seals": "/review/seals",
        "asked": "/review/asked",
    }[page]
    reader.get(address)
    few = statements(app, lambda: reader.get(address))
    desk.visits(20, begin=40)
    for text in ("一", "二", "三"):
        wu.submit(entry, {"text": text}, form="form[action$=comments]")
    many = statements(app, lambda: reader.get(address))
    assert many == few <= MOST_STATEMENTS
