"""People and roles: accounts made, changed, granted, given a way back in, signed out, closed."""

from collections.abc import Iterable
from typing import Any

from flask import flash, g, request, url_for
from flask_babel import gettext as _
from sqlalchemy import or_

from blueprints.admin import blueprint
from blueprints.admin.person_forms import GrantsForm, NewPersonForm, PersonForm
from domain import clock
from domain.database import db
from domain.errors import DomainError, NotFound
from domain.people import accounts, authority, managed, queries, resets
from domain.people.authority import Held
from domain.people.models import Person
from domain.permissions import ROLE_NAMES, Permission, Role
from domain.sites.models import Site
from domain.text import N_
from web.codes import public_url
from web.edits import ActionForm, draw
from web.fields import clean_text
from web.forms import refusals
from web.htmx import done, render
from web.permissions import actor, allow
from web.transactions import writes

PAGE = 50
EVERYWHERE = "all"


def _find(ref: str) -> Person:
    statement = managed.people_managed_by(actor()).where(Person.ref == ref)
    person = db.session.scalar(
        statement.with_for_update(of=Person, key_share=True) if request.method == "POST" else statement
    )
    if person is None:
        raise NotFound
    return person


@blueprint.get("/people")
@allow(Permission.ACCOUNTS_MANAGE)
def people() -> Any:
    """Who has an account, with the roles; those who left come last."""
    query = clean_text(request.args.get("q", ""))[:80]
    number = min(max(request.args.get("page", 1, type=int), 1), 1000)
    statement = managed.people_managed_by(actor())
    if query:
        like = f"%{query.replace('%', '').replace('_', '')}%"
        statement = statement.where(or_(Person.name.ilike(like), Person.login.ilike(like)))
    listed = list(db.session.scalars(statement.offset((number - 1) * PAGE).limit(PAGE + 1)))
    roles = queries.roles_of([person.id for person in listed])
    more = len(listed) > PAGE
    return render("admin/people.html", people=listed[:PAGE], roles=roles, query=query, number=number, more=more)


def _columns() -> list[tuple[Role, str]]:
    return list(ROLE_NAMES.items())


def _rows() -> list[tuple[str, Site | None]]:
    """The rows of the table of grants: every site first, for who may give that, then each site of the actor's."""
    rows: list[tuple[str, Site | None]] = [(EVERYWHERE, None)] if managed.manages_all(actor()) else []
    return rows + [(site.ref, site) for site in db.session.scalars(managed.sites_managed_by(actor()))]


def _offer(form: Any, rows: Iterable[tuple[str, Site | None]]) -> None:
    form["grants"].choices = [(f"{role}:{ref}", _(word)) for ref, _site in rows for role, word in _columns()]


def _held(chosen: list[str], rows: list[tuple[str, Site | None]]) -> frozenset[Held]:
    sites = {ref: site.id if site else None for ref, site in rows}
    return frozenset(
        Held(Role(role), sites[ref]) for role, _colon, ref in (value.partition(":") for value in chosen or [])
    )


@blueprint.route("/people/new", methods=["GET", "POST"])
@allow(Permission.ACCOUNTS_MANAGE)
@writes
def add_person() -> Any:
    """A new account with its roles; the link to set the password is made on its page."""
    form, rows = NewPersonForm(), _rows()
    _offer(form, rows)
    if request.method == "POST" and form.validate():
        with refusals(form):
            values = form.values
            grants = _held(values.pop("grants"), rows)
            if not grants:
                raise DomainError(N_("Give at least one role: without any nobody can do anything."), field="grants")
            person = accounts.add_person(**values, grants=grants, actor=actor(), now=clock.now())
            flash(_("%(person)s is entered. Now make the link to set a password.", person=person.name), "ok")
            return done(url_for("admin.person", ref=person.ref))
    back = url_for("admin.people")
    title = _("Add person")
    return draw("admin/person_form.html", form=form, title=title, back=back, rows=rows, columns=_columns())


