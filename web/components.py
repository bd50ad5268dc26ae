"""The macros of `templates/components/`, for what is drawn from Python."""

from typing import Any

from flask import current_app


def component(name: str) -> Any:
    """The macro that has the name of its file; raises TemplateNotFound."""
    return getattr(current_app.jinja_env.get_template(f"components/{name}.html").module, name)
