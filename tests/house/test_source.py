"""How the source is laid out: layers, sizes, templates that are used and carry no code of their own."""

import ast
import re
import subprocess
import sys
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[2]
CODE = ("blueprints", "web", "domain")
LONGEST = 300
ASKED = {
    "web/fields.py": "one small class after the other; apart they would import each other",
    "domain/slips/operations.py": "a slip's life, and the two lists that it chooses from",
}
"""Longer modules that were asked whether they hold two things, and what they answered."""
TEMPLATES = ROOT / "templates"
INLINE = re.compile(
    r"<style\b|\sstyle\s*=|<script(?![^>]*\bsrc=)|\son[a-z]+\s*=\s*[\"']|\bhx-on\b|javascript:|\bjs:", re.I
)


def modules() -> list[Path]:
    """Every module of the three layers."""
    return sorted(path for layer in CODE for path in (ROOT / layer).rglob("*.py"))


def without_comments(template: str) -> str:
    return re.sub(r"\{#.*?#\}", "", template, flags=re.DOTALL)


def test_the_layers_import_in_one_direction():
    command = [Path(sys.executable).with_name("lint-imports"), "--no-logo"]
    done = subprocess.run(command, cwd=ROOT, capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stdout + done.stderr


def test_no_module_holds_two_things():
    sizes = {str(path.relative_to(ROOT)): len(path.read_text().splitlines()) for path in modules()}
    long = {name: size for name, size in sizes.items() if size > LONGEST}
    assert set(long) - set(ASKED) == set(), f"Ask of each whether it holds two things: {long}"
    assert set(ASKED) <= set(long), "What became shorter need not be asked any more."


def test_every_module_says_what_it_is_for():
    silent = [str(path.relative_to(ROOT)) for path in modules() if not ast.get_docstring(ast.parse(path.read_text()))]
    assert silent == []


def test_nothing_is_named_for_being_left_over():
    names = {"utils", "util", "helpers", "helper", "common", "misc", "lib", "base", "views", "tools"}
    assert [str(path.relative_to(ROOT)) for path in modules() if path.stem in names] == []


def test_nothing_is_left_to_be_done_later():
    later = re.compile(r"\b(TODO|FIXME|XXX|HACK)\b")
    files = [
        *modules(),
        *TEMPLATES.rglob("*.html"),
        *(ROOT / "static").rglob("*.[cj]ss"),
        *(ROOT / "static/js").glob("*.js"),
    ]
    assert [str(path.relative_to(ROOT)) for path in files if later.search(path.read_text("utf-8"))] == []


def test_a_session_is_queried_in_one_way():
    old = re.compile(r"\.query\(|\.query\.")
    assert [str(path.relative_to(ROOT)) for path in modules() if old.search(path.read_text())] == []


def test_the_domain_never_commits():
    allowed = {ROOT / "domain/database.py", ROOT / "domain/engines.py"}
    commits = [path for path in modules() if ".commit()" in path.read_text() and CODE[2] in path.parts]
    assert set(commits) - allowed == set(), "An operation flushes; the edge commits, once."


def test_only_one_place_asks_the_time():
    asks = re.compile(r"\b(datetime\.now|datetime\.utcnow|date\.today|time\.time)\(")
    found = [path for path in modules() if asks.search(path.read_text())]
    assert found == [ROOT / "domain/clock.py"]


@pytest.mark.parametrize("folder", sorted(path.name for path in TEMPLATES.iterdir() if path.is_dir()))
def test_templates_carry_no_script_and_no_style_of_their_own(folder):
    for path in sorted((TEMPLATES / folder).rglob("*.html")):
        if folder == "notices":
            continue  # Mails know no stylesheets.
        found = INLINE.search(without_comments(path.read_text()))
        assert not found, f"{path.relative_to(ROOT)}: {found[0]!r} is refused by the browser."


def test_no_template_switches_escaping_off():
    loose = re.compile(r"\|\s*safe\b|\{%-?\s*autoescape\s+false")
    known = {"components/qr.html"}  # a fixed word put into a drawing that Python made
    for path in TEMPLATES.rglob("*.html"):
        if str(path.relative_to(TEMPLATES)) not in known:
            assert not loose.search(without_comments(path.read_text())), path


def test_every_template_is_drawn_by_somebody():
    text = "\n".join(
        path.read_text()
        for folder in (*CODE, "templates", "demo")
        for path in (ROOT / folder).rglob("*")
        if path.suffix in (".py", ".html", ".txt")
    )
    by_name = "".join(path.read_text() for path in (ROOT / "web").glob("*.py"))
    unused = []
    for path in sorted(TEMPLATES.rglob("*.*")):
        name = str(path.relative_to(TEMPLATES))
        drawn_by_widget = f'omponent("{path.stem}")' in by_name  # Component for widgets, component() for others
        stem = name.rsplit(".", 1)[0]
        if path.suffix in (".html", ".txt") and name not in text and stem not in text and not drawn_by_widget:
            unused.append(name)
    assert unused == [], "Draw them or drop them."


def test_static_files_are_all_in_a_bundle():
    from web.assets import BUNDLES

    used = {part for parts in BUNDLES.values() for part in parts}
    there = {
        str(path.relative_to(ROOT / "static"))
        for path in (ROOT / "static").rglob("*")
        if path.suffix in (".css", ".js", ".svg")
    }
    assert there == used
