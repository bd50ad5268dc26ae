"""The macros of `templates/components/`, for what is drawn from Python, and how templates import them."""

from contextlib import suppress
from typing import Any

from flask import Flask, current_app
from jinja2 import FileSystemBytecodeCache, Template
from jinja2.bccache import Bucket
from jinja2.environment import TemplateModule
from jinja2.runtime import Context


class Imported(Template):
    """A template whose macros are made once.

    Jinja asks at every import whether the importing page has globals of its own. None has here (they are the
    environment's), and asking was a tenth of a page.
    """

    def _get_default_module(self, ctx: Context | None = None) -> TemplateModule:
        return super()._get_default_module()


class Compiled(FileSystemBytecodeCache):
    """Compiled templates in a folder; one that cannot be written (a full disk) costs time and no page."""

    def dump_bytecode(self, bucket: Bucket) -> None:
        with suppress(OSError):
            super().dump_bytecode(bucket)


def component(name: str) -> Any:
    """The macro that has the name of its file; raises TemplateNotFound."""
    return getattr(current_app.jinja_env.get_template(f"components/{name}.html").module, name)


def init_app(app: Flask) -> None:
    """Make templates of that class, and keep them compiled from one start to the next."""
    app.jinja_env.template_class = Imported
    folder = app.config["SETTINGS"].data_dir.resolve() / "templates"
    with suppress(OSError):
        folder.mkdir(mode=0o700, parents=True, exist_ok=True)
        app.jinja_env.bytecode_cache = Compiled(str(folder))
