"""What was signed is sealed: whoever has the database in hand and touches history, seal or entry is found out (R2)."""
# ruff: noqa: S608 -- attacks are written as an attacker writes them

from contextlib import contextmanager
from datetime import timedelta

import pytest
from sqlalchemy import text

from domain import clock as time
from domain.database import db, reading, writing
from domain.identity import SYSTEM
from domain.review import checks, erasure, sealing, verification
from domain.visits import erasure as visit_erasure


@contextmanager
def unguarded(app):
    """Write as somebody with every right to the database does: all guards stand aside."""
    with app.app_context(), writing():
        if db.engine.dialect.name == "sqlite":
            named = db.session.execute(text("SELECT name, sql FROM sqlite_master WHERE type = 'trigger'")).all()
            db.session.execute(text("PRAGMA defer_foreign_keys=ON"))
            for name, _sql in named:
                db.session.execute(text(f"DROP TRIGGER {name}"))
            yield
            for _name, sql in named:
                db.session.execute(text(sql))
        else:
            db.session.execute(text("SET LOCAL session_replication_role = replica"))
            yield


def run(statement, **values):
    """One statement of the attack."""
    db.session.execute(text(statement), values)


@pytest.fixture
def sealed(desk, app):
    """Five visits signed in two spans, the second one with a correction of the first; then a night's seal."""
    visits = desk.visits(3)
    desk.sign(desk.shown(1, 3))
    desk.visits(2, begin=10)
    desk.correct(visits[0], "改正")
    desk.sign(desk.shown(4, 5, more=(1,)))
    with app.app_context():
        sealing.catch_up_everywhere(now=time.now())
    return desk


def found(app, site_id):
    """What the check says of the site, in English."""
    with app.app_context(), reading():
        return [str(problem) for problem in verification.problems() if problem.site_id == site_id]


def test_every_event_ends_in_exactly_one_seal(sealed, app, cast):
    assert found(app, cast.site_id) == []
    with app.app_context(), reading():
        seals = db.session.execute(
            text("SELECT first_event, last_event FROM seals WHERE site_id = :s ORDER BY number"), {"s": cast.site_id}
        ).all()
        count = db.session.scalar(text("SELECT count(*) FROM events WHERE site_id = :s"), {"s": cast.site_id})
    covered = [number for first, last in seals for number in range(first, last + 1)]
    assert covered == list(range(1, count + 1))
    assert len(seals) == 3


EVENT = "site_id, kind, subject, subject_id, actor_kind, actor_id, at, facts, digest"


def shift(where, by):
    """Move the numbers of events and of what was entered with them, in two steps past each other."""
    for table in ("events", "event_details"):
        run(f"UPDATE {table} SET number = -(number + :by) WHERE site_id = :s AND number {where}", s=SITE[0], by=by)
        run(f"UPDATE {table} SET number = -number WHERE number < 0")


SITE = [0]


def change():
    run("UPDATE events SET at = :at WHERE site_id = :s AND number = 2", s=SITE[0], at="2026-03-02 01:00:00.000000+00")


def remove():
    run("DELETE FROM event_details WHERE site_id = :s AND number = 3", s=SITE[0])
    run("DELETE FROM events WHERE site_id = :s AND number = 3", s=SITE[0])


def remove_and_close_the_gap():
    remove()
    shift("> 3", -1)
    run("UPDATE counters SET value = value - 1 WHERE site_id = :s", s=SITE[0])


def add():
    shift(">= 2", 1)
    run(
        f"INSERT INTO events ({EVENT}, number) SELECT {EVENT}, 2 FROM events WHERE site_id = :s AND number = 5",
        s=SITE[0],
    )
    run("UPDATE events SET kind = 'visit.left' WHERE site_id = :s AND number = 2", s=SITE[0])
    run("UPDATE counters SET value = value + 1 WHERE site_id = :s", s=SITE[0])


def reorder():
    for old, new in ((2, -2), (3, 2), (-2, 3)):
        for table in ("events", "event_details"):
            run(f"UPDATE {table} SET number = :new WHERE site_id = :s AND number = :old", s=SITE[0], new=new, old=old)


