"""Bring the database to the newest migration, and say on the last line whether it is `empty` or `inhabited`.

A process of its own: `make run` stays small, because the application is never loaded into it.
"""

from __future__ import annotations

import flask_migrate
from sqlalchemy import select

from app import create_app
from domain.database import reading
from domain.sites.models import Site


def main() -> None:
    """Migrate, then look for a site."""
    app = create_app()
    with app.app_context():
        flask_migrate.upgrade()
        with reading() as session:
            inhabited = session.scalar(select(Site.id).limit(1)) is not None
    print("inhabited" if inhabited else "empty")


if __name__ == "__main__":
    main()
