"""How day, time and name are written on a badge, which a guard checks who does not read the visitor's language."""

from datetime import datetime

from flask import Flask

from domain import clock
from domain.widths import columns
from web.i18n import clock_time, day_name, zone_name

ROOMY = 24
"""Columns of a name that fit in two large lines of the narrower label."""


def day_digits(instant: datetime) -> str:
    """12-01, whatever the language."""
    return clock.local(instant, zone_name()).strftime("%m-%d")


def good_until(end: datetime, begin: datetime) -> tuple[str, str]:
    """Words and digits: none and 19:51; Tue 2 Dec and 12-02 19:51 where that is another day than the one of `begin`."""
    zone, at = zone_name(), clock_time(end)
    if clock.local_date(end, zone) == clock.local_date(begin, zone):
        return "", at
    return day_name(end), f"{day_digits(end)} {at}"


def is_long(name: str) -> bool:
    """Whether a name takes smaller type on a label."""
    return columns(name) > ROOMY


def init_app(app: Flask) -> None:
    """Templates write `visit.arrived_at|day_digits` and so on."""
    app.jinja_env.filters.update(day_digits=day_digits, good_until=good_until)
    app.jinja_env.tests["long_name"] = is_long
