"""A bird in every field that holds a person, or words that may speak of one, let in by the deeds of the house, so that
history, search, notices and files know of it too. What is kept for 72 hours or less is sealed: it is not heard.
"""

import io
from dataclasses import dataclass, field
from datetime import timedelta
from typing import Any

from flask import Flask
from PIL import Image
from sqlalchemy import select

from domain import clock, events, photos, registers
from domain.database import db, writing
from domain.keys import approvals, chase, counts, losses, reservations, returns
from domain.keys.comparison import Seen
from domain.keys.loans import Note
from domain.meetings import closing, ends, faults, waiting
from domain.meetings.changes import Which
from domain.meetings.spans import span_on
from domain.meetings.steps import SKIPPED
from domain.occupants.models import Host, Unit
from domain.review import comments, signing
from domain.review.signing import Shown
from domain.slips import operations as slips
from domain.slips.models import Nature, Source
from domain.visits import corrections, departures, drafts
from domain.visits.arrivals import Entered, Whom
from domain.visits.invitations import Guest, invite
from domain.visits.models import Visit
from tests import cabinet as shelf
from tests import rooms as house
from tests import service
from tests.cabinet import actor_of
from tests.cast import Cast
from tests.invited import plan
from tests.stays import arrive
from web.pictures import photo_folder

BIRDS = {
    "visits.name": "金丝雀",
    "visits.phone": "13912340987",
    "visits.organisation": "Canaria Shipping",
    "visits.plate": "京A金丝7",
    "visits.goods": "one yellow cage",
    "visits.linger_note": "was asked to sing",
    "visits.name, corrected": "白玉鸟",
    "invitations.name": "布谷鸟",
    "invitations.phone": "13912340986",
    "invitations.email": "cuckoo@nest.example",
    "invitations.organisation": "Cuckoo Clocks",
    "loans.name": "画眉鸟",
    "loans.phone": "13912340988",
    "loans.purpose": "feeding the thrush",
    "loans.authority": "the owner of the thrush called",
    "loans, called": "the thrush says it comes later",
    "loan_lines.condition": "feathers on the tag",
    "loan_lines.brought_by": "喜鹊",
    "key_approvals.name": "翠鸟",
    "key_approvals.phone": "13912340985",
    "key_approvals.purpose": "fishing in the pool",
    "key_approvals, denied": "the kingfisher has no net",
    "key_reservations.name": "鹡鸰鸟",
    "key_reservations.phone": "13912340984",
    "key_reservations.purpose": "a wagtail on the roof",
    "key_differences.explanation": "the starling has it in its nest",
    "keys, lost": "a jackdaw took it",
    "slips.name": "百灵鸟",
    "slips.phone": "13912340989",
    "slips.matter": "the lark sings at night",
    "slip_steps.text": "spoke with the lark",
    "slips.outcome": "the lark moved out",
    "slips, fault": "an owl in the projector",
    "reservations.title": "鸵鸟大会",
    "reservations.notes": "sand for the ostriches",
    "reservations.reason": "the ostriches do not fly",
    "service_orders.notes": "seeds for the parrots",
    "service_steps.reason": "the parrot was asleep",
    "meeting_confirmations.comment": "the parrot liked it",
    "room_wishes.title": "企鹅候补",
    "room_wishes.notes": "ice for the penguins",
    "review_lines.text": "write the canary's full name",
    "reviews.remark": "the canary is in order",
    "event_details.entered": "a look for the nightingale",
    "exports.typed": "any vultures here",
}
"""By the column that holds it; after a comma, where the history alone does."""
SEALED = {
    "visits.document": "9876543X",
    "loans.signature": "M11 12L23 24C35 36 47 48 59 51",
    "meeting_confirmations.signature": "M21 22L33 34C45 46 57 58 69 61",
    "drafts.content": "鹦鹉没有提交",
}


@dataclass
class Aviary:
    """What has to be known of the birds later: the files of their pictures."""

    pictures: list[str] = field(default_factory=list)


