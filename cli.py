"""The console: each command a few lines around one domain call."""

import logging
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import timedelta
from pathlib import Path
from typing import Any

import click
from flask import Flask, current_app
from flask.cli import AppGroup
from sqlalchemy import or_, select
from sqlalchemy.exc import IntegrityError
from werkzeug.local import LocalProxy

import worker
from demo.command import demo
from domain import abandonment, backup, clock, rotation, sealed, verification
from domain.database import db, reading, refusal, writing
from domain.encryption import CannotDecrypt
from domain.errors import DomainError
from domain.identity import SYSTEM
from domain.people import accounts, passwords, queries, resets, sign_in
from domain.people import second_factor as factor
from domain.people.authority import Held
from domain.people.models import Person
from domain.permissions import Role
from domain.review import sealing
from domain.sites.models import Site
from jobs import ERASING


@click.command("worker")
@click.option("--no-timetable", is_flag=True, help="Only deliver: for every further worker of one installation.")
def work(no_timetable: bool) -> None:
    """Deliver notices and keep the timetable, in the foreground, until SIGTERM."""
    logging.basicConfig(level=logging.WARNING, format="%(asctime)s %(levelname)s %(name)s: %(message)s")
    logging.getLogger("foyer").setLevel(logging.INFO)
    worker.run(current_app._get_current_object(), timetable=not no_timetable)  # type: ignore[attr-defined]


person = AppGroup("person", help="Accounts of the staff: the first admin is made here.")


@contextmanager
def _explained() -> Iterator[None]:
    """End with the sentence of what was refused."""
    try:
        yield
    except DomainError as error:
        raise click.ClickException(str(error)) from error
    except CannotDecrypt as error:
        raise click.ClickException(f"What is sealed does not open ({error}). {_way_out()}") from error
    except IntegrityError as error:
        raise click.ClickException(str(refusal(error) or "Somebody changed this in the same moment.")) from error


def _say_link(token: str) -> None:
    base = current_app.config["SETTINGS"].public_url.rstrip("/")
    click.echo(f"Set the password within a day at: {base or '(the address of this Foyer)'}/reset/{token}")


def _site_id(name: str) -> int:
    named = or_(Site.name == name, Site.name_en == name)
    site_id = db.session.scalar(select(Site.id).where(named, Site.closed_at.is_(None)).order_by(Site.id))
    if site_id is None:
        raise click.ClickException(f"There is no open site of the name {name}.")
    return site_id


@person.command("add")
@click.option("--login", required=True, help="The name to sign in with.")
@click.option("--name", required=True, help="The name as colleagues read it.")
@click.option("--role", type=click.Choice([role.value for role in Role]), default=Role.ADMIN.value, show_default=True)
@click.option("--site", "site_names", multiple=True, help="Name of a site; none: at all sites. May be given again.")
@click.option("--language", type=click.Choice(accounts.LANGUAGES), default="zh_Hans", show_default=True)
@click.option("--link", is_flag=True, help="Print a link to set the password with, instead of asking for one.")
def add_person(login: str, name: str, role: str, site_names: tuple[str, ...], language: str, link: bool) -> None:
    """Make an account; asks for its password."""
    password_hash = passwords.NOBODYS
    if not link:
        password = click.prompt("Password", hide_input=True, confirmation_prompt=True)
        with _explained(), reading():
            resets.must_suit(password, login=login, name=name)
        password_hash = passwords.hash_password(password)
    with _explained(), writing():
        places: list[int | None] = [_site_id(each) for each in site_names] or [None]
        made = accounts.add_person(
            login=login,
            name=name,
            language=language,
            grants=[Held(Role(role), place) for place in places],
            password_hash=password_hash,
            actor=SYSTEM,
            now=clock.now(),
        )
        token = resets.make_reset_link(made, actor=SYSTEM, now=clock.now()) if link else ""
    click.echo(f"{made.login} has an account.")
    if token:
        _say_link(token)