ATTACKS = {
    "changed": (change, "Event 2 ("),
    "removed": (remove, "Event 3 was removed."),
    "removed, numbers closed up": (remove_and_close_the_gap, "The event that stood at number 3 was removed"),
    "added": (add, "Event 2 (visit.left, "),
    "reordered": (reorder, "Event 2 ("),
}


@pytest.mark.parametrize("attack", ATTACKS)
def test_the_first_event_that_was_touched_is_named(sealed, app, cast, attack):
    SITE[0] = cast.site_id
    deed, words = ATTACKS[attack]
    with unguarded(app):
        deed()
    said = found(app, cast.site_id)
    assert said, attack
    assert words in said[0]
    if attack in ("added", "changed"):
        assert f"was {attack}." in said[0]
    if attack == "reordered":
        assert said[0].endswith("was moved: the order was changed.")


SEAL = "WHERE site_id = :s AND number"
ON_SEALS = {
    "root": (f"UPDATE seals SET root = head {SEAL} = 1", "Seal 1 itself was changed"),
    "statement": (f"UPDATE seals SET statement = '' {SEAL} = 2", "Seal 2 itself was changed"),
    "head": (f"UPDATE seals SET head = root {SEAL} = 2", "Seal 2 itself was changed"),
    "gone": (f"DELETE FROM seals {SEAL} = 2", "Seal 2 was removed"),
    "leaves": (f"UPDATE seals SET leaves = '' {SEAL} = 1", "The list of events in seal 1 was changed"),
    "signature": ("UPDATE reviews SET entries = 99 WHERE site_id = :s AND number = 1", "Signature 1 was changed"),
    "signature gone": ("DELETE FROM reviews WHERE site_id = :s AND number = 2", "Signature 2 was removed"),
    "signed entry": ("UPDATE review_entries SET digest = personal WHERE number = 2", "Signature 1 was changed"),
    "entry": (
        "UPDATE visits SET unit_id = NULL, left_at = arrived_at WHERE number = 2",
        "No. 0002 of visits was changed",
    ),
    "name": ("UPDATE visits SET name = '别人' WHERE number = 3", "No. 0003 of visits was changed past its history"),
    "entry gone": ("DELETE FROM visits WHERE number = 2", "No. 0002 of visits was removed"),
}


@pytest.mark.parametrize("attack", ON_SEALS)
def test_a_seal_a_signature_or_an_entry_that_was_touched_is_named(sealed, app, cast, attack):
    statement, words = ON_SEALS[attack]
    statement = statement.replace("unit_id = NULL, ", "")
    with unguarded(app):
        if attack == "gone":
            run("UPDATE reviews SET seal_number = 1 WHERE number = 2")
        if attack == "signature gone":
            run("DELETE FROM review_entries WHERE review_id = (SELECT MAX(id) FROM reviews)")
        db.session.execute(text(statement), {"s": cast.site_id} if ":s" in statement else {})
    assert any(words in line for line in found(app, cast.site_id)), found(app, cast.site_id)


def test_a_seal_written_anew_with_all_that_follows_is_known_to_the_history(sealed, app, cast):
    """Who can compute heads replaces seal, list and chain; the line of the signature keeps the old head."""
    with unguarded(app):
        run("UPDATE events SET kind = 'visit.left' WHERE site_id = :s AND number = 2", s=cast.site_id)
        previous = ""
        for number in (1, 2, 3):
            seal = db.session.get_one(sealing.Seal, (cast.site_id, number))
            leaves = [
                sealing.leaf_of(row) for row in sealing.events_of(cast.site_id, seal.first_event, seal.last_event)
            ]
            seal.leaves, seal.root = b"".join(leaves), sealing.merkle.root(leaves).hex()
            seal.previous = previous
            seal.head = previous = sealing.head_of(seal)
        db.session.flush()
    assert any("the history knows another head" in line for line in found(app, cast.site_id))


