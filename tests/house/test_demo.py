"""The demo: whole or not at all, never in a real installation, and in the shape that the operations write."""

import itertools
import json
import shutil
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
from argon2 import PasswordHasher
from flask import Flask
from sqlalchemy import func, select, text

from config import Settings
from demo import building, links, past, staff
from demo.make import make
from domain import clock
from domain.database import db, reading, writing
from domain.events import Event, EventDetail
from domain.identity import SYSTEM
from domain.keys.acknowledgements import Acknowledged
from domain.keys.borrowers import staff as borrower
from domain.keys.classes import KeyClass
from domain.keys.count_models import KeyCount, KeyDifference
from domain.keys.loan_models import KeyApproval, Loan, LoanLine
from domain.keys.loans import Note, lend
from domain.keys.models import Cabinet, Key, KeyReservation, KeySet
from domain.keys.returns import return_keys
from domain.occupants.models import Host, Unit
from domain.occupants.queries import look_up
from domain.people.models import Person
from domain.people.passwords import is_password
from domain.permissions import Role
from domain.sites.models import Kiosk, Purpose, Site
from domain.slips import operations as slips
from domain.slips.models import Department, Nature, Slip, SlipState, Source
from domain.visits.answers import answer, told
from domain.visits.corrections import badge_printed, note_lingering
from domain.visits.departures import cancel, confirm_at_closing, sign_out
from domain.visits.models import PRESENT, HostAnswer, ReceptionCall, Visit, VisitState
from tests import factories as build
from tests.conftest import SECRET, close, make_app
from tests.databases import Databases
from tests.misspelling import misspelt

NOW = datetime(2026, 3, 4, 6, 20, tzinfo=UTC)


@pytest.fixture(scope="module")
def weeks() -> Iterator[None]:
    """Some days instead of a year, few hosts, passwords hashed cheaply: what holds for them holds for all."""
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(past, "DAYS", 8)
        patch.setattr(building, "HOSTS", 100)
        patch.setattr(staff, "hash_password", PasswordHasher(time_cost=1, memory_cost=64).hash)
        yield


@dataclass(frozen=True)
class Once:
    """The demo as it was made: where its database and its folder are, and what the command said."""

    databases: Databases
    url: str
    folder: Path
    said: str


@pytest.fixture(scope="module", params=["sqlite", "postgresql"])
def once(request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory, weeks: None) -> Iterator[Once]:
    """The demo, made once on each database: every test gets a copy."""
    databases: Databases = request.getfixturevalue(f"{request.param}_databases")
    for url in databases.fresh():
        folder = tmp_path_factory.mktemp("demo")
        app = make_app(url, folder)
        with app.app_context():
            said = make(folder, now=NOW)
        close(app)
        assert said
        yield Once(databases, url, folder, said)


@pytest.fixture
def database(once: Once) -> Iterator[str]:
    """A copy of the database with the demo in it."""
    yield from once.databases.copy_of(once.url)


@pytest.fixture
def made(once: Once, database: str, tmp_path: Path) -> Path:
    """A copy of the demo's folder."""
    shutil.copytree(once.folder, tmp_path, dirs_exist_ok=True)
    return tmp_path


def demo_app(database: str, folder: Path) -> Flask:
    from app import create_app

    settings = Settings(database_url=database, secret_key=SECRET, data_dir=folder, testing=True, demo=True)
    return create_app(settings)


def test_a_second_call_changes_nothing(app: Flask, made: Path):
    accounts = (made / staff.FILE).read_text()
    with app.app_context():
        with reading():
            before = db.session.scalar(select(func.count()).select_from(Event))
        assert make(made, now=NOW) is None
        with reading():
            assert db.session.scalar(select(func.count()).select_from(Event)) == before
    assert (made / staff.FILE).read_text() == accounts


def test_lost_accounts_get_new_passwords(app: Flask, made: Path):
    before = (made / staff.FILE).read_text()
    (made / staff.FILE).unlink()
    with app.app_context():
        assert "new passwords" in (make(made, now=NOW) or "")
    assert (made / staff.FILE).read_text() != before


def test_the_accounts_file_has_one_line_a_role_that_only_its_owner_reads(app: Flask, made: Path):
    path = made / staff.FILE
    rows = [line.split("\t") for line in path.read_text().splitlines()]
    assert [role for role, _, _ in rows] == [role.value for role in Role]
    assert path.stat().st_mode & 0o777 == 0o600
    with app.app_context(), reading():
        for _, login, password in rows:
            person = db.session.scalars(select(Person).where(Person.login == login)).one()
            assert is_password(person.password_hash, password)


