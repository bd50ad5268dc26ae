"""Pages that a browser keeps for places without a network: they say so themselves, and the service worker reads it
(static/js/offline.js). A kept page is personal data: it is of one person and ends with the day of the site.
"""

from typing import Any
from urllib.parse import urlencode

from flask import Response, current_app, g, make_response

from domain import clock
from web.ticks import tick_owner


def keep(response: Response, address: str) -> Response:
    """Let the browser keep this answer as the page of that address until the site's day ends; `address` of a region is
    that of its page.
    """
    now = clock.now()
    _since, until = clock.day_span(clock.local_date(now, g.site.zone), g.site.zone)
    left = int((until - now).total_seconds())
    response.headers["X-Keep"] = urlencode({"of": tick_owner(), "as": address, "for": left})
    return response


def worker() -> Any:
    """The service worker itself; what its scope is, the address says under which it is served."""
    response = make_response(current_app.extensions["assets"].text("offline.js"))
    response.content_type = "text/javascript; charset=utf-8"
    return response
