"""The application: a table of contents."""

import gc
import sys
from pathlib import Path

from flask import Flask
from werkzeug.middleware.proxy_fix import ProxyFix

import cli
import domain.all_models  # noqa: F401
import worker
from blueprints import (
    admin,
    auth,
    desk,
    exports,
    history,
    hosts,
    invitations,
    keys,
    kiosk,
    meetings,
    privacy,
    reports,
    review,
    service,
    slips,
    visits,
)
from config import Settings, Unusable
from demo import door
from domain.database import db
from domain.encryption import Keyring, use_keyring
from domain.engines import engine_options
from web import (
    addresses,
    answers,
    assets,
    badges,
    components,
    cookies,
    devices,
    drawn,
    errors,
    frame,
    i18n,
    icons,
    lateness,
    navigation,
    permissions,
    requests,
    security,
    sessions,
)

HERE = Path(__file__).resolve().parent


def create_app(settings: Settings | None = None) -> Flask:
    """Build Foyer from the settings of the environment, or from those given."""
    settings = settings or Settings()
    app = Flask(__name__, static_folder=None, instance_path=str(settings.folder()))
    app.config.update(
        SETTINGS=settings,
        HERE=HERE,
        SECRET_KEY=settings.secret(),
        SECRET_KEY_FALLBACKS=settings.previous_secret_keys,
        TESTING=settings.testing,
        SQLALCHEMY_DATABASE_URI=settings.database,
        SQLALCHEMY_ENGINE_OPTIONS=engine_options(settings.database),
    )
    if settings.trusted_proxies:
        app.wsgi_app = ProxyFix(app.wsgi_app, settings.trusted_proxies, settings.trusted_proxies)  # type: ignore[method-assign]
    use_keyring(Keyring.from_secret([settings.secret(), *settings.previous_secret_keys]))
    db.init_app(app)
    first = (answers, components, security, cookies, sessions)
    drawing = (i18n, addresses, assets, icons, frame, navigation, lateness, badges, drawn)
    for part in (*first, *drawing, devices, errors, requests):
        part.init_app(app)
    rooms = (auth, kiosk, desk, visits, invitations, keys, meetings, service, slips, review, exports, reports, privacy)
    for room in (*rooms, history, hosts, admin):
        room.init_app(app)
    for outside in (cli, worker):
        outside.init_app(app)
    if settings.demo:
        door.init_app(app)
    permissions.refuse_unmarked(app)
    return app


def served() -> Flask:
    """As a web server runs it: what is there by now stays, and the garbage collector need not look at it again. It did,
    every 1,500 requests, for 150 ms. What cannot be used ends it with its sentence, as on the console.
    """
    try:
        app = create_app()
    except Unusable as problem:
        sys.exit(problem.message)
    gc.collect()
    gc.freeze()
    return app
