"""The files that every page shares, and the icons: as the browser gets them."""

import gzip
import hashlib
import re
from pathlib import Path

import pytest
from flask import Flask, render_template
from flask.testing import FlaskClient
from jinja2 import DictLoader

from web import assets, icons

ROOT = Path(__file__).resolve().parents[2]
PAGES = {
    "staff.html": "{{ icon('bell') }}{{ icon('next', flip=true) }}{{ icon_symbols() }}",
    "kiosk.html": "{{ inline_icons() }}{{ icon('bell') }}{{ icon('phone') }}{{ icon('bell') }}{{ icon_symbols() }}",
    "wrong.html": "{{ icon('unicorn') }}",
}


@pytest.fixture(scope="module")
def app() -> Flask:
    app = Flask("tiny", static_folder=None)
    app.jinja_loader = DictLoader(PAGES)
    icons.init_app(app)
    assets.init_app(app)
    for name in PAGES:
        app.add_url_rule(f"/{name}", name, lambda name=name: render_template(name))
    return app


@pytest.fixture
def client(app: Flask) -> FlaskClient:
    return app.test_client()


def url(app: Flask, name: str) -> str:
    return app.extensions["assets"].url(name)


@pytest.mark.parametrize("name", sorted(assets.BUNDLES))
def test_a_file_is_kept_for_a_year_under_a_name_that_holds_its_hash(app, client, name):
    answer = client.get(url(app, name))
    assert answer.status_code == 200
    assert answer.headers["Cache-Control"] == "public, max-age=31536000, immutable"
    assert answer.headers["X-Content-Type-Options"] == "nosniff"
    assert hashlib.sha256(answer.data).hexdigest()[:12] in url(app, name)
    assert (
        answer.content_type.split(";")[0]
        == {"css": "text/css", "js": "text/javascript", "svg": "image/svg+xml"}[name.rpartition(".")[2]]
    )


def test_who_takes_gzip_gets_the_same_content_packed_and_another_tag(app, client):
    plain = client.get(url(app, "kiosk.css"))
    packed = client.get(url(app, "kiosk.css"), headers={"Accept-Encoding": "gzip, br"})
    assert packed.headers["Content-Encoding"] == "gzip"
    assert gzip.decompress(packed.data) == plain.data
    assert packed.headers["ETag"] != plain.headers["ETag"]
    assert packed.headers["Vary"] == plain.headers["Vary"] == "Accept-Encoding"
    refused = client.get(url(app, "kiosk.css"), headers={"Accept-Encoding": "gzip;q=0"})
    assert "Content-Encoding" not in refused.headers


def test_who_has_the_file_is_told_so_in_no_bytes(app, client):
    tag = client.get(url(app, "staff.js")).headers["ETag"]
    again = client.get(url(app, "staff.js"), headers={"If-None-Match": tag})
    assert (again.status_code, again.data) == (304, b"")


@pytest.mark.parametrize(
    "name",
    [
        "kiosk.css",
        "kiosk.000000000000.css",
        "../app.py",
        "css/kiosk.css",
        "brand-12345.css",
        "brand-12345g.css",
        "brand-1B5566.css",
        "brand-1b5566-0.css",
        "brand-1b5566-99999.css",
    ],
)
def test_an_old_hash_or_any_other_name_is_not_there(client, name):
    assert client.get(f"/static/{name}").status_code == 404


def test_every_file_may_be_read_by_anybody(app):
    assert app.view_functions["assets.serve"].access.kind == "public"


def test_a_page_that_asks_for_an_unknown_file_or_icon_fails_at_once(app, client):
    with pytest.raises(KeyError):
        url(app, "admin.css")
    app.testing = True
    with pytest.raises(KeyError, match="unicorn"):
        client.get("/wrong.html")


