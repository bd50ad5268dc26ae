"""Addresses of many entries of one kind: built once with a place for the ref, then filled in.

Werkzeug builds an address anew each time, which on a page of fifty rows is a tenth of the page.
"""

from functools import lru_cache

from flask import Flask, request, url_for

SOME_REF = "0" * 12


def address(endpoint: str, ref: str) -> str:
    """The address of a view that takes one `ref`, which is a random name of letters and digits (domain/codes.py)."""
    return _around(endpoint, request.root_path).replace(SOME_REF, ref)


@lru_cache(maxsize=256)
def _around(endpoint: str, _root: str) -> str:
    return url_for(endpoint, ref=SOME_REF)


def init_app(app: Flask) -> None:
    """Give templates `address`."""
    app.jinja_env.globals.update(address=address)
