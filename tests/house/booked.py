"""Meeting rooms with a repeated meeting: examples of every address of that room."""

from datetime import timedelta

from domain import clock
from tests import rooms as house
from tests.cast import Cast


def book_rooms(cast: Cast) -> dict[tuple[str, str], str]:
    """Enter and reserve; gives the examples of the addresses. Call in an app context, inside `writing()`."""
    rooms = house.furnish_rooms(cast)
    today = clock.local_date(clock.now(), "Asia/Shanghai")
    monday = today + timedelta(days=7 - today.weekday())
    meetings = house.book(rooms.pine, cast, "10:00", "11:00", days=(monday, monday + timedelta(days=7)))
    return {("/meetings/rooms/", "ref"): house.room(rooms.pine).ref, ("/reservations/", "ref"): meetings[0].ref}
