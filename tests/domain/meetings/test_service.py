"""M3–M5: an order becomes steps, the steps follow the meeting, the store is counted, and a tick counts once."""

from datetime import timedelta

import pytest
from flask import Flask
from sqlalchemy import func, select

from domain import clock
from domain.database import db, reading, writing
from domain.errors import Conflict, DomainError
from domain.meetings import attendants, catalogue, steps
from domain.meetings.changes import Which, change, extend
from domain.meetings.ends import cancel, end_early, revive, start
from domain.meetings.models import Reservation
from domain.meetings.orders import Short
from domain.meetings.runs import house_steps
from domain.meetings.service_models import OrderLine, ServiceOrder, ServiceStep
from domain.meetings.service_queries import order_of, promised
from domain.meetings.sheet_queries import late_at, sheets_of
from domain.notices import Notice
from domain.people.models import Person
from domain.ticks import LATE, TAKEN, Tick
from tests import rooms as house
from tests import service
from tests.cabinet import actor_of
from tests.cast import Cast
from tests.rooms import Rooms, book


def hours(order_id: int, code: str) -> list[str]:
    """When the steps of that code are due, on the site's clock."""
    return [f"{clock.local(one.due_at, 'Asia/Shanghai'):%H:%M}" for one in service.steps_on(order_id, code)]


def test_an_order_becomes_a_timed_sheet_and_follows_a_change(app: Flask, cast: Cast, rooms: Rooms) -> None:
    with app.app_context(), writing():
        goods = service.fill_catalogue(cast)
        (meeting,) = book(rooms.pine, cast, "14:00", "15:40")
        order = service.order(meeting, cast, (goods.tea, 5, 20), (goods.towels, 5, 40))
        assert hours(order.id, "test") == ["13:30"]
        assert hours(order.id, "tea") == ["13:50"] == hours(order.id, "greet")
        assert hours(order.id, "refill") == ["14:20", "14:40", "15:00", "15:20"]
        assert hours(order.id, "towels") == ["14:40", "15:20"]
        assert hours(order.id, "break") == ["14:50"]
        assert hours(order.id, "power") == ["15:55"]
        assert hours(order.id, "key_out") == [], "The room has no key."
        service.tick(order.id, "tea", cast)
        service.order(meeting, cast, (goods.tea, 8, 30))
        assert hours(order.id, "refill") == ["14:30", "15:00", "15:30"]
        assert hours(order.id, "towels") == []
        assert [one.how for one in service.steps_on(order.id, "tea")] == ["done"]


def test_steps_that_are_not_ticked_move_with_the_meeting(app: Flask, cast: Cast, rooms: Rooms, clock) -> None:
    with app.app_context(), writing():
        goods = service.fill_catalogue(cast)
        (meeting,) = book(rooms.pine, cast, "14:00", "15:00")
        order = service.order(meeting, cast, (goods.tea, 5, 20))
        db.session.get_one(Person, cast.people["chen"]).email = "chen@example.com"
        service.give_to(meeting, cast)
        service.tick(order.id, "clean", cast)
        said = {"site": house.site_of(cast), "actor": actor_of(cast, "lisi"), "now": clock_now()}
        change(meeting, which=Which.ONE, room=house.room(rooms.pine), day=house.MONDAY, since=house.at("16:00"),
               until=house.at("17:00"), wish=house.wish(cast), **said)  # fmt: skip
        assert hours(order.id, "clean") == ["13:30"], "What was ticked stays."
        assert hours(order.id, "greet") == ["15:50"]
    clock.shift(timedelta(hours=6, minutes=40))  # 16:10
    with app.app_context(), writing():
        meeting = db.session.get_one(Reservation, meeting.id)
        said = {"actor": actor_of(cast, "lisi"), "now": clock_now()}
        start(meeting, **said)
        extend(meeting, minutes=30, site=house.site_of(cast), **said)
        assert hours(order.id, "power") == ["17:45"]
        assert hours(order.id, "refill") == ["16:20", "16:40", "17:00", "17:20"]
        end_early(meeting, **said)
        assert hours(order.id, "refill") == []
        assert hours(order.id, "farewell") == ["16:10"]
        told = set(db.session.scalars(select(Notice.kind).where(Notice.subject == "service_order")))
        assert told == {"service.assigned", "service.moved"}


def clock_now():
    return clock.now()


