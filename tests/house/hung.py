"""The filled cabinet with one of everything that an address of the keys' room can name."""

import io
from datetime import timedelta

from PIL import Image

from domain import clock, photos
from domain.keys import cabinet as deeds
from domain.keys.approvals import ask_approval, ask_copies
from domain.keys.comparison import Seen
from domain.keys.counts import begin, finish, record
from domain.keys.reservations import reserve
from tests import cabinet as shelf
from tests.cast import Cast
from web.pictures import photo_folder


def hang(cast: Cast) -> dict[tuple[str, str], str]:
    """Fill the cabinet; gives the examples of its addresses. Call in an app context, inside `writing()`."""
    stock, now = shelf.fill(cast), clock.now()
    lisi, zhou = shelf.actor_of(cast, "lisi"), shelf.actor_of(cast, "zhou")
    roof, cabinet = shelf.key(stock.roof), shelf.cabinet_of(stock)
    picture = io.BytesIO()
    Image.new("RGB", (60, 40), "red").save(picture, "JPEG")
    name = photos.keep(photo_folder(), photos.redrawn(picture.getvalue()))
    deeds.change_key(roof, photo=name, actor=zhou, now=now)
    loan = shelf.hand_out(shelf.key(stock.unit), shelf.host_of(cast), cast)
    due, tomorrow = now + timedelta(hours=1), now + timedelta(days=1)
    asked = ask_approval(shelf.key(stock.pool), who=shelf.worker(), purpose="换水泵", due_at=due, actor=lisi, now=now)
    copies = ask_copies(roof, copies=1, who=shelf.person_of(cast, "zhou"), purpose="新租户", actor=zhou, now=now)
    kept = reserve(
        roof, who=shelf.worker(), starts_at=tomorrow, ends_at=tomorrow + timedelta(hours=1), purpose="修灯",
        actor=lisi, now=now,
    )  # fmt: skip
    counted = begin(site_id=cast.site_id, actor=lisi, now=now)
    for hook in range(1, cabinet.hooks + 1):
        record(counted, cabinet, hook, seen=Seen.EMPTY, actor=lisi, now=now)
    difference = finish(counted, actor=lisi, now=now)[0]
    under_way = begin(site_id=cast.site_id, actor=lisi, now=now)
    return {
        ("/keys/", "ref"): roof.ref,
        ("/keys/", "approval_ref"): copies.ref,
        ("/keys/approvals/", "ref"): asked.ref,
        ("/keys/cabinets/", "ref"): cabinet.ref,
        ("/keys/counts/", "ref"): under_way.ref,
        ("/keys/counts/<ref>/differences/", "ref"): counted.ref,
        ("/keys/counts/", "difference_ref"): difference.ref,
        ("/keys/reservations/", "ref"): kept[0].ref,
        ("/loans/", "ref"): loan.ref,
    }
