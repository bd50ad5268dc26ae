"""`flask demo`: make the demo building, or print its links."""

import click
from flask import current_app, url_for
from flask.cli import with_appcontext

from domain import clock

ASK_BY_NAME = "The demo is for trying Foyer out. Set FOYER_DEMO=1 to say that this database may be filled with it."


@click.command("demo")
@click.option("--links", "only_links", is_flag=True, help="Print the links and change nothing.")
@click.option("--port", type=int, default=None, help="The port in the links, where FOYER_PUBLIC_URL is not set.")
@with_appcontext
def demo(only_links: bool, port: int | None) -> None:
    """Make the demo building in an empty database, or print its links."""
    from demo.make import NotYours, make

    settings = current_app.config["SETTINGS"]
    if not settings.demo:
        raise click.ClickException(ASK_BY_NAME)
    if only_links:
        base = f"http://localhost:{port}" if port else settings.public_url or "http://localhost:8000"
        click.echo(text_of_links(base))
        return
    try:
        done = make(settings.data_dir, now=clock.now())
    except NotYours as reason:
        raise click.ClickException(str(reason)) from reason
    click.echo(done or "The demo building is there already.")


def text_of_links(base: str) -> str:
    """What to open, and what to know before."""
    from demo import links, staff
    from demo.mark import is_demo
    from domain.database import reading

    settings = current_app.config["SETTINGS"]
    with current_app.test_request_context(base_url=base), reading():
        if not is_demo():
            raise click.ClickException("This database is not the demo's.")
        rows = [("Staff sign in here", url_for("auth.sign_in", _external=True))]
        rows += [
            (
                f"{'Door display' if kiosk.room_id else 'Paired kiosk'}, {site.name} {kiosk.name}",
                url_for("demo.kiosk", ref=kiosk.ref, key=links.door_key(kiosk.ref), _external=True),
            )
            for site, kiosk in links.kiosks()
        ]
        for _, kiosk in [pair for pair in links.kiosks() if pair[1].room_id is None][:1]:
            rows.append(("A visitor's own phone", url_for("phone.scan", code=kiosk.own_code, _external=True)))
        if waiting := links.waiting_for_answer():
            visit, host, token = waiting
            rows.append((f"{host.name} answers {visit.name}", url_for("hosts.answer", token=token, _external=True)))
        if own := links.own_page():
            rows.append((f"{own[0].name} invites ahead", url_for("hosts.own", token=own[1], _external=True)))
        rows.append(("Pair a kiosk of your own", url_for("pairing.show", _external=True)))
    wide = max(_width(label) for label, _ in rows)
    listed = "\n".join(f"  {label}{' ' * (wide - _width(label))}  {url}" for label, url in rows)
    mails = (
        ""
        if settings.smtp_host
        else "\nNo mail server is set (FOYER_SMTP_HOST), so no notice reaches a host: the desk is told to call."
    )
    return (
        f"\nFoyer is running.\n\n{listed}\n\n"
        f"Accounts: {settings.data_dir / staff.FILE} (role, user name, password).\n"
        "Supervisor, manager and admin set up a second factor at their first sign-in: the page shows a secret for any "
        f"authenticator app.{mails}\nEnd with Ctrl-C.\n"
    )


def _width(text: str) -> int:
    """Columns in a terminal, where 汉字 take two."""
    return sum(2 if ord(c) > 0x2E7F else 1 for c in text)