def _picture(colour: str) -> str:
    out = io.BytesIO()
    Image.new("RGB", (8, 6), colour).save(out, "PNG")
    return photos.keep(photo_folder(), photos.redrawn(out.getvalue()))


def settle(app: Flask, cast: Cast, moved: Any) -> Aviary:
    """Let the birds in, each at the house's own doors, and let them leave again; `moved` is the clock."""
    with app.app_context():
        aviary = Aviary([_picture("yellow"), _picture("brown")])
    visit = arrive(
        app, cast, name=BIRDS["visits.name"], phone=f"+86{BIRDS['visits.phone']}",
        organisation=BIRDS["visits.organisation"], plate=BIRDS["visits.plate"], goods=BIRDS["visits.goods"],
        document=SEALED["visits.document"], photo=aviary.pictures[0],
    )  # fmt: skip
    for deed in (_visit, _guest, _keys, _slip, _meeting, _review):
        with app.app_context(), writing():
            deed(cast, visit.id, aviary)
        moved.shift(timedelta(minutes=1))
    with app.app_context(), writing():
        content = {"name": SEALED["drafts.content"]}
        drafts.save(None, content, site_id=cast.site_id, kiosk_id=cast.kiosk_id, now=clock.now())
    return aviary


def _visit(cast: Cast, visit_id: int, _aviary: Aviary) -> None:
    here, now, lisi = db.session.get_one(Visit, visit_id), clock.now(), actor_of(cast, "lisi")
    due = now + timedelta(hours=1)
    corrections.note_lingering(here, note=BIRDS["visits.linger_note"], due_at=due, actor=lisi, now=now)
    whom = Whom(db.session.get_one(Unit, cast.unit_id), db.session.get_one(Host, cast.host_id))
    for name in (BIRDS["visits.name, corrected"], BIRDS["visits.name"]):
        as_typed = Entered(name, here.phone, here.organisation, here.companions, here.plate, here.goods)
        corrections.correct(here, entered=as_typed, whom=whom, purpose_id=here.purpose_id, actor=lisi, now=now)
    departures.sign_out(here, how="desk", actor=lisi, now=now)


def _guest(cast: Cast, _visit_id: int, _aviary: Aviary) -> None:
    one = BIRDS
    guest = Guest(
        one["invitations.name"], f"+86{one['invitations.phone']}", one["invitations.email"],
        one["invitations.organisation"],
    )  # fmt: skip
    lisi = actor_of(cast, "lisi")
    invite([guest], plan(cast), site=house.site_of(cast), source="desk", actor=lisi, now=clock.now())


def _keys(cast: Cast, _visit_id: int, _aviary: Aviary) -> None:
    now, lisi, stock = clock.now(), actor_of(cast, "lisi"), shelf.fill(cast)
    roof, pool = shelf.key(stock.roof), shelf.key(stock.pool)

    def who(of: str) -> Any:
        return shelf.worker(name=BIRDS[f"{of}.name"], phone=f"+86{BIRDS[f'{of}.phone']}")

    noted = Note(BIRDS["loans.purpose"], authority=BIRDS["loans.authority"])
    lent = shelf.key(stock.unit)
    loan = shelf.hand_out(lent, who("loans"), cast, noted=noted, signature=SEALED["loans.signature"])
    chase.called(loan, note=BIRDS["loans, called"], actor=lisi, now=now)
    brought: dict[str, Any] = {"condition": BIRDS["loan_lines.condition"], "brought_by": BIRDS["loan_lines.brought_by"]}
    returns.return_keys([lent], actor=lisi, now=now, **brought)
    due = now + timedelta(hours=1)
    asked: dict[str, Any] = {"purpose": BIRDS["key_approvals.purpose"], "due_at": due, "actor": lisi, "now": now}
    approval = approvals.ask_approval(pool, who=who("key_approvals"), **asked)
    approvals.deny(approval, reason=BIRDS["key_approvals, denied"], actor=actor_of(cast, "wu"), now=now)
    reservations.reserve(
        roof, who=who("key_reservations"), starts_at=due, ends_at=due + timedelta(hours=1),
        purpose=BIRDS["key_reservations.purpose"], actor=lisi, now=now,
    )  # fmt: skip
    counted, cabinet = counts.begin(site_id=cast.site_id, actor=lisi, now=now), shelf.cabinet_of(stock)
    for hook in range(1, cabinet.hooks + 1):
        counts.record(counted, cabinet, hook, seen=Seen.EMPTY, actor=lisi, now=now)
    difference = counts.finish(counted, actor=lisi, now=now)[0]
    counts.explain(difference, explanation=BIRDS["key_differences.explanation"], actor=lisi, now=now)
    slip = losses.report_lost(shelf.key(stock.room), note=BIRDS["keys, lost"], actor=lisi, now=now)
    slips.close(slip, outcome="换锁", actor=lisi, now=now)


