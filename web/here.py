"""The request itself, in place of Flask's proxy of it: each look through a proxy raises an error, writes its words and
catches it, which takes ten times as long as the look. A form that was sent had forty of them.
"""

from typing import cast

from flask import Flask, Request, current_app, request


def request_here() -> Request:
    """The request of now."""
    return cast("Request", request._get_current_object())  # type: ignore[attr-defined]


def app_here() -> Flask:
    """The application that answers it."""
    return cast("Flask", current_app._get_current_object())  # type: ignore[attr-defined]