def test_a_site_s_colour_is_a_tiny_stylesheet_of_its_own(client):
    assert assets.brand_css("#1B5566") == "/static/brand-1b5566.css"
    answer = client.get("/static/brand-1b5566.css")
    assert answer.text == ":root{--brand:#1b5566}"
    assert "immutable" in answer.headers["Cache-Control"]


def test_a_kiosk_of_known_width_keeps_what_is_touched_at_20_millimetres(client):
    answer = client.get(assets.brand_css("#1b5566", 400))
    assert "--tap:max(3.25rem,64px,5.00vw)" in answer.text


@pytest.mark.parametrize(("colour", "width"), [("red", 0), ("#12345", 0), ("#1b5566}*{x:y", 0), ("#1b5566", 123456)])
def test_what_is_no_colour_gets_no_stylesheet(colour, width):
    with pytest.raises(ValueError, match="no brand"):
        assets.brand_css(colour, width)


def test_leaving_out_blanks_changes_no_rule():
    lean = assets.lean_css(
        '/* a {b} */ a , b { content: "/*  x  */ {"; --L: ; --D: initial }\n\n& .c > d:not(.e) { inset: 0  auto }\n'
    )
    assert lean == 'a , b{content: "/*  x  */ {";--L: ;--D: initial}& .c > d:not(.e){inset: 0 auto}'


def test_the_order_of_the_layers_comes_first_and_braces_close(app):
    for name in ("kiosk.css", "staff.css"):
        css = app.extensions["assets"].text(name)
        assert css.startswith("@layer reset, tokens, base, parts, kiosk, desk, other, print;")
        assert css.count("{") == css.count("}")


def test_styles_and_scripts_are_as_small_as_promised(app):
    def packed(name: str) -> int:
        return len(app.extensions["assets"].find(url(app, name).removeprefix("/static/")).gzipped)

    assert packed("kiosk.js") <= 20_000
    assert packed("kiosk.css") <= 9_000
    assert packed("staff.css") + packed("staff.js") + packed("icons.svg") <= 45_000
    assert packed("offline.js") <= 3_000


def test_scripts_need_no_eval_and_fetch_nothing_themselves():
    for file in (ROOT / "static" / "js").glob("*.js"):
        # The exceptions send what was ticked without a network, keep the pages for it (docs/architecture.md), ask
        # whether anybody answers, and fetch the kiosk's next page.
        fetches = "" if file.name in ("outbox.js", "offline.js", "away.js", "onward.js") else r"|fetch\("
        found = re.search(r"\beval\(|new Function|XMLHttpRequest|innerHTML|\.style\b" + fetches, file.read_text())
        assert not found, file


@pytest.mark.parametrize(
    ("folder", "files"), [("static/vendor", "*.js"), ("tests/vendor", "*.js"), ("domain/people/vendor", "*.txt")]
)
def test_what_others_wrote_is_unchanged_and_comes_with_its_licence(folder, files):
    rows = re.findall(
        r"^\| `([^`]+)` \|.*\| `([0-9a-f]{64})` \|.*`([^`]+)` \|$", (ROOT / folder / "VENDORED.md").read_text(), re.M
    )
    assert {name for name, _, _ in rows} == {file.name for file in (ROOT / folder).glob(files)}
    for name, digest, licence in rows:
        assert hashlib.sha256((ROOT / folder / name).read_bytes()).hexdigest() == digest, name
        assert (ROOT / folder / licence).stat().st_size > 300


def test_staff_pages_take_icons_from_the_sprite(app, client):
    html = client.get("/staff.html").text
    assert f'<use href="{url(app, "icons.svg")}#bell"/>' in html
    assert 'class="i flip"' in html
    assert "<symbol" not in html


def test_a_kiosk_page_carries_each_icon_it_used_once_under_an_id_no_field_has(client):
    html = client.get("/kiosk.html").text
    assert html.count('<symbol id="i-bell"') == html.count('<symbol id="i-phone"') == 1
    assert html.count('<use href="#i-bell"/>') == 2
    assert "icons." not in html
