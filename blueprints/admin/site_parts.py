"""The parts of a site, each a page of its own: opening hours, notice and directions, fields asked, channels."""

from typing import Any

from flask import flash, request, url_for
from flask_babel import gettext as _

from blueprints.admin import blueprint
from blueprints.admin.forms import (
    DIRECTIONS,
    NO_NOTICE,
    NO_WAY,
    by_language,
    in_languages,
    of_language,
    own_hosts,
    said_otherwise,
    spoken,
)
from blueprints.admin.site_forms import (
    NOTICE,
    ChannelsForm,
    FieldsForm,
    HoursForm,
    NoticeForm,
    of_hours,
)
from blueprints.admin.sites import find_site
from domain import clock
from domain.channels import mask_channels, read_channels
from domain.notices import Channel
from domain.permissions import Permission
from domain.sites import operations
from domain.sites.fields import asked_fields
from domain.sites.hours import read_hours
from web.edits import draw
from web.forms import refusals
from web.htmx import done
from web.messages import working_channels
from web.permissions import actor, allow
from web.transactions import writes


@blueprint.route("/sites/<ref>/hours", methods=["GET", "POST"])
@allow(Permission.SITES_MANAGE)
@writes
def hours(ref: str) -> Any:
    """When the site is open, day by day."""
    found = find_site(ref)
    form = HoursForm(of_hours(found))
    back = url_for("admin.site", ref=ref)
    if request.method == "POST" and form.validate():
        with refusals(form):
            operations.set_hours(
                found, opening=read_hours(of_language(form.values, "day")), actor=actor(), now=clock.now()
            )
            flash(_("The opening hours are saved."), "ok")
            return done(back)
    return draw("admin/hours.html", form=form, title=_("Opening hours"), back=back)


@blueprint.route("/sites/<ref>/notice", methods=["GET", "POST"])
@allow(Permission.SITES_MANAGE)
@writes
def notice(ref: str) -> Any:
    """What a visitor accepts, and the way from the lobby, in each language."""
    found = find_site(ref)
    languages = spoken(found.languages, found.notice, found.directions)
    texts = {language: "\n".join(lines) for language, lines in found.notice.items()}
    current = by_language(texts, "notice", languages) | by_language(found.directions, "directions", languages)
    form = in_languages(NoticeForm, languages, notice=NOTICE, directions=DIRECTIONS)(current)
    back = url_for("admin.site", ref=ref)
    if request.method == "POST" and form.validate():
        with refusals(form):
            lines = {name: _lines(text) for name, text in of_language(form.values, "notice").items()}
            way = of_language(form.values, "directions")
            operations.set_notice(found, notice=lines, directions=way, actor=actor(), now=clock.now())
            flash(_("Notice and directions are saved."), "ok")
            return done(back)
    return draw(
        "admin/notice.html",
        form=form,
        title=_("Notice and directions"),
        back=back,
        languages=languages,
        otherwise=said_otherwise(found, NO_NOTICE, found.notice) + said_otherwise(found, NO_WAY, found.directions),
    )


def _lines(text: str) -> list[str]:
    return [line.strip() for line in text.splitlines() if line.strip()]


@blueprint.route("/sites/<ref>/fields", methods=["GET", "POST"])
@allow(Permission.SITES_MANAGE)
@writes
def fields(ref: str) -> Any:
    """Which optional fields visitors are asked (V2)."""
    found = find_site(ref)
    form = FieldsForm({name: str(asked) for name, asked in asked_fields(found, None).items()})
    back = url_for("admin.site", ref=ref)
    if request.method == "POST" and form.validate():
        with refusals(form):
            operations.set_fields(found, fields=form.values, actor=actor(), now=clock.now())
            flash(_("The fields asked are saved."), "ok")
            return done(back)
    return draw("admin/fields.html", form=form, title=_("Fields asked"), back=back)


@blueprint.route("/sites/<ref>/channels", methods=["GET", "POST"])
@allow(Permission.SITES_MANAGE)
@writes
def channels(ref: str) -> Any:
    """Over what hosts are told; the addresses are shown masked and kept unless replaced."""
    found = find_site(ref)
    current = {"mail_enabled": found.mail_enabled, "channels": mask_channels(found.channels)}
    form = ChannelsForm(current, truth={"channels": found.channels})
    back = url_for("admin.site", ref=ref)
    if request.method == "POST" and form.validate():
        with refusals(form):
            kept = read_channels(form.channels.data, kept=found.channels, own_hosts=own_hosts())
            mail = form.mail_enabled.data
            operations.set_channels(found, channels=kept, mail_enabled=mail, actor=actor(), now=clock.now())
            flash(_("The channels are saved."), "ok")
            return done(back)
    mail_works = Channel.MAIL in working_channels()
    return draw("admin/channels.html", form=form, title=_("Channels"), back=back, mail_works=mail_works)