def test_numbers_run_without_gaps_and_the_next_visit_goes_on(app: Flask, made: Path):
    with app.app_context():
        with writing():
            site = db.session.scalars(select(Site).where(Site.name == "青屿中心")).one()
            unit = db.session.scalars(select(Unit).where(Unit.site_id == site.id)).first()
            purpose = db.session.scalars(select(Purpose).where(Purpose.site_id == site.id)).first()
            assert unit
            assert purpose
            visit = build.make_visit(site, purpose, unit, now=NOW)
            site_id, number = site.id, visit.number
        with reading():
            numbers = db.session.scalars(select(Visit.number).where(Visit.site_id == site_id)).all()
            assert sorted(numbers) == list(range(1, number + 1))
            badges: dict[object, list[int]] = {}
            for day, badge in db.session.execute(
                select(Visit.badge_day, Visit.badge_number).where(Visit.site_id == site_id)
            ):
                badges.setdefault(day, []).append(badge)
            assert all(sorted(given) == list(range(1, len(given) + 1)) for given in badges.values())


def test_the_history_is_in_order_and_its_counter_right(app: Flask, made: Path):
    with app.app_context(), reading():
        counters: dict[int, int] = dict(db.session.execute(text("SELECT site_id, value FROM counters")).all())
        for site_id, value in counters.items():
            lines = db.session.execute(
                select(Event.number, Event.at, Event.kind).where(Event.site_id == site_id).order_by(Event.number)
            ).all()
            assert [line.number for line in lines] == list(range(1, value + 1))
            # A signature names the last event before it, so the past was signed when its events had their numbers.
            lived = [line.at for line in lines if not line.kind.startswith("review.")]
            assert lived == sorted(lived)


def stays_through_the_operations() -> set[int]:
    """Visits that go through everything that the demo's history tells of; their ids."""
    site = db.session.scalars(select(Site).where(Site.name == "望潮里")).one()
    host = db.session.scalars(select(Host).where(Host.site_id == site.id)).first()
    interview = db.session.scalars(select(Purpose).where(Purpose.site_id == site.id, Purpose.waits_for_host)).one()
    assert host
    visits = [
        build.make_visit(
            site,
            interview,
            db.session.get_one(Unit, host.unit_id),
            host,
            now=NOW,
            phone=f"+861548888888{n}",
            organisation="样本",
            companions=1,
            plate="苏EO0001",
            goods="样品",
        )
        for n in range(3)
    ]
    first, second, third = visits
    for visit in (first, second):
        answer(visit, HostAnswer.SEND_UP, by="host", actor=SYSTEM, now=NOW)
        told(visit, actor=SYSTEM, now=NOW)
    badge_printed(first, actor=SYSTEM, now=NOW)
    note_lingering(first, note="延时", due_at=NOW + timedelta(hours=3), actor=SYSTEM, now=NOW)
    sign_out(first, how="badge", actor=SYSTEM, now=NOW)
    confirm_at_closing([second], seen=False, actor=SYSTEM, now=NOW)
    cancel(third, actor=SYSTEM, now=NOW)
    return {visit.id for visit in visits}


def test_the_history_has_the_shape_that_the_operations_write(app: Flask, made: Path):
    """What the bulk wrote is compared, kind by kind, with visits that go through the operations themselves."""
    with app.app_context():
        with writing():
            played = stays_through_the_operations()
        with reading():
            lines = db.session.execute(
                select(Event, EventDetail.entered)
                .outerjoin(EventDetail, (EventDetail.site_id == Event.site_id) & (EventDetail.number == Event.number))
                .where(Event.subject == "visit", Event.kind != "visit.unmasked", Event.kind.not_like("review.%"))
                .order_by(Event.site_id.desc(), Event.number.desc())
            ).all()
            real = {line.Event.kind: line for line in lines if line.Event.subject_id in played}
            assert {line.Event.kind for line in lines} <= set(real)
            for line, entered in lines:
                known = real[line.kind]
                assert line.facts.keys() == known.Event.facts.keys(), line.kind
                assert set(entered or {}) <= set(known.entered or {}), line.kind
                assert bool(line.digest) == bool(known.Event.digest), line.kind


def test_nobody_was_inside_twice_at_once(app: Flask, made: Path):
    with app.app_context(), reading():
        stays: dict[str, list[tuple[datetime, datetime]]] = {}
        for row in db.session.execute(
            select(Visit.presence_key, Visit.arrived_at, Visit.left_at).order_by(Visit.arrived_at)
        ):
            stays.setdefault(row.presence_key, []).append((row.arrived_at, row.left_at or row.arrived_at))
        for spans in stays.values():
            assert all(left <= came for (_, left), (came, _) in itertools.pairwise(spans))


