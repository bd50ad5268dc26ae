"""What stands around every page: parts that look the same to everybody of the same language are drawn once.

A part is a macro of templates/components/ whose arguments, with the language and where the app is mounted, are all that
it depends on. Nothing of a person goes in: what is drawn stays in the process.
"""

from functools import lru_cache
from typing import Any

from flask import Flask, g, request
from markupsafe import Markup

from domain.sites.queries import site_name
from web.assets import brand_css
from web.components import component, marked
from web.i18n import language
from web.way_back import stands_at


def fixed(file: str, *given: Any) -> Markup:
    """The component of that file, for what is given. Its icons are those of the sprite: a page that carries its own
    would not know of them.
    """
    return _fixed(language(), request._get_current_object().root_path, file, *given)  # type: ignore[attr-defined]


@lru_cache(maxsize=512)
def _fixed(_language: str, _root: str, file: str, *given: Any) -> Markup:
    return marked(component(file.removeprefix("components/").removesuffix(".html"))(*given))


def house_name(house: Any) -> str:
    """What the house is called in the language of the page, or of the letter."""
    return site_name(house, language()) if house else "Foyer"


def other_name(house: Any) -> str:
    """What the house is called in the other language of the staff, where that is another name."""
    return str(next((name for name in (house.name, house.name_en) if name and name != house_name(house)), ""))


def brand(house: Any, width_mm: int | None = None) -> Markup:
    """The link to the colour of the house, at a kiosk with the width of its screen."""
    if not house or not house.brand:
        return marked("")
    device = g.get("device")
    return _brand(house.brand, width_mm or (device.kiosk.width_mm if device and not device.own else 0))


@lru_cache(maxsize=256)
def _brand(colour: str, width_mm: int) -> Markup:
    return Markup('\n<link rel="stylesheet" href="{}">').format(brand_css(colour, width_mm))


def init_app(app: Flask) -> None:
    """Give these to the layouts."""
    app.jinja_env.globals.update(
        fixed=fixed, name_of_house=house_name, other_name_of_house=other_name, brand=brand, stands_at=stands_at
    )
