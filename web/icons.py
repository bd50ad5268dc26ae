"""Icons: inline on the kiosk (no further request), from the shared sprite for the staff."""

import re
from functools import lru_cache

from flask import Flask, current_app, g
from markupsafe import Markup

from web.assets import Assets

SYMBOL = re.compile(r'<symbol id="(?P<name>[a-z]+)" viewBox="0 0 24 24">(?P<drawing>.*?)</symbol>', re.DOTALL)


class Icons:
    """The drawings of the sprite by name, and the address of the sprite."""

    def __init__(self, sprite: str, url: str) -> None:
        """Parse the sprite once; it is a file of ours, so its drawings are taken as they are."""
        self.drawings = {match["name"]: Markup(match["drawing"]) for match in SYMBOL.finditer(sprite)}  # noqa: S704
        self.url = url
        self._drawn: dict[tuple[str, str, bool, bool], Markup] = {}

    def draw(self, name: str, cls: str, flip: bool, inline: bool) -> Markup:
        """Write the `<svg>` that refers to a drawing; a KeyError for a name that the sprite does not have."""
        key = (name, cls, flip, inline)
        if drawn := self._drawn.get(key):
            return drawn
        if name not in self.drawings:
            raise KeyError(f"No icon {name!r} in static/icons.svg; there are: {', '.join(sorted(self.drawings))}")
        href = f"#i-{name}" if inline else f"{self.url}#{name}"
        classes = f"{cls} flip" if flip else cls
        drawn = Markup('<svg class="{}" aria-hidden="true"><use href="{}"/></svg>').format(classes, href)
        return self._drawn.setdefault(key, drawn)


def icon(name: str, cls: str = "i", flip: bool = False) -> Markup:
    """Draw an icon. `flip` turns an arrow round where one reads from right to left.

    On a page that carries its own drawings the icon is remembered for `icon_symbols()`; anywhere else, a region
    answered to htmx on the kiosk included, it comes from the sprite, so it can never be missing.
    """
    here = g._get_current_object()
    if "inline_icons" not in here:
        return _of_sprite(name, cls, flip)
    here.setdefault("icons_used", {})[name] = None
    return _icons().draw(name, cls, flip, True)


@lru_cache(maxsize=512)
def _of_sprite(name: str, cls: str, flip: bool) -> Markup:
    return _icons().draw(name, cls, flip, False)


def inline_icons() -> str:
    """Switch the page to its own drawings: the layouts of kiosk and sign-in say so first. Writes nothing."""
    g.inline_icons = True
    return ""


def icon_symbols() -> Markup:
    """Write the drawings that the page used, at the end of body; their ids begin with `i-`: `phone` is a field too."""
    drawings = _icons().drawings
    symbol = Markup('<symbol id="i-{}" viewBox="0 0 24 24">{}</symbol>')
    symbols = [symbol.format(name, drawings[name]) for name in g.get("icons_used", {})]
    return Markup("<svg hidden>{}</svg>").format(Markup("").join(symbols)) if symbols else Markup("")


def _icons() -> Icons:
    """The icons of this app, read when the first page asks: by then `web.assets` is there, whoever began first."""
    known: Icons | None = current_app.extensions.get("icons")
    if known is None:
        assets: Assets = current_app.extensions["assets"]
        known = current_app.extensions["icons"] = Icons(assets.text("icons.svg"), assets.url("icons.svg"))
    return known


def init_app(app: Flask) -> None:
    """Give templates `icon`, `inline_icons` and `icon_symbols`."""
    app.jinja_env.globals.update(icon=icon, inline_icons=inline_icons, icon_symbols=icon_symbols)