def test_today_somebody_waits_somebody_overstays_somebody_is_answered_and_a_kiosk_rings(app: Flask, made: Path):
    with app.app_context(), reading():
        present = db.session.scalars(select(Visit).where(Visit.state.in_(PRESENT))).all()
        assert sum(visit.state == VisitState.WAITING for visit in present) == 2
        assert sum(visit.lingers(NOW) for visit in present) == 2
        assert sum(bool(visit.answered_at) and not visit.answer_told_at for visit in present) == 1
        assert len(db.session.scalars(select(ReceptionCall).where(ReceptionCall.answered_at.is_(None))).all()) == 1


def keys_and_slips_through_the_operations(app: Flask) -> set[tuple[str, int]]:
    """A set that goes out and comes back, and a repair from its first word to its end; (subject, id) of each."""
    site = db.session.scalars(select(Site).where(Site.name == "青屿中心")).one()
    people = {person.login: person for person in db.session.scalars(select(Person))}
    desk = staff.actor_of(people["lisi"], building.Building(site))
    key = db.session.scalars(select(Key).where(Key.site_id == site.id, Key.opens == "7 号会议室")).one()
    loan = lend(
        key,
        who=borrower(people["chenyang"]),
        noted=Note("会议"),
        due_at=NOW + timedelta(hours=1),
        acknowledged=Acknowledged.PAPER,
        actor=desk,
        now=NOW,
    )
    return_keys([key], actor=desk, now=NOW, condition="旧", brought_by="王例")
    works = db.session.scalars(select(Department).where(Department.site_id == site.id)).first()
    assert works
    slip = slips.write(
        site_id=site.id,
        nature=Nature.REPAIR,
        source=Source.DESK,
        matter="灯不亮",
        note="来电",
        name="张三",
        phone="+8615488888888",
        actor=desk,
        now=NOW,
    )
    slips.offer(slip, to=people["zhouli"], actor=desk, now=NOW)
    slips.note(slip, text="已看", actor=desk, now=NOW)
    slips.dispatch(slip, to=works, text="带梯子", actor=desk, now=NOW)
    slips.receive(slip, actor=desk, now=NOW)
    slips.done(slip, text="换灯", actor=desk, now=NOW)
    slips.close(slip, outcome="好了", actor=desk, now=NOW)
    return {("loan", loan.id), ("slip", slip.id)}


def test_past_loans_and_slips_have_the_shape_that_the_operations_write(app: Flask, made: Path):
    with app.app_context():
        with writing():
            played = keys_and_slips_through_the_operations(app)
        with reading():
            lines = db.session.execute(
                select(Event, EventDetail.entered)
                .outerjoin(EventDetail, (EventDetail.site_id == Event.site_id) & (EventDetail.number == Event.number))
                .where(Event.subject.in_(("loan", "slip")))
            ).all()
            real = {line.Event.kind: line for line in lines if (line.Event.subject, line.Event.subject_id) in played}
            assert {line.Event.kind for line in lines} <= set(real)
            for line, entered in lines:
                known = real[line.kind]
                allowed = known.Event.facts.keys() | {"host_id", "person_id", "visit_id"}
                assert known.Event.facts.keys() - {"person_id"} <= line.facts.keys() <= allowed, line.kind
                assert set(entered or {}) <= set(known.entered or {}) | {"phone", "authority"}, line.kind


def test_the_cabinets_are_full_and_no_key_was_out_twice_at_once(app: Flask, made: Path):
    with app.app_context(), reading():
        assert db.session.scalar(select(func.sum(Cabinet.hooks))) == 120
        keys = db.session.scalars(select(Key)).all()
        assert {key.class_code for key in keys} == set(KeyClass)
        assert len(db.session.scalars(select(KeySet)).all()) == 2
        spans: dict[int, list[tuple[datetime, datetime]]] = {}
        for row in db.session.execute(
            select(LoanLine.key_id, Loan.out_at, LoanLine.ended_at).join(Loan).order_by(Loan.out_at)
        ):
            spans.setdefault(row.key_id, []).append((row.out_at, row.ended_at or NOW))
        assert sum(map(len, spans.values())) > 20
        for out in spans.values():
            assert all(back <= gone for (_, back), (gone, _) in itertools.pairwise(out))