def test_what_is_called_off_while_it_is_prepared_is_void_and_comes_back(
    app: Flask, cast: Cast, rooms: Rooms, clock
) -> None:
    with app.app_context(), writing():
        goods = service.fill_catalogue(cast)
        (meeting,) = book(rooms.pine, cast, "14:00", "15:00")
        order = service.order(meeting, cast, (goods.tea, 5, 20))
        service.tick(order.id, "clean", cast)
        greet = service.steps_on(order.id, "greet")[0]
        said = {"actor": actor_of(cast, "lisi"), "now": clock_now()}
        cancel(meeting, which=Which.ONE, reason="", **said)
        assert [one.code for one in service.steps_on(order.id)] == ["clean"]
        answer = steps.tick(greet, service.sent(), how="done", actor=actor_of(cast, "chen"), now=clock_now())
        assert answer.outcome == LATE
        assert "called off" in answer.sentence
        with pytest.raises(Conflict, match="called off"):
            service.order(meeting, cast, (goods.tea, 6, 20))
        revive(meeting, **said)
        assert hours(order.id, "greet") == ["13:50"]


def test_a_tick_counts_once_with_its_true_time_and_a_slower_one_is_told(
    app: Flask, cast: Cast, rooms: Rooms, clock
) -> None:
    with app.app_context(), writing():
        service.fill_catalogue(cast)
        (meeting,) = book(rooms.pine, cast, "10:00", "11:00")
        order = service.order(meeting, cast)
        step = service.steps_on(order.id, "clean")[0]
        made = service.sent(age=1200)
        chen, zhou, now = actor_of(cast, "chen"), actor_of(cast, "zhou"), clock_now()
        first = steps.tick(step, made, how="done", actor=chen, now=now)
        again = steps.tick(step, made, how="done", actor=chen, now=now + timedelta(minutes=5))
        assert first == again
        assert first.outcome == TAKEN
        assert step.ticked_at == now - timedelta(minutes=20)
        assert step.noted_at == now
        late = steps.tick(step, service.sent(), how="done", actor=zhou, now=now)
        assert (late.outcome, late.values["name"]) == (LATE, "Chen")
        with pytest.raises(Conflict, match="something else"):
            steps.tick(service.steps_on(order.id, "test")[0], made, how="done", actor=chen, now=now)
        assert db.session.scalar(select(func.count()).select_from(Tick)) == 2, "The slower one is not lost."
        for bad in (service.sent(device_id="short"), service.sent(age=4 * 86400)):
            with pytest.raises(DomainError):
                steps.tick(step, bad, how="done", actor=chen, now=now)


def test_a_skip_needs_its_reason_and_a_mistake_is_taken_back(app: Flask, cast: Cast, rooms: Rooms) -> None:
    with app.app_context(), writing():
        service.fill_catalogue(cast)
        (meeting,) = book(rooms.pine, cast, "14:00", "15:00")
        order = service.order(meeting, cast)
        with pytest.raises(DomainError, match="Say why"):
            service.tick(order.id, "greet", cast, how="skipped", reason="  ")
        with pytest.raises(DomainError, match="not skipped"):
            service.tick(order.id, "power", cast, how="skipped", reason="late")
        with pytest.raises(DomainError, match="could not be read"):
            service.tick(order.id, "greet", cast, how="burnt")
        assert service.tick(order.id, "greet", cast, how="skipped", reason="客人自己上楼").outcome == TAKEN
        assert service.tick(order.id, "greet", cast, "lisi", how="back").outcome == LATE, "It was Chen's."
        assert service.tick(order.id, "greet", cast, "zhou", how="back").outcome == TAKEN
        assert service.steps_on(order.id, "greet")[0].how is None
        assert service.tick(order.id, "greet", cast).outcome == TAKEN


def test_the_store_is_promised_when_ordered_and_emptied_when_prepared(app: Flask, cast: Cast, rooms: Rooms) -> None:
    with app.app_context(), writing():
        goods = service.fill_catalogue(cast)
        first, second = (
            book(room, cast, "14:00", "15:00", meeting=house.wish(cast, people=5))[0]
            for room in (rooms.pine, rooms.bamboo)
        )
        order = service.order(first, cast, (goods.water, 24, None))
        assert promised(cast.site_id) == {goods.water: 24}
        with pytest.raises(Short, match="6 are free"):
            service.order(second, cast, (goods.water, 7, None))
        service.order(second, cast, (goods.water, 7, None), despite=True)
        service.order(second, cast, (goods.water, 7, None))  # no more than before: nothing to ask
        service.tick(order.id, "clean", cast)
        assert service.item(goods.water).stock == 6
        service.order(first, cast, (goods.water, 20, None))
        assert service.item(goods.water).stock == 10, "What is not needed goes back."
        other = order_of(second.id)
        assert other
        service.tick(other.id, "clean", cast)
        assert service.item(goods.water).stock == 3
        for number in (0, -1, 5001):
            with pytest.raises(DomainError, match="Enter a number"):
                service.order(second, cast, (goods.water, number, None))
        catalogue.count_stock(service.item(goods.water), number=100, actor=actor_of(cast, "zhou"), now=clock.now())
        with pytest.raises(DomainError, match="not counted"):
            catalogue.count_stock(service.item(goods.tea), number=1, actor=actor_of(cast, "zhou"), now=clock.now())