def cut_off():
    """Remove the newest seal and the events beyond it, and set the counter back."""
    run("UPDATE reviews SET seal_number = 1 WHERE site_id = :s", s=SITE[0])
    for statement in (*EVENTS, SET_BACK, NEWEST_SEAL):
        run(statement, s=SITE[0])


KINDS = {
    "changed": (change, "Event 2 ("),
    "removed": (remove, "Event 3 was removed."),
    "added": (add, "Event 2 (visit.left, "),
    "reordered": (reorder, "was moved: the order was changed."),
    "cut off": (cut_off, "Seal 3 was removed."),
}


@pytest.mark.parametrize("kind", KINDS)
def test_the_console_names_what_was_touched(sealed, app, cast, kind):
    SITE[0] = cast.site_id
    deed, words = KINDS[kind]
    with app.app_context():
        assert app.test_cli_runner().invoke(args=["verify"]).exit_code == 0
    with unguarded(app):
        deed()
    with app.app_context():
        said = app.test_cli_runner().invoke(args=["verify"])
    assert said.exit_code == 1
    assert words in said.output
    if kind in ("changed", "added"):
        assert f" was {kind}." in said.output


def test_what_is_erased_in_time_breaks_no_seal(sealed, app, cast, clock, tmp_path):
    with app.app_context(), writing():
        run("UPDATE visits SET state = 'left', left_at = arrived_at, presence_key = NULL")
    clock.shift(timedelta(days=120))
    before = found(app, cast.site_id)
    with app.app_context():
        assert visit_erasure.erase_visits(photos=tmp_path, actor=SYSTEM, now=time.now()) == 5
        assert erasure.erase_review(now=time.now()) >= 5
        with reading():
            assert db.session.scalar(text("SELECT count(*) FROM review_entries WHERE salt <> ''")) == 0
            assert db.session.scalar(text("SELECT count(*) FROM reviews WHERE remark <> ''")) == 0
    # The state was written past its history above, and that alone is told.
    assert all("past its history" in line for line in before)
    assert [line for line in found(app, cast.site_id) if "past its history" not in line] == []


def test_a_long_history_is_closed_in_several_seals(desk, app, cast, monkeypatch):
    monkeypatch.setattr(sealing, "BATCH", 4)
    desk.visits(10)
    desk.sign(desk.shown(1, 10))
    assert found(app, cast.site_id) == []
    with app.app_context(), reading():
        spans = db.session.execute(
            text("SELECT last_event - first_event + 1, statement FROM seals WHERE site_id = 1")
        ).all()
    assert max(size for size, _ in spans) == 4
    assert [bool(statement) for _, statement in spans].count(True) == 1


NEWEST_SEAL = "DELETE FROM seals WHERE site_id = :s AND number = 3"
NEWEST_EVENT = "DELETE FROM {} WHERE site_id = :s AND number = (SELECT value FROM counters WHERE site_id = :s)"
SET_BACK = "UPDATE counters SET value = value - 1 WHERE site_id = :s"
EVENTS = [NEWEST_EVENT.format("event_details"), NEWEST_EVENT.format("events")]
AT_THE_END = {
    "newest seal": ([NEWEST_SEAL], "Seal 3 was removed."),
    "both newer seals": (["DELETE FROM seals WHERE site_id = :s AND number > 1"], "Seals 2 to 3 were removed."),
    "all seals and signatures": (
        [f"DELETE FROM {table} WHERE site_id = :s" for table in ("review_entries", "reviews", "seals")],
        "Seals 1 to 3 were removed.",
    ),
    "newest event": (EVENTS, "The newest events were removed: "),
    "both": ([*EVENTS, NEWEST_SEAL], "Seal 3 was removed."),
    "both, the counter set back": ([*EVENTS, SET_BACK, NEWEST_SEAL], "Seal 3 was removed."),
    "counter": ([SET_BACK], "The counter of events was set back: "),
    "newest seal and note": (
        [NEWEST_SEAL, "DELETE FROM seal_ends WHERE site_id = :s"],
        "The note of where the seals end was removed.",
    ),
}


