"""The macros of `templates/components/`, for what is drawn from Python, and how templates import them."""

from typing import Any

from flask import Flask, current_app
from jinja2 import Template
from jinja2.environment import TemplateModule
from jinja2.runtime import Context


class Imported(Template):
    """A template whose macros are made once.

    Jinja asks at every import whether the importing page has globals of its own. None has here (they are the
    environment's), and asking was a tenth of a page.
    """

    def _get_default_module(self, ctx: Context | None = None) -> TemplateModule:
        return super()._get_default_module()


def component(name: str) -> Any:
    """The macro that has the name of its file; raises TemplateNotFound."""
    return getattr(current_app.jinja_env.get_template(f"components/{name}.html").module, name)


def init_app(app: Flask) -> None:
    """Make templates of that class."""
    app.jinja_env.template_class = Imported
