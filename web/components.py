"""The macros of `templates/components/`, for what is drawn from Python, and how templates import them."""

import re
from collections.abc import Callable, Sequence
from contextlib import suppress
from functools import partial
from html import escape
from types import FunctionType, MethodType
from typing import Any

import markupsafe
from flask import Flask, current_app
from flask.templating import Environment as FlaskEnvironment
from jinja2 import Environment, FileSystemBytecodeCache, Template
from jinja2.bccache import Bucket
from jinja2.environment import TemplateModule
from jinja2.runtime import Context, Macro, Undefined, new_context
from jinja2.utils import missing
from markupsafe import Markup


class Templates(FlaskEnvironment):
    """Knows a template by its name. Jinja asks its loader and its cache of the latest, at each of a page's imports."""

    def __init__(self, *args: Any, **options: Any) -> None:
        super().__init__(*args, **options)
        self._known: dict[str | Template, Template] = {}

    def get_template(self, name: str | Template, parent: str | None = None, globals: Any = None) -> Template:  # noqa: A002
        found = self._known.get(name)
        if found is None:
            found = super().get_template(name, parent, globals)
            if not self.auto_reload:
                self._known[name] = found
        return found


class Imported(Template):
    """A template whose macros are made once, and which writes what it escaped without making it Markup in between.

    Jinja asks at every import whether the importing page has globals of its own. None has here (they are the
    environment's), and asking was a tenth of a page; the Markup of what is joined next was another one. For the same
    reason a page takes the globals from the environment itself, and not one by one from behind an empty dictionary.
    """

    @classmethod
    def _from_namespace(cls, environment: Environment, namespace: Any, values: Any) -> Template:
        namespace["escape"] = written
        return super()._from_namespace(environment, namespace, values)

    def _get_default_module(self, ctx: Context | None = None) -> TemplateModule:
        return super()._get_default_module()

    def new_context(
        self,
        vars: dict[str, Any] | None = None,  # noqa: A002
        shared: bool = False,
        locals: Any = None,  # noqa: A002
    ) -> Context:
        return new_context(self.environment, self.name, self.blocks, vars, shared, self.environment.globals, locals)


SPECIAL = re.compile("[&<>\"']").search


def written(value: Any) -> str:
    """What a template writes of a value: HTML as it is, text and all else escaped."""
    kind = type(value)
    if kind is Markup:
        return value
    if kind is str:
        return escape(value) if SPECIAL(value) else value
    return markupsafe.escape(value)


PLAIN = (FunctionType, MethodType)
NO_CALLER = Undefined("No caller defined", name="caller")
marked: Callable[[str], Markup] = partial(str.__new__, Markup)
"""A text that is HTML already. `Markup(text)` asks first whether it can draw itself, which takes five times as long."""


class Calls(Context):
    """Jinja asks of whatever a template calls, in four ways, whether it wants the context; of plain functions and
    macros, and nearly everything is one, that is known at once. The asking was a tenth of the desk.
    """

    def call(self, called: Any, /, *args: Any, **named: Any) -> Any:
        kind = type(called)
        if kind is Macro or (kind in PLAIN and not hasattr(called, "jinja_pass_arg")):
            named.pop("_block_vars", None)
            named.pop("_loop_vars", None)
            return self._macro(called, args, named) if kind is Macro else called(*args, **named)
        return super().call(called, *args, **named)

    def _macro(self, macro: Macro, args: Sequence[Any], named: dict[str, Any]) -> Any:
        """As the macro calls itself, where it takes what it names and nothing else."""
        if macro.catch_kwargs or macro.catch_varargs or len(args) > len(macro.arguments):
            return macro(self.eval_ctx, *args, **named)
        given = [*args, *[named.pop(name, missing) for name in macro.arguments[len(args) :]]]
        if macro.caller and not macro.explicit_caller:
            given.append(named.pop("caller", None) or NO_CALLER)
        if named:
            raise TypeError(f"The macro {macro.name!r} takes no {', '.join(named)}.")
        drawn = macro._func(*given)
        return marked(drawn) if self.eval_ctx.autoescape else drawn


class Compiled(FileSystemBytecodeCache):
    """Compiled templates in a folder; one that cannot be written (a full disk) costs time and no page."""

    def dump_bytecode(self, bucket: Bucket) -> None:
        with suppress(OSError):
            super().dump_bytecode(bucket)


def component(name: str, macro: str = "") -> Any:
    """The macro that has the name of its file, or another of that file; raises TemplateNotFound."""
    return getattr(current_app.jinja_env.get_template(f"components/{name}.html").module, macro or name)


def init_app(app: Flask) -> None:
    """Make templates and contexts of those classes, and keep templates compiled from one start to the next."""
    app.jinja_environment = Templates  # before anybody asks for the environment
    app.jinja_env.template_class, app.jinja_env.context_class = Imported, Calls
    folder = app.config["SETTINGS"].data_dir.resolve() / "templates"
    with suppress(OSError):
        folder.mkdir(mode=0o700, parents=True, exist_ok=True)
        app.jinja_env.bytecode_cache = Compiled(str(folder))
