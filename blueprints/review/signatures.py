"""What was signed: the list of a register's signatures, and one of them as a page that prints, with the seal's head."""

from typing import Any

from flask import request, url_for

from blueprints.review import blueprint
from blueprints.review.places import place
from domain import clock
from domain.database import db
from domain.errors import NotFound
from domain.permissions import Permission
from domain.review import pages
from domain.sites.models import Site
from web.codes import public_url, qr_svg
from web.htmx import render
from web.i18n import language
from web.permissions import actor, allow
from web.registers import draw_entries, draw_heads


@blueprint.get("/registers/<site_ref>/<name>/signed")
@allow(Permission.REVIEW_READ)
def signatures(site_ref: str, name: str) -> Any:
    """The signatures of a register, newest first."""
    here = place(site_ref, name)
    listed = pages.signatures_of(here.register, here.site.id, before=request.args.get("before", "")[:20])
    shown = listed[: pages.PAGE]
    older = None
    if len(listed) > pages.PAGE:
        older = url_for("review.signatures", site_ref=site_ref, name=name, before=shown[-1].ref)
    back = url_for("review.span", site_ref=site_ref, name=name)
    return render(
        "review/signatures.html",
        site=here.site,
        register=here.register,
        listed=shown,
        older=older,
        back=back,
        office=True,
    )


@blueprint.get("/signatures/<ref>")
@allow(Permission.REVIEW_READ)
def signature(ref: str) -> Any:
    """One signature: what it covers, as it stands now, and the head of its seal as words and as a code."""
    found = review = pages.signature(ref, actor=actor())
    site = db.session.get(Site, review.site_id)
    if site is None:
        raise NotFound
    here = place(site.ref, review.register)
    rows, changed = pages.entries_of(here.register, review)
    drawn = draw_entries(here.register, rows, clock.now(), to_read=True)
    return render(
        "review/signature.html",
        site=site,
        register=here.register,
        found=found,
        review=review,
        rows=[(*entry, row.id in changed) for entry, row in zip(drawn, rows, strict=True)],
        changed=len(changed),
        columns=draw_heads(here.register, language(), to_read=True),
        code=qr_svg(public_url(url_for("review.seals", site=site.ref, head=found.head))),
        back=url_for("review.span", site_ref=site.ref, name=review.register),
        office=True,
    )