def test_a_colleague_is_asked_and_agrees_and_the_lead_decides_anyway(app: Flask, cast: Cast, rooms: Rooms) -> None:
    with app.app_context(), writing():
        service.fill_catalogue(cast)
        (meeting,) = book(rooms.pine, cast, "14:00", "15:00")
        order = service.order(meeting, cast)
        now = clock.now()
        chen, lisi, zhou = (actor_of(cast, login) for login in ("chen", "lisi", "zhou"))
        person = {login: db.session.get_one(Person, cast.people[login]) for login in ("chen", "lisi", "wu")}
        attendants.take(order, actor=chen, now=now)
        with pytest.raises(Conflict, match="Chen serves"):
            attendants.take(order, actor=lisi, now=now)
        with pytest.raises(DomainError, match="does not serve"):
            attendants.offer(order, person["wu"], actor=chen, now=now)
        attendants.offer(order, person["lisi"], actor=chen, now=now)
        assert order.attendant_id == cast.people["chen"], "Until Li Si agrees."
        attendants.answer(order, True, actor=lisi, now=now)
        assert order.attendant_id == cast.people["lisi"]
        with pytest.raises(Conflict, match="no longer asked"):
            attendants.answer(order, True, actor=lisi, now=now)
        attendants.assign(order, person["chen"], actor=zhou, now=now)
        assert order.attendant_id == cast.people["chen"]


def test_late_steps_are_seen_by_the_desk_and_by_the_lead(app: Flask, cast: Cast, rooms: Rooms) -> None:
    with app.app_context(), writing():
        service.fill_catalogue(cast)
        (meeting,) = book(rooms.pine, cast, "10:00", "11:00")
        service.order(meeting, cast)
        now = clock.now()
        midnight = now - timedelta(hours=9, minutes=30)
        assert late_at(cast.site_id, midnight=midnight, now=now) == []
        (row,) = late_at(cast.site_id, midnight=midnight, now=now + timedelta(minutes=5))
        assert (row.room_name, row.count) == ("松厅", 3)
        (sheet,) = sheets_of(
            cast.site_id, since=midnight, until=now + timedelta(hours=9), now=now + timedelta(minutes=5)
        )
        assert (sheet.late, sheet.ticked, sheet.next_at) == (3, 0, now)


def test_a_site_changes_its_steps_but_never_loses_those_that_close_a_meeting(
    app: Flask, cast: Cast, rooms: Rooms
) -> None:
    with app.app_context(), writing():
        zhou, now = actor_of(cast, "zhou"), clock.now()
        power = next(one for one in house_steps(cast.site_id) if one.code == "power")
        with pytest.raises(DomainError, match="Every sheet needs"):
            catalogue.retire(power, actor=zhou, now=now)
        with pytest.raises(DomainError, match="Every sheet needs"):
            catalogue.change(power, duty="", actor=zhou, now=now)
        flowers = {"name": "摆鲜花", "phase": "prepare", "anchor": "begin", "minutes": -25}
        catalogue.add_step(site_id=cast.site_id, actor=zhou, now=now, **flowers)
        lock = next(one for one in house_steps(cast.site_id) if one.code == "lock")
        catalogue.retire(lock, actor=zhou, now=now)
        (meeting,) = book(rooms.pine, cast, "14:00", "15:00")
        order = service.order(meeting, cast)
        assert hours(order.id, "lock") == []
        assert "摆鲜花" in [one.name for one in service.steps_on(order.id)]


def test_the_whole_order_is_there_only_once_for_a_meeting(app: Flask, cast: Cast, rooms: Rooms) -> None:
    with app.app_context(), writing():
        goods = service.fill_catalogue(cast)
        (meeting,) = book(rooms.pine, cast, "14:00", "15:00")
        service.order(meeting, cast, (goods.tea, 5, 20))
        service.order(meeting, cast, (goods.tea, 6, 20))
    with app.app_context(), reading():
        assert db.session.scalar(select(func.count()).select_from(ServiceOrder)) == 1
        assert db.session.scalars(select(OrderLine.number)).all() == [6]
        assert db.session.scalar(select(func.count()).select_from(ServiceStep).where(ServiceStep.code == "clean")) == 1
