"""Addresses of views and of many entries of one kind: built once, with a place for the ref, then filled in.

Werkzeug builds an address anew each time, which on a page of fifty rows is a tenth of the page.
"""

from functools import lru_cache
from typing import Any

from flask import Flask, request, url_for

SOME_REF = "0" * 12


def address(endpoint: str, ref: str) -> str:
    """The address of a view that takes one `ref`, which is a random name of letters and digits (domain/codes.py)."""
    return _around(endpoint, request._get_current_object().root_path).replace(SOME_REF, ref)  # type: ignore[attr-defined]


def url(endpoint: str, **values: Any) -> str:
    """What `url_for` gives in a template: where nothing but a ref is asked for, the address is not built anew."""
    if not values:
        return _plain(endpoint, request.root_path)
    if len(values) == 1 and isinstance(ref := values.get("ref"), str):
        return address(endpoint, ref)
    return url_for(endpoint, **values)


@lru_cache(maxsize=256)
def _plain(endpoint: str, _root: str) -> str:
    return url_for(endpoint)


@lru_cache(maxsize=256)
def _around(endpoint: str, _root: str) -> str:
    return url_for(endpoint, ref=SOME_REF)


def init_app(app: Flask) -> None:
    """Give templates `address` and `url_for`."""
    app.jinja_env.globals.update(address=address, url_for=url)
