"""V5: however many kiosks come in at once, an invitation's last entry is used once; who is late is told so in words."""

from flask import Flask
from sqlalchemy import func, select

from domain.database import db, reading, writing
from domain.visits.invitation_models import USED_UP, InvitationEntry
from tests.cabinet import actor_of
from tests.cast import Cast
from tests.races import invitations
from tests.races.race import race

CLIENTS, TRIES = 8, 160


def test_the_last_entry_is_used_once(app: Flask, cast: Cast) -> None:
    with app.app_context(), writing():
        pool = invitations.fill(cast.site_id, entries=3)
        actor = actor_of(cast, "lisi")
    outcome = race(app, invitations.client(pool, actor), clients=CLIENTS, tries=TRIES)
    assert outcome.broken == []
    assert outcome.tries == TRIES
    assert outcome.refused[USED_UP] > 0
    with app.app_context(), reading():
        assert invitations.violations(pool) == []
        assert db.session.scalar(select(func.count()).select_from(InvitationEntry)) == outcome.won
