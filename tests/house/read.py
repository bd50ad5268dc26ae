"""A signed span, a comment that asks for a correction: examples of every address of review."""

from sqlalchemy import select

from domain import clock, events, registers
from domain.database import db
from domain.people.models import Person
from domain.review import comments, signing
from domain.review.signing import Shown
from domain.sites.models import Site
from domain.visits.models import Visit
from tests.cabinet import actor_of
from tests.cast import Cast


def read_and_sign(cast: Cast) -> dict[tuple[str, str], str]:
    """Sign the first visit, ask for a correction of the second; gives the examples. Inside `writing()`."""
    site, wu, now = db.session.get_one(Site, cast.site_id), actor_of(cast, "wu"), clock.now()
    visits = registers.get("visits")
    first, second = db.session.scalars(
        select(Visit).where(Visit.site_id == site.id).order_by(Visit.number).limit(2)
    ).all()
    shown = Shown(1, 1, events.version(site.id), (first.ref,))
    signed = signing.sign(visits, site, shown, remark="已核对", actor=wu, now=now)
    lisi = db.session.get_one(Person, cast.people["lisi"])
    asked = comments.comment(visits, second, text="姓名不全", ask=lisi.ref, actor=wu, now=now)
    return {
        ("/review/registers/", "site_ref"): site.ref,
        ("/review/registers/", "name"): "visits",
        ("/review/registers/", "ref"): second.ref,
        ("/review/signatures/", "ref"): signed.review.ref,
        ("/review/comments/", "ref"): asked.ref,
        ("/review/asked/", "ref"): asked.ref,
    }