def _slip(cast: Cast, _visit_id: int, aviary: Aviary) -> None:
    now, lisi = clock.now(), actor_of(cast, "lisi")
    told: dict[str, Any] = {"name": BIRDS["slips.name"], "phone": f"+86{BIRDS['slips.phone']}"}
    slip = slips.write(
        nature=Nature.ENQUIRY, source=Source.TELEPHONE, matter=BIRDS["slips.matter"], site_id=cast.site_id, actor=lisi,
        now=now, unit_id=cast.unit_id, unit_number=db.session.get_one(Unit, cast.unit_id).number,
        photo=aviary.pictures[1], **told,
    )  # fmt: skip
    slips.note(slip, text=BIRDS["slip_steps.text"], actor=lisi, now=now)
    slips.close(slip, outcome=BIRDS["slips.outcome"], actor=lisi, now=now)


def _meeting(cast: Cast, _visit_id: int, _aviary: Aviary) -> None:
    now, lead, rooms = clock.now(), actor_of(cast, "zhou"), house.furnish_rooms(cast)
    wanted = house.wish(cast, BIRDS["reservations.title"], notes=BIRDS["reservations.notes"])
    held, off = house.book(rooms.pine, cast, "10:00", "11:00", days=(house.MONDAY, house.TUESDAY), meeting=wanted)
    goods = service.fill_catalogue(cast)
    order = service.order(held, cast, (goods.tea, 5, None), notes=BIRDS["service_orders.notes"])
    service.give_to(held, cast)
    service.tick(order.id, "clean", cast, how=SKIPPED, reason=BIRDS["service_steps.reason"])
    fault = faults.note_fault(held, what=BIRDS["slips, fault"], urgent=False, actor=lead, now=now)
    slips.close(fault, outcome="已修", actor=lead, now=now)
    closing.confirm(
        order, held, how="signature", answer="good", comment=BIRDS["meeting_confirmations.comment"],
        signature=SEALED["meeting_confirmations.signature"], actor=lead, now=now,
    )  # fmt: skip
    room = house.room(rooms.pine)
    span = span_on(house.TUESDAY, house.at("10:00"), 60, room=room, zone="Asia/Shanghai")
    later = house.wish(cast, BIRDS["room_wishes.title"], notes=BIRDS["room_wishes.notes"])
    wish = waiting.wait_for(room, span, wish=later, site=house.site_of(cast), actor=lead, now=now)
    waiting.withdraw(wish, actor=lead, now=now)
    ends.cancel(off, which=Which.ONE, reason=BIRDS["reservations.reason"], actor=lead, now=now)


def _review(cast: Cast, visit_id: int, _aviary: Aviary) -> None:
    now, wu, visits, site = clock.now(), actor_of(cast, "wu"), registers.get("visits"), house.site_of(cast)
    row = db.session.execute(visits.full().where(Visit.id == visit_id)).one()
    comments.comment(visits, row, text=BIRDS["review_lines.text"], actor=wu, now=now)
    ref = db.session.scalar(select(Visit.ref).where(Visit.id == visit_id)) or ""
    shown = Shown(1, 1, events.version(site.id), (ref,))
    signing.sign(visits, site, shown, remark=BIRDS["reviews.remark"], actor=wu, now=now)
