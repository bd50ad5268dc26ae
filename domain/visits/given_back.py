"""Who was not let in has not used the invitation: it is good for another time (V5)."""

from sqlalchemy import delete

from domain.database import db
from domain.visits.invitation_models import InvitationEntry
from domain.visits.models import Visit


def give_back(visit: Visit) -> None:
    """Take away the entry of a visit that was refused or given up; the database keeps every other one."""
    db.session.execute(
        delete(InvitationEntry).where(InvitationEntry.visit_id == visit.id),
        execution_options={"synchronize_session": False},
    )