def _page(person: Person, form: Any = None, **more: Any) -> Any:
    now, held = clock.now(), queries.grants_of(person.id)
    return draw(
        "admin/person.html",
        form=form or ActionForm(endpoint="admin.make_link"),
        person=person,
        roles=queries.roles_of([person.id])[person.id],
        sessions=db.session.scalars(queries.sessions_of(person.id, now=now)).all(),
        may_change=authority.may_look_after(actor(), held),
        itself=actor().id == person.id,
        **more,
    )


@blueprint.get("/people/<ref>")
@allow(Permission.ACCOUNTS_MANAGE)
def person(ref: str) -> Any:
    """One account: what is known, the roles, where it is signed in."""
    return _page(_find(ref))


@blueprint.route("/people/<ref>/edit", methods=["GET", "POST"])
@allow(Permission.ACCOUNTS_MANAGE)
@writes
def change_person(ref: str) -> Any:
    """Change name, login, phone, mail or language."""
    found, back = _find(ref), url_for("admin.person", ref=ref)
    names = ("name", "login", "phone", "email", "language")
    form = PersonForm({name: getattr(found, name) for name in names})
    if request.method == "POST" and form.validate():
        with refusals(form):
            accounts.change_person(found, actor=actor(), now=clock.now(), **form.values)
            return done(back)
    return draw("admin/person_form.html", form=form, title=_("Change account"), back=back, rows=None, columns=None)


@blueprint.route("/people/<ref>/roles", methods=["GET", "POST"])
@allow(Permission.ACCOUNTS_MANAGE)
@writes
def grants(ref: str) -> Any:
    """Which roles the person holds at which sites; those beyond the actor's reach stay as they are."""
    found, rows, back = _find(ref), _rows(), url_for("admin.person", ref=ref)
    refs = {site.id if site else None: each for each, site in rows}
    held = queries.grants_of(found.id)
    beyond = frozenset(grant for grant in held if grant.site_id not in refs)
    current = sorted(f"{grant.role}:{refs[grant.site_id]}" for grant in held - beyond)
    form = GrantsForm({"grants": current})
    _offer(form, rows)
    form["grants"].data = sorted(form["grants"].data or [])
    if request.method == "POST" and form.validate():
        with refusals(form):
            wanted = _held(form["grants"].data, rows) | beyond
            accounts.set_grants(found, wanted, actor=actor(), now=clock.now())
            return done(back)
    shown = {"person": found, "rows": rows, "columns": _columns(), "beyond": len(beyond)}
    return draw("admin/grants.html", form=form, title=_("Roles"), back=back, **shown)


@blueprint.post("/people/<ref>/links")
@allow(Permission.ACCOUNTS_MANAGE)
@writes
def make_link(ref: str) -> Any:
    """Make a link to set a password with; it is shown once."""
    found, form = _find(ref), ActionForm()
    g.subject_url = url_for("admin.person", ref=ref)
    if form.validate():
        with refusals(form):
            token = resets.make_reset_link(found, actor=actor(), now=clock.now())
            return _page(found, link=public_url(url_for("auth.reset", token=token)))
    return _page(found, form)


@blueprint.route("/people/<ref>/sign-out", methods=["GET", "POST"])
@allow(Permission.ACCOUNTS_MANAGE)
@writes
def end_sessions(ref: str) -> Any:
    """Sign the person out of every browser; asked first."""
    return _confirmed(ref, accounts.end_sessions, "admin/end_sessions.html")


@blueprint.route("/people/<ref>/departure", methods=["GET", "POST"])
@allow(Permission.ACCOUNTS_MANAGE)
@writes
def person_left(ref: str) -> Any:
    """The person left: no way in any more; asked first."""
    return _confirmed(ref, accounts.person_left, "admin/person_left.html")


def _confirmed(ref: str, operation: Any, page: str) -> Any:
    found, form, back = _find(ref), ActionForm(), url_for("admin.person", ref=ref)
    if request.method == "POST" and form.validate():
        with refusals(form):
            operation(found, actor=actor(), now=clock.now())
            return done(back)
    return draw(page, form=form, person=found, back=back)
