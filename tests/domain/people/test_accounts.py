"""Accounts: who may make and change them, and that somebody always stays admin."""

import threading

import pytest
from flask import Flask
from sqlalchemy import select, update
from sqlalchemy.exc import IntegrityError

from domain import clock
from domain.database import db, reading, refusal, writing
from domain.errors import DomainError, NotAllowed
from domain.events import HOUSE, Event, EventDetail
from domain.identity import SYSTEM, Actor
from domain.people import accounts, queries, resets, second_factor, sign_in
from domain.people.authority import Held
from domain.people.models import Person, StaffSession
from domain.permissions import Role
from tests.cast import Cast

ALL = Held(Role.ADMIN, None)


def as_(cast: Cast, login: str) -> Actor:
    person = db.session.get_one(Person, cast.people[login])
    return sign_in.actor_of(person, grants=queries.grants_of(person.id), site_id=cast.site_id)


def person(cast: Cast, login: str) -> Person:
    return db.session.get_one(Person, cast.people[login])


def add(cast: Cast, *, by: str = "xu", **values: object) -> Person:
    given = {"login": "sun", "name": "孙七", "grants": [Held(Role.RECEPTIONIST, cast.site_id)]} | values
    return accounts.add_person(actor=as_(cast, by), now=clock.now(), **given)  # type: ignore[arg-type]


def test_an_account_is_made_with_its_roles_and_its_events(app: Flask, cast: Cast) -> None:
    with app.app_context():
        with writing():
            made = add(cast, login=" ＳＵＮ 7", phone="13800138000", email="sun@Example.com")
            assert (made.login, made.phone, made.email) == ("sun7", "+8613800138000", "sun@example.com")
            assert not queries.grants_of(made.id) ^ {Held(Role.RECEPTIONIST, cast.site_id)}
        with reading():
            lines = db.session.execute(select(Event.kind, Event.facts).where(Event.site_id == HOUSE)).all()
            assert [line.kind for line in lines] == ["person.added", "person.role_given"]
            assert lines[1].facts == {"role": "receptionist", "site_id": cast.site_id}
            assert "孙七" not in str(lines)
            assert "孙七" in str(db.session.scalars(select(EventDetail.entered)).all())


@pytest.mark.parametrize(
    ("values", "field"),
    [
        ({"login": ""}, "login"),
        ({"login": "x"}, "login"),
        ({"login": "<script>"}, "login"),
        ({"login": "a'b"}, "login"),
        ({"login": "🙂🙂"}, "login"),
        ({"name": ""}, "name"),
        ({"name": "🙂"}, "name"),
        ({"name": "x" * 10_000}, "name"),
        ({"phone": "12"}, "phone"),
        ({"email": "nobody"}, "email"),
        ({"language": "ar"}, "language"),
    ],
)
def test_bad_input_is_refused_at_its_field(app: Flask, cast: Cast, values: dict[str, str], field: str) -> None:
    with app.app_context(), pytest.raises(DomainError) as refused, writing():
        add(cast, **values)
    assert refused.value.field == field


def test_a_login_is_given_once(app: Flask, cast: Cast) -> None:
    with app.app_context():
        with pytest.raises(IntegrityError) as refused, writing():
            add(cast, login="LISI")
        said = refusal(refused.value)
        assert said is not None
        assert said.field == "login"


def test_only_admins_make_accounts_and_only_as_far_as_they_reach(app: Flask, cast: Cast) -> None:
    with app.app_context():
        with writing():
            add(cast, login="siteadmin", grants=[Held(Role.ADMIN, cast.site_id)])
        for login in ("lisi", "zhou", "wu", "he"):
            with pytest.raises(NotAllowed), writing():
                add(cast, by=login)
        made = queries.active("siteadmin")
        assert made is not None
        cast.people["siteadmin"] = made.id
        with writing():
            add(cast, by="siteadmin", login="here")
        for grant in (ALL, Held(Role.RECEPTIONIST, cast.other_site_id)):
            with pytest.raises(NotAllowed), writing():
                add(cast, by="siteadmin", login="there", grants=[grant])
        for login in ("xu", "qian"):
            with pytest.raises(NotAllowed), writing():
                accounts.change_person(
                    person(cast, login), name="Somebody", actor=as_(cast, "siteadmin"), now=clock.now()
                )
            with pytest.raises(NotAllowed), writing():
                resets.make_reset_link(person(cast, login), actor=as_(cast, "siteadmin"), now=clock.now())
            with pytest.raises(NotAllowed), writing():
                accounts.end_sessions(person(cast, login), actor=as_(cast, "siteadmin"), now=clock.now())


def test_nobody_takes_the_own_last_admin_role(app: Flask, cast: Cast) -> None:
    with app.app_context():
        with pytest.raises(DomainError, match="own last admin"), writing():
            accounts.set_grants(person(cast, "xu"), [], actor=as_(cast, "xu"), now=clock.now())
        with pytest.raises(DomainError, match="own account"), writing():
            accounts.person_left(person(cast, "xu"), actor=as_(cast, "xu"), now=clock.now())
        with pytest.raises(DomainError, match="stay admin"), writing():
            accounts.person_left(person(cast, "xu"), actor=SYSTEM, now=clock.now())
        with pytest.raises(DomainError, match="stay admin"), writing():
            accounts.set_grants(
                person(cast, "xu"), [Held(Role.ADMIN, cast.site_id)], actor=as_(cast, "xu"), now=clock.now()
            )


