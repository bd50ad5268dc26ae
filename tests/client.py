"""The test client: a browser's manners, and an inspector who reads every page that comes back."""

from __future__ import annotations

from functools import cached_property
from typing import Any

from flask import Flask, Response, has_app_context
from flask.testing import FlaskClient
from werkzeug.exceptions import HTTPException
from werkzeug.routing import RequestRedirect

from tests.document import Node, read
from tests.page import Page, problems

ANSWERED = "foyer-tests-answered"
"""Where an app remembers the addresses that its pages led to."""
TYPED = "foyer-tests-typed"
"""Where an app remembers what a test had typed."""


class FoyerResponse(Response):
    """An answer that can be read as a page: `answer.page.select_one("h1")`."""

    @cached_property
    def page(self) -> Node:
        """The answer's HTML, to be asked with CSS selectors; that it is well formed, the inspector has made sure."""
        return read(self.get_data(as_text=True))

    @property
    def words(self) -> str:
        """What a reader sees, spaces made single."""
        return " ".join(self.page.get_text(" ").split())


class FoyerClient(FlaskClient):
    """One browser. Follows no redirect unless told to, and fails on a broken page or an answer of 500 and above."""

    def __init__(self, application: Flask, response_wrapper: object = None, **kwargs: Any) -> None:
        super().__init__(application, FoyerResponse, **kwargs)

    def open(self, *args: Any, **kwargs: Any) -> Any:
        """Ask, inspect the answer, and give it back."""
        # Flask-Login keeps the first person in an app context that stays open: tests of rights would lie.
        assert not has_app_context(), (
            "Close the app context before asking the client: `with app.app_context():` ends first."
        )
        self._remember_what_was_typed(kwargs)
        answer = super().open(*args, **kwargs)
        asked = answer.request
        where = f"{asked.method} {asked.path} → {answer.status_code}"
        assert answer.status_code < 500, f"{where}: a refusal has words and a status below 500.\n{answer.text[:2000]}"
        if _is_page(answer) and not _is_the_twin(self.application):
            page = Page(
                html=answer.get_data(as_text=True),
                path=asked.path,
                fragment=asked.headers.get("HX-Request") == "true",
                resolve=self._resolve,
                typed=_typed_in(self.application),
            )
            found = problems(page)
            assert not found, f"{where}, {len(found)} to mend:\n- " + "\n- ".join(found)
        return answer

    def get(self, *args: Any, **kwargs: Any) -> Any:
        """Ask for a page."""
        return self.open(*args, method="GET", **kwargs)

    def post(self, *args: Any, **kwargs: Any) -> Any:
        """Send a form."""
        return self.open(*args, method="POST", **kwargs)

    def htmx(self, path: str, *, method: str = "GET", target: str = "", **kwargs: Any) -> Any:
        """Ask as htmx does for a part of a page; `target` is the id of the element it goes into."""
        headers = {"HX-Request": "true", "HX-Request-Type": "partial", **kwargs.pop("headers", {})}
        if target:
            headers["HX-Target"] = f"div#{target}"
        return self.open(path, method=method, headers=headers, **kwargs)

    def submit(
        self, path: str, data: dict[str, Any] | None = None, *, form: str = "form[method=post]", **kwargs: Any
    ) -> Any:
        """Open the page at `path`, fill in its form as a person does and send it.

        `form` is the selector of the form meant; what `data` does not name is sent as the page gave it, the one-time
        token included. A name that the form does not have is a mistake of the test and fails.
        """
        drawn = self.get(path).page.select_one(form)
        assert drawn is not None, f"{path} has no {form}."
        filled = _filled(drawn)
        names = {control.get("name") for control in drawn.select("[name]")}
        unknown = set(data or {}) - names
        assert not unknown, f"The form at {path} has no field {sorted(unknown)}; it has {sorted(filter(None, names))}."
        return self.post(drawn["action"], data={**filled, **(data or {})}, **kwargs)

    def _resolve(self, method: str, path: str) -> str | None:
        # An address that was answered once is answered always: no test takes one away.
        answered: set[tuple[str, str]] = self.application.extensions.setdefault(ANSWERED, set())
        if (method, path) in answered:
            return None
        adapter = self.application.url_map.bind("localhost")
        try:
            adapter.match(path, method=method)
        except RequestRedirect as redirect:
            return f"it is redirected to {redirect.new_url}"
        except HTTPException as refused:
            return f"{refused.code} for {method}"
        answered.add((method, path))
        return None

    def _remember_what_was_typed(self, kwargs: dict[str, Any]) -> None:
        sent = {**(kwargs.get("data") or {}), **_mapping(kwargs.get("query_string"))} if _plain(kwargs) else {}
        for value in sent.values():
            for each in value if isinstance(value, list | tuple) else [value]:
                if isinstance(each, str) and len(each.strip()) > 1:
                    _typed_in(self.application).add(each.strip())


def _is_page(answer: Any) -> bool:
    return answer.mimetype == "text/html" and bool(answer.data) and answer.status_code not in (204, 304)


def _is_the_twin(app: Flask) -> bool:
    """Whether this test runs on PostgreSQL: its twin on SQLite draws the same pages, and they are read there."""
    return str(app.config.get("SQLALCHEMY_DATABASE_URI", "")).startswith("postgresql")


def _plain(kwargs: dict[str, Any]) -> bool:
    return isinstance(kwargs.get("data"), dict | None)


def _mapping(value: object) -> dict[str, Any]:
    return value if isinstance(value, dict) else {}


def _typed_in(app: Flask) -> set[str]:
    """Everything that this test's clients sent to this app: whichever of them sees it again."""
    typed: set[str] = app.extensions.setdefault(TYPED, set())
    return typed


def _filled(form: Any) -> dict[str, Any]:
    """The values that a browser would send for a form that nobody touched; of several buttons, none."""
    values: dict[str, list[str]] = {}
    for control in form.select("input[name], select[name], textarea[name]"):
        kind = str(control.get("type", "")).lower()
        if kind in ("submit", "button", "reset", "image", "file") or control.has_attr("disabled"):
            continue
        if kind in ("checkbox", "radio"):
            sent = [control.get("value", "on")] if control.has_attr("checked") else []
        elif control.name == "select":
            options = (
                control.select("option[selected]")
                or control.select("option")[: 0 if control.has_attr("multiple") else 1]
            )
            sent = [option.get("value", option.get_text(strip=True)) for option in options]
        elif control.name == "textarea":
            sent = [control.get_text()]
        else:
            sent = [control.get("value", "")]
        values.setdefault(str(control["name"]), []).extend(map(str, sent))
    return {name: sent[0] if len(sent) == 1 else sent for name, sent in values.items() if sent}