def test_today_a_key_is_overdue_one_lost_one_reserved_one_waits_and_a_count_is_finished(app: Flask, made: Path):
    with app.app_context(), reading():
        out = db.session.scalars(select(Loan).where(Loan.ended_at.is_(None))).all()
        assert len(out) == 8
        assert [loan.name for loan in out if loan.overdue(NOW)] == ["赵六"]
        lost = db.session.scalars(select(Key).where(Key.lost_at.is_not(None))).one()
        assert db.session.scalars(select(Slip).where(Slip.about == "key", Slip.about_id == lost.id)).one()
        span = db.session.scalars(select(KeyReservation)).one()
        assert span.starts_at < NOW < span.ends_at
        waits = db.session.scalars(select(KeyApproval).where(KeyApproval.used_at.is_(None))).one()
        assert waits.expires_at > NOW
        count = db.session.scalars(select(KeyCount)).one()
        assert (count.hooks, count.differing) == (120, 1)
        assert count.finished_at
        assert all(one.explained_at for one in db.session.scalars(select(KeyDifference)))


def test_slips_are_open_late_offered_and_closed(app: Flask, made: Path):
    with app.app_context(), reading():
        every = db.session.scalars(select(Slip)).all()
        assert sum(slip.late(NOW) for slip in every) == 1
        assert {slip.nature for slip in every} == set(Nature)
        assert {slip.state for slip in every} == set(SlipState)
        assert sum(slip.offered_to_id is not None for slip in every) == 1
        numbers = sorted(slip.number for slip in every)
        assert numbers == list(range(1, len(numbers) + 1))


def test_hosts_are_found_by_initials_and_have_no_real_telephone(app: Flask, made: Path):
    with app.app_context(), reading():
        hosts = db.session.scalars(select(Host)).all()
        assert len(hosts) == 112
        assert all(host.email.endswith("@example.com") for host in hosts)
        assert all(host.phone.startswith("+86154") for host in hosts)
        site_id = hosts[0].site_id
        assert hosts[0].ref in {match.ref for match in look_up(hosts[0].name, site_id=site_id)}


def test_the_kiosks_link_opens_a_paired_kiosk_in_any_browser(database: str, made: Path):
    app = demo_app(database, made)
    try:
        with app.app_context(), reading():
            _, kiosk = links.kiosks()[0]
            path = f"/demo/kiosk/{kiosk.ref}/{links.door_key(kiosk.ref)}"
        for _ in range(2):
            browser = app.test_client()
            answer = browser.get(path)
            assert (answer.status_code, answer.location) == (303, "/kiosk")
            assert browser.get("/kiosk").status_code == 200
        assert app.test_client().get(misspelt(path)).status_code == 404
    finally:
        close(app)


def test_the_door_does_not_exist_in_a_real_installation(app: Flask, database: str, made: Path, tmp_path: Path):
    assert not [rule for rule in app.url_map.iter_rules() if rule.endpoint.startswith("demo.")]


def test_the_command_says_how_many_visits_each_site_has(app: Flask, made: Path, once: Once):
    with app.app_context(), reading():
        counted = select(Site.name, func.count()).join(Visit, Visit.site_id == Site.id).group_by(Site.name)
        for name, count in db.session.execute(counted):
            assert f"{count:,} at {name}" in once.said


def test_the_command_wants_to_be_asked_by_name(app: Flask, made: Path):
    answer = app.test_cli_runner().invoke(args=["demo"])
    assert answer.exit_code == 1
    assert "FOYER_DEMO=1" in answer.output


def test_the_links_name_the_desk_a_kiosk_a_phone_and_the_accounts(database: str, made: Path):
    app = demo_app(database, made)
    try:
        answer = app.test_cli_runner().invoke(args=["demo", "--links", "--port", "8123"])
    finally:
        close(app)
    assert answer.exit_code == 0, answer.output
    for part in ("http://localhost:8123/sign-in", "/demo/kiosk/", "/own/", str(made / staff.FILE)):
        assert part in answer.output


def test_a_lost_kiosk_stays_lost_for_its_link(database: str, made: Path):
    from domain.sites import pairing

    app = demo_app(database, made)
    try:
        with app.app_context(), writing():
            kiosk = db.session.scalars(select(Kiosk).order_by(Kiosk.id)).first()
            assert kiosk
            pairing.cut_off(kiosk, actor=SYSTEM, now=clock.now())
            path = f"/demo/kiosk/{kiosk.ref}/{links.door_key(kiosk.ref)}"
        assert app.test_client().get(path).status_code == 404
    finally:
        close(app)


def test_no_text_of_the_building_lacks_a_language():
    from demo import texts

    for given in (texts.NOTICE, texts.HELP, texts.SITE_WAY, texts.way_to("1806", "18")):
        assert set(given) == set(texts.LANGUAGES)
    assert all(set(purpose["names"]) == set(texts.LANGUAGES) for purpose in texts.PURPOSES)
    assert len({json.dumps(lines) for lines in texts.NOTICE.values()}) == len(texts.LANGUAGES)
