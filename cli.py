"""The console: each command a few lines around one domain call."""

from flask import Flask


def init_app(app: Flask) -> None:
    """Add the commands."""