@pytest.mark.parametrize("attack", AT_THE_END)
def test_what_is_cut_off_at_the_end_is_named(sealed, app, cast, attack):
    desk, (statements, words) = sealed, AT_THE_END[attack]
    desk.visits(1, begin=20)  # after the last seal
    with unguarded(app):
        for statement in statements:
            run("UPDATE reviews SET seal_number = 1 WHERE site_id = :s", s=cast.site_id)
            run(statement, s=cast.site_id)
    said = found(app, cast.site_id)
    assert any(words in line for line in said), said


def test_the_night_after_hides_no_seal_that_was_cut_off(sealed, app, cast):
    """Sealing goes on, so that what is new is bound; the note stays as it was."""
    with unguarded(app):
        run(NEWEST_SEAL, s=cast.site_id)
    with app.app_context():
        sealing.catch_up_everywhere(now=time.now() + timedelta(days=1))
    assert any("Seal 3 was replaced: the note of it has another head." in line for line in found(app, cast.site_id))
    sealed.visits(1, begin=20)
    with app.app_context():
        sealing.catch_up_everywhere(now=time.now() + timedelta(days=2))
    assert any("Seal 3 was replaced" in line for line in found(app, cast.site_id))


def test_a_note_of_yesterday_is_known_by_the_check_of_today(sealed, app, cast):
    """Whoever puts back seal and note together, both from a copy of the database, meets what the check wrote down."""
    with app.app_context():
        with reading():
            noted = db.session.scalar(text("SELECT told FROM seal_ends WHERE site_id = :s"), {"s": cast.site_id})
        sealed.visits(1, begin=20)
        sealing.catch_up_everywhere(now=time.now())
        checks.check_everywhere(now=time.now())
    assert found(app, cast.site_id) == []
    with unguarded(app):
        run("DELETE FROM seals WHERE site_id = :s AND number = 4", s=cast.site_id)
        run("UPDATE seal_ends SET told = :told WHERE site_id = :s", s=cast.site_id, told=noted)
    assert any("Seal 4 was removed: event " in line for line in found(app, cast.site_id))


def test_the_note_of_another_site_says_nothing(sealed, app, cast):
    with app.app_context(), writing():
        sealing.note_end(cast.other_site_id, sealing.end_of(cast.site_id))
    with unguarded(app):
        other = db.session.scalar(text("SELECT told FROM seal_ends WHERE site_id = :s"), {"s": cast.other_site_id})
        run("UPDATE seal_ends SET told = :told WHERE site_id = :s", s=cast.site_id, told=other)
    assert any("The note of where the seals end was changed" in line for line in found(app, cast.site_id))


def test_a_note_older_than_the_seals_was_put_back(sealed, app, cast):
    with app.app_context(), reading():
        noted = db.session.scalar(text("SELECT told FROM seal_ends WHERE site_id = :s"), {"s": cast.site_id})
    sealed.visits(1, begin=20)
    with app.app_context():
        sealing.catch_up_everywhere(now=time.now())
    with unguarded(app):
        run("UPDATE seal_ends SET told = :told WHERE site_id = :s", s=cast.site_id, told=noted)
    assert any("is older than the seals: it was put back." in line for line in found(app, cast.site_id))


def test_after_a_key_was_lost_the_end_is_noted_anew_and_the_history_says_so(sealed, app, cast):
    with unguarded(app):
        run("UPDATE seal_ends SET told = :other WHERE site_id = :s", s=cast.site_id, other=b"\x01" + bytes(60))
    sealed.visits(1, begin=20)
    sealed.sign(sealed.shown(6, 6))
    assert any("under a secret key that is not set up" in line for line in found(app, cast.site_id))
    with app.app_context():
        said = app.test_cli_runner().invoke(args=["note-seals"])
    assert said.output == "1 ends of seals are noted anew.\n"
    assert found(app, cast.site_id) == []
    with app.app_context(), reading():
        assert db.session.scalar(text("SELECT count(*) FROM events WHERE kind = 'seals.noted'")) == 1
