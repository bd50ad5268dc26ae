"""Meeting rooms with a repeated meeting: examples of every address of that room."""

import io
from datetime import timedelta

from PIL import Image

from domain import clock, photos
from domain.database import db
from domain.meetings import faults
from domain.meetings.catalogue import save_template
from domain.meetings.closing import confirmation_token
from domain.meetings.feeds import Of, make_feed
from domain.meetings.models import Reservation
from domain.meetings.room_rules import add_picture
from domain.meetings.spans import span_on
from domain.meetings.waiting import wait_for
from domain.people.models import Person
from tests import rooms as house
from tests import service
from tests.cabinet import actor_of
from tests.cast import Cast
from tests.doors import hang_display
from web.pictures import photo_folder


def book_rooms(cast: Cast) -> dict[tuple[str, str], str]:
    """Enter and reserve; gives the examples of the addresses. Call in an app context, inside `writing()`."""
    rooms = house.furnish_rooms(cast)
    today = clock.local_date(clock.now(), "Asia/Shanghai")
    monday = today + timedelta(days=7 - today.weekday())
    meetings = house.book(rooms.pine, cast, "10:00", "11:00", days=(monday, monday + timedelta(days=7)))
    display, door_token = hang_display(house.room(rooms.pine))
    lead, now = actor_of(cast, "zhou"), clock.now()
    of = Of(person=db.session.get_one(Person, cast.people["zhou"]))
    feed, token = make_feed(of, site_id=cast.site_id, label="", actor=lead, now=now)
    span = span_on(monday, house.at("10:00"), 60, room=house.room(rooms.pine), zone="Asia/Shanghai")
    wish = wait_for(
        house.room(rooms.pine), span, wish=house.wish(cast, "候补会"), site=house.site_of(cast), actor=lead, now=now
    )
    file = photos.keep(photo_folder(), photos.redrawn(_picture()))
    picture = add_picture(house.room(rooms.pine), file=file, actor=lead, now=now)
    return served(cast, meetings[0]) | {
        ("/meetings/rooms/", "ref"): house.room(rooms.pine).ref,
        ("/meetings/displays/", "ref"): display.ref,
        ("display", "token"): door_token,
        ("/meetings/calendars/", "ref"): feed.ref,
        ("/meetings/pictures/", "ref"): picture.ref,
        ("/meetings/waiting/", "ref"): wish.ref,
        ("/hosts/<token>/waiting/", "ref"): wish.ref,
        ("/calendars/", "token"): token,
        ("/reservations/", "ref"): meetings[0].ref,
    }


def _picture() -> bytes:
    out = io.BytesIO()
    Image.new("RGB", (4, 3)).save(out, "PNG")
    return out.getvalue()


def served(cast: Cast, meeting: Reservation) -> dict[tuple[str, str], str]:
    """Let the meeting be served, a step ticked and a fault found; gives the examples of those addresses."""
    goods, lead, now = service.fill_catalogue(cast), actor_of(cast, "zhou"), clock.now()
    order = service.order(meeting, cast, (goods.tea, 5, 20), (goods.water, 3, None))
    service.give_to(meeting, cast)
    service.tick(order.id, "clean", cast)
    slip = faults.note_fault(
        meeting,
        what="灯不亮",
        photo=photos.keep(photo_folder(), photos.redrawn(_picture())),
        urgent=False,
        actor=lead,
        now=now,
    )
    tea = service.item(goods.tea)
    usual = save_template(None, site_id=cast.site_id, name="贵宾", lines=[(tea, None, 20)], actor=lead, now=now)
    return {
        ("/meetings/", "ref"): meeting.ref,
        ("/meetings/", "slip_ref"): slip.ref,
        ("/slips/<ref>/picture", "ref"): slip.ref,
        ("/meetings/service/items/", "ref"): tea.ref,
        ("/meetings/service/templates/", "ref"): usual.ref,
        ("/meetings/service/steps/", "ref"): service.step_templates(cast)[0].ref,
        ("/m/", "token"): confirmation_token(meeting.ref),
    }
