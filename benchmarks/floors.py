"""What a page costs at the least: three bare views on the same server, with the same database and settings."""

import gc
import os
from datetime import UTC, datetime
from typing import Any

from flask import Flask, render_template, request
from jinja2 import DictLoader
from sqlalchemy import DateTime, create_engine, func, insert, select
from sqlalchemy.orm import DeclarativeBase, Mapped, Session, mapped_column, sessionmaker

from domain.engines import engine_options
from domain.modes import mode

ROWS = 10_000
# 25 rows of 12 values come to 10 kB.
PAGE = """<!doctype html><html lang="en"><head><meta charset="utf-8"><title>Floor</title></head><body><h1>Floor</h1>
<table>{% for row in rows %}<tr data-id="{{ row.id }}"><td class="a">{{ row.a }}</td><td class="b">{{ row.b }}</td>
<td class="c">{{ row.c }}</td><td>{{ row.d }}</td><td>{{ row.e }}</td><td>{{ row.f }}</td><td>{{ row.g }}</td>
<td class="at">{{ row.at.strftime("%m-%d %H:%M") }}</td><td><a href="/rows/{{ row.id }}">{{ row.a }}</a></td></tr>
{% endfor %}</table></body></html>"""


class Base(DeclarativeBase):
    """Its own tables, in its own database."""


class Thing(Base):
    """A row of the bare list."""

    __tablename__ = "things"
    id: Mapped[int] = mapped_column(primary_key=True)
    at: Mapped[datetime] = mapped_column(DateTime, index=True)
    a: Mapped[str]
    b: Mapped[str]
    c: Mapped[str]
    d: Mapped[str]
    e: Mapped[str]
    f: Mapped[str]
    g: Mapped[str]


def values(n: int) -> dict[str, Any]:
    """The content of one row."""
    at = datetime.fromtimestamp(1_700_000_000 + n * 60, tz=UTC).replace(tzinfo=None)
    return {"at": at, "a": f"张三{n}", "b": "示例科技有限公司" * 3, "c": f"+86154{n:08d}" * 3} | {
        name: f"value {name} of row {n}, long enough to be seen" for name in "defg"
    }


def fill(url: str) -> None:
    """Make the rows of the bare list."""
    engine = create_engine(url, **engine_options(url))
    token = mode.set("write")
    with engine.begin() as connection:
        Base.metadata.create_all(connection)
        if not connection.scalar(select(func.count()).select_from(Thing)):
            connection.execute(insert(Thing), [values(n) for n in range(ROWS)])
    mode.reset(token)
    engine.dispose()


def create_app() -> Flask:
    """The bare application; FOYER_FLOOR_URL names its database."""
    app = Flask("floors", static_folder=None)
    app.jinja_loader = DictLoader({"page.html": PAGE})
    url = os.environ["FOYER_FLOOR_URL"]
    session = sessionmaker(create_engine(url, **engine_options(url)))

    @app.get("/hello")
    def hello() -> str:
        return "hello"

    @app.get("/list")
    def rows() -> str:
        mode.set("read")
        with session() as reader:
            found = reader.scalars(select(Thing).order_by(Thing.at.desc()).limit(25)).all()
            return render_template("page.html", rows=found)

    @app.post("/insert")
    def put() -> str:
        typed = request.form["a"]
        mode.set("write")
        writer: Session
        with session() as writer:
            writer.add(Thing(**values(1) | {"a": typed}))
            writer.commit()
        return "done"

    gc.collect()
    gc.freeze()  # as app.served does
    return app