def _account(login: str) -> Person:
    found = queries.active(sign_in.normalise_login(login))
    if found is None:
        raise click.ClickException(f"Nobody signs in as {login}.")
    return found


@person.command("reset")
@click.option("--login", required=True, help="Whose password is forgotten.")
@click.option("--second-factor", is_flag=True, help="Take the second step away too: phone and codes are lost.")
def reset_person(login: str, second_factor: bool) -> None:
    """Print a link that sets a new password; the old one serves until it is used."""
    with _explained(), writing():
        found = _account(login)
        if second_factor:
            factor.forget(found, actor=SYSTEM, now=clock.now())
        token = resets.make_reset_link(found, actor=SYSTEM, now=clock.now())
    _say_link(token)


def _photos() -> Path:
    return Path(current_app.config["SETTINGS"].data_dir) / "photos"


def _backups() -> Path:
    folder = Path(current_app.config["SETTINGS"].data_dir) / "backups"
    folder.mkdir(parents=True, exist_ok=True, mode=0o700)
    return folder


def _way_out() -> str:
    """What to do when sealed values do not open."""
    settings = current_app.config["SETTINGS"]
    kept = "" if settings.secret_key else f" or {Path(settings.data_dir) / 'secret.key'}"
    return (
        "The secret key that sealed it is another one: stop web and worker, put the old one into "
        f"FOYER_SECRET_KEY{kept}, then run: flask --app app verify. Only if it is lost for good: "
        "flask --app app give-up-sealed"
    )


@click.command("backup")
@click.argument("file", required=False, type=click.Path(dir_okay=False, path_type=Path))
@click.option("--keep-days", type=click.IntRange(1, 3650), help="Then remove archives beside it that are older.")
def back_up(file: Path | None, keep_days: int | None) -> None:
    """Write everything but the secret key into one FILE, while Foyer works; without FILE into `backups` of the data."""
    now = clock.now()
    target = (file or _backups() / f"foyer-{now:%Y%m%d-%H%M%S}.tar.gz").resolve()
    try:
        manifest = backup.write(target, engine=db.engine, photos=_photos(), now=now)
    except backup.BackupProblem as problem:
        raise click.ClickException(str(problem)) from problem
    click.echo(f"{target}: {manifest.kind}, schema {manifest.revision}, {target.stat().st_size:,} bytes.")
    if keep_days is not None:
        gone = backup.forget_older(target.parent, before=now - timedelta(days=keep_days))
        click.echo(f"{gone} older archives removed.")


@click.command("rotate-keys")
def rotate_keys() -> None:
    """Seal anew under the newest secret what older ones sealed; afterwards the older ones may be thrown away."""
    try:
        count = rotation.rotate(photos=_photos())
    except rotation.RotationProblem as problem:
        raise click.ClickException(str(problem)) from problem
    click.echo(f"{count} values are sealed anew. FOYER_PREVIOUS_SECRET_KEYS may be emptied.")


@click.command("note-seals")
def note_seals() -> None:
    """Note anew where the seals end, after a secret was lost for good; the history says that it was done."""
    with writing():
        count = sealing.note_anew(now=clock.now())
    click.echo(f"{count} ends of seals are noted anew.")


GIVE_UP = "give up"
BY_HAND = {
    "people.totp_secret": (
        "These set up their second step anew at the next sign-in, and until then the password alone lets them in. Let "
        "them do it at once: {logins}"
    ),
    "sites.channels": "Enter the chat channels of sites anew, where they had any: Settings, Sites, the site, Channels.",
    "hosts.channels": "Enter the chat channels of occupants anew, of those who had any; ask them.",
    "report_plans.addresses": "Enter anew to whom reports are mailed: Figures, Reports.",
}
"""What nobody does by itself after it was given up, by where it was."""


