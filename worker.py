"""The worker."""

from flask import Flask


def init_app(app: Flask) -> None:
    """Connect the app to the worker's queue."""