def test_two_admins_who_remove_each_other_leave_one(app: Flask, cast: Cast) -> None:
    with app.app_context():
        with writing():
            accounts.set_grants(person(cast, "he"), [ALL], actor=as_(cast, "xu"), now=clock.now())
        with reading():
            actors = {login: as_(cast, login) for login in ("xu", "he")}
    together = threading.Barrier(2)

    def remove(by: str, whom: str) -> None:
        with app.app_context():
            together.wait()
            try:
                with writing():
                    accounts.set_grants(person(cast, whom), [], actor=actors[by], now=clock.now())
            except DomainError:
                pass
            finally:
                db.session.remove()

    threads = [threading.Thread(target=remove, args=pair) for pair in (("xu", "he"), ("he", "xu"))]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(20)
    with app.app_context(), reading():
        held = [queries.grants_of(cast.people[login]) for login in ("xu", "he")]
    assert sum(ALL in each for each in held) == 1


def test_roles_are_given_and_taken_one_event_each(app: Flask, cast: Cast) -> None:
    with app.app_context():
        with writing():
            wanted = [Held(Role.LEAD, cast.site_id), Held(Role.RECEPTIONIST, cast.other_site_id)]
            accounts.set_grants(person(cast, "lisi"), wanted, actor=as_(cast, "xu"), now=clock.now())
        with reading():
            assert queries.grants_of(cast.people["lisi"]) == set(wanted)
            kinds = db.session.scalars(select(Event.kind).where(Event.site_id == HOUSE)).all()
            assert sorted(kinds) == ["person.role_given", "person.role_given", "person.role_taken"]


def test_who_left_is_signed_out_and_has_no_way_back(app: Flask, cast: Cast) -> None:
    with app.app_context():
        with writing():
            lisi = person(cast, "lisi")
            sign_in.begin(lisi, site_id=cast.site_id, shared_device=False, second_factor=False, now=clock.now())
            token = resets.make_reset_link(lisi, actor=as_(cast, "xu"), now=clock.now())
        with writing():
            accounts.person_left(person(cast, "lisi"), actor=as_(cast, "xu"), now=clock.now())
        with reading():
            assert db.session.scalar(select(StaffSession.ended_at)) is not None
            assert queries.active("lisi") is None
            with pytest.raises(resets.SpentLink):
                resets.find(token, now=clock.now())
        with pytest.raises(DomainError, match="no way back"), writing():
            resets.make_reset_link(person(cast, "lisi"), actor=as_(cast, "xu"), now=clock.now())


def test_a_lead_resets_the_desk_of_the_own_site_and_nobody_above(app: Flask, cast: Cast) -> None:
    with app.app_context():
        for login in ("lisi", "chen"):
            with writing():
                assert resets.make_reset_link(person(cast, login), actor=as_(cast, "zhou"), now=clock.now())
        for login in ("zhou", "wu", "he", "xu", "qian"):
            with pytest.raises(NotAllowed), writing():
                resets.make_reset_link(person(cast, login), actor=as_(cast, "zhou"), now=clock.now())


def test_everybody_changes_the_own_language_and_nothing_else(app: Flask, cast: Cast) -> None:
    with app.app_context():
        with writing():
            accounts.change_person(person(cast, "lisi"), language="zh_Hans", actor=as_(cast, "lisi"), now=clock.now())
        with pytest.raises(NotAllowed), writing():
            accounts.change_person(person(cast, "lisi"), name="Li", actor=as_(cast, "lisi"), now=clock.now())
        with pytest.raises(NotAllowed), writing():
            accounts.change_person(person(cast, "chen"), language="en", actor=as_(cast, "lisi"), now=clock.now())


def test_an_admin_takes_a_lost_second_factor_away(app: Flask, cast: Cast) -> None:
    with app.app_context():
        with writing():
            now = {"totp_secret": "A" * 32, "totp_confirmed_at": clock.now()}
            db.session.execute(update(Person).where(Person.login.in_(("wu", "xu"))).values(**now))
        with writing():
            second_factor.forget(person(cast, "wu"), actor=as_(cast, "xu"), now=clock.now())
        with reading():
            assert person(cast, "wu").totp_secret is None
        for by, whom in (("xu", "xu"), ("zhou", "lisi"), ("he", "wu")):
            with pytest.raises(DomainError), writing():
                second_factor.forget(person(cast, whom), actor=as_(cast, by), now=clock.now())


def test_a_password_changed_in_between_makes_the_proof_worthless(app: Flask, cast: Cast) -> None:
    with app.app_context():
        with reading():
            proof = sign_in.prove(login="lisi", password="correct horse battery staple", address="1", now=clock.now())
        with writing():
            db.session.execute(update(Person).where(Person.login == "lisi").values(password_hash="other"))
        with pytest.raises(sign_in.WrongPassword), writing():
            sign_in.sign_in(proof, shared_device=False, now=clock.now())