@click.command("give-up-sealed")
@click.option("--yes", is_flag=True, help="Do not ask for the word.")
def give_up_sealed(yes: bool) -> None:
    """Erase what no secret key opens, because the key is lost for good; counts it and asks for a word before."""
    if not (lost := sealed.unopened(photos=_photos())):
        click.echo("Everything that is sealed opens. Nothing was changed.")
        return
    click.echo(f"{sealed.told(lost)} cannot be opened. Can the old key still be found, bring it back instead.")
    ask = f"What is given up is never read again. Type “{GIVE_UP}” to erase it"
    if not yes and click.prompt(ask) != GIVE_UP:
        raise click.ClickException("Nothing was changed.")
    done = abandonment.give_up(photos=_photos(), now=clock.now())
    click.echo(f"Given up: {sealed.told(done.counts)}. The history of each site says so. By hand now:")
    for sentence in (BY_HAND[where] for where in BY_HAND if where in done.counts):
        click.echo(f"- {sentence.format(logins=', '.join(done.logins))}")
    click.echo("- Links and codes made under the lost key open nothing: mail invitations and hosts' own links again.")
    click.echo("- Then: flask --app app verify")


@click.command("restore")
@click.argument("file", type=click.Path(exists=True, dir_okay=False, path_type=Path))
def restore(file: Path) -> None:
    """Read a FILE of `backup` into an empty installation, then bring its schema to this version."""
    from alembic.script import ScriptDirectory

    script = ScriptDirectory(str(current_app.config["HERE"] / "migrations"))
    known = {one.revision for one in script.walk_revisions()}
    try:
        manifest = backup.read(file, engine=db.engine, photos=_photos(), known=known)
    except backup.BackupProblem as problem:
        raise click.ClickException(str(problem)) from problem
    from flask_migrate import upgrade

    upgrade()
    for erase in ERASING:  # whose period ended since the archive was made is nobody's to see
        erase()
    if lost := sealed.unopened(photos=_photos()):
        raise click.ClickException(
            f"What was saved at {manifest.made_at} is back, but {sealed.told(lost)} cannot be opened with the secret "
            f"key of this installation; who has a second factor cannot sign in. {_way_out()}"
        )
    click.echo(f"Restored what was saved at {manifest.made_at}. Now: flask --app app verify")


@click.command("verify")
def verify() -> None:
    """Check the database and its history; names each problem and ends with 1 when there is one."""
    with reading():
        found = 0
        for problem in verification.problems(db.engine):
            found += 1
            click.echo(problem)
    lost = sealed.unopened(photos=_photos())
    for where, count in sorted(lost.items()):
        click.echo(f"sealed: {count} in {where} cannot be opened with this secret key")
    if lost:
        click.echo(_way_out())
    if found := found + len(lost):
        raise click.ClickException(f"{found} problems.")
    click.echo("The record is whole.")


@click.command("db", add_help_option=False, context_settings={"ignore_unknown_options": True})
@click.argument("arguments", nargs=-1, type=click.UNPROCESSED)
@click.pass_context
def migrations(ctx: click.Context, arguments: tuple[str, ...]) -> None:
    """Bring the database to another version of its tables: upgrade, downgrade, current, check …

    Alembic is imported when a command asks for it: the web server starts without it.
    """
    from flask_migrate.cli import db as group

    group.main(list(arguments), prog_name="flask db", parent=ctx)


def _migrate(app: Flask) -> Any:
    """What Flask-Migrate keeps with the app, made when it is asked for."""
    from flask_migrate import Migrate

    Migrate(app, db, directory=str(app.config["HERE"] / "migrations"), compare_type=True)
    return app.extensions["migrate"]


def init_app(app: Flask) -> None:
    """Add the commands."""
    app.extensions["migrate"] = LocalProxy(lambda: _migrate(app))
    for command in (back_up, restore, rotate_keys, note_seals, give_up_sealed, verify, migrations):
        app.cli.add_command(command)
    app.cli.add_command(person)
    app.cli.add_command(work)
    app.cli.add_command(demo)
