"""The inspector finds each mistake it is there for, says how to mend it, and leaves a good page alone."""

import pytest

from tests.page import Page, problems

FORM = '<form action="/visits" method="post"><input type="hidden" name="form_token" value="t">{}</form>'


def full(body: str = "", *, head: str = "<title>Visits · Foyer</title>", html: str = 'lang="en"') -> str:
    heading = "" if "<h1" in body else "<h1>Visits</h1>"
    return f"<!doctype html><html {html}><head>{head}</head><body><main>{heading}{body}</main></body></html>"


def found(html: str, **question: object) -> list[str]:
    return problems(Page(html=html, **question))  # type: ignore[arg-type]


def answers_only(*known: str):
    return lambda method, path: None if f"{method} {path}" in known else f"404 for {method}"


GOOD = {
    "an empty page": full(),
    "an error page": full(head="<title>Error: Visits · Foyer</title>"),
    "a form": full(FORM.format('<label for="n">Name</label><input id="n" name="name"><button>Save</button>')),
    "a label around its field": full(FORM.format("<label>Name <input name=name></label>")),
    "a search form": full('<form action="/visits"  method="get"><input name="q" aria-label="Search"></form>'),
    "a token outside its form": full(
        '<form id="f" action="/" method="post"></form><input type="hidden" form="f" name="form_token" value="t">'
    ),
    "an icon button": full(FORM.format('<button aria-label="Ring"><svg aria-hidden="true"></svg></button>')),
    "a linked picture": full('<a href="/"><img src="/logo.svg" alt="Foyer"></a>'),
    "an icon of the page": full(
        '<svg aria-hidden="true"><use href="#bell"/></svg><svg hidden><symbol id="bell"></symbol></svg>'
    ),
    "a described field": full(
        FORM.format('<label for="n">N</label><input id="n" aria-describedby="h"><p id="h">As on the door.</p>')
    ),
    "a region that targets itself": full('<div id="board" hx-get="/desk" hx-target="this"></div>'),
    "a region that targets another": full('<a href="/desk" hx-get="/desk" hx-target="#list">A</a><p id="list"></p>'),
    "headings that go down and up": full("<h1>Visits</h1><h2>A</h2><h3>B</h3><h2>C</h2>"),
    "a menu's heading before the h1": full("<nav><h2>Menu</h2></nav><h1>Visits</h1>"),
    "a page read from right to left": full(html='lang="ar" dir="rtl"'),
    "data for a script": full('<script type="application/json">{"a": 1}</script>'),
    "code that is meant as code": full("<p>Call <code>flask_app</code></p>"),
    "a file name": full("<p>See demo_accounts.txt and a@my_host.example</p>"),
    "a list without closing tags": full("<ul><li>One<li>Two</ul>"),
}


@pytest.mark.parametrize("html", GOOD.values(), ids=GOOD.keys())
def test_a_good_page_passes(html):
    assert found(html) == []


BAD = {
    "a tag left open": (full("<div><p>Hello"), "The HTML is broken"),
    "a form in a form": (full(FORM.format(FORM.format(""))), "The HTML is broken"),
    "no language": (full(html=""), "no lang"),
    "an Arabic page from left to right": (full(html='lang="ar"'), 'dir="rtl"'),
    "no h1": (full("<h1></h1>").replace("<h1></h1>", ""), "has 0 h1"),
    "two h1": (full("<h1>Visits</h1><h1>Visits</h1>"), "has 2 h1"),
    "no title": (full(head=""), "no <title>"),
    "a title of another page": (full(head="<title>Keys · Foyer</title>"), "does not say the h1 'Visits'"),
    "a heading skipped": (full("<h1>Visits</h1><h3>A</h3>"), "h3 'A' follows h1: use h2"),
    "an id twice": (full('<p id="a"></p><p id="a"></p>'), "'a' stands 2 times"),
    "an empty id": (full('<p id=""></p>'), "empty or has a space"),
    "a description that is not there": (full('<p aria-describedby="gone">A</p>'), "names 'gone'"),
    "a label for nothing": (full('<label for="gone">A</label>'), "for names 'gone'"),
    "an icon that is not there": (full('<svg aria-hidden="true"><use href="#gone"/></svg>'), "icon_symbols()"),
    "a link to nowhere": (full('<a href="#">More</a>'), "a link needs an address"),
    "a field without label": (full(FORM.format('<input name="n">')), "has no label"),
    "an empty label": (full(FORM.format('<label for="n"></label><input id="n">')), "has no label"),
    "a select without label": (full(FORM.format("<select name=s></select>")), "has no label"),
    "a button without name": (full(FORM.format('<button><svg aria-hidden="true"></svg></button>')), "has no name"),
    "a link without name": (full('<a href="/"></a>'), "has no name"),
    "a submit without words": (full(FORM.format('<input type="submit">')), "has no value"),
    "a picture without alt": (full('<img src="/a.png">'), "has no alt"),
    "a drawing without name": (full('<svg><path d="M0 0"/></svg>'), 'aria-hidden="true"'),
    "a form without action": (full('<form method="get"></form>'), "has no action"),
    "a form without method": (full('<form action="/"></form>'), "has no method"),
    "a post without token": (full('<form action="/" method="post"></form>'), "posts without form_token"),
    "an empty token": (
        full('<form action="/" method="post"><input type="hidden" name="form_token" value=""></form>'),
        "posts without form_token",
    ),
    "a token in the address": (full(FORM.format("").replace("post", "get")), "into the address"),
    "a post that needs scripts": (full('<button hx-post="/visits">Save</button>'), "when scripts are off"),
    "inline style": (full('<p style="color:red">A</p>'), "inline style"),
    "a style element": (full(head="<title>Visits</title><style>p{}</style>"), "inline style"),
    "inline script": (full("<script>alert(1)</script>"), "inline script"),
    "an event attribute": (full('<p onclick="go()">A</p>'), "onclick is inline script"),
    "hx-on": (full('<p hx-on:click="go()">A</p>'), "is inline script"),
    "a javascript address": (full('<a href="javascript:go()">A</a>'), "runs script"),
    "a js: value": (full('<p hx-vals="js:{a: 1}">A</p>'), "runs script"),
    "a trigger filter": (full('<p hx-get="/" hx-trigger="click[ctrlKey]">A</p>'), "needs eval"),
    "a target that is not there": (full('<p hx-get="/" hx-target="#gone">A</p>'), "'#gone' is not on the page"),
    "an inherited target that is not there": (full('<p hx-target:inherited="#gone">A</p>'), "is not on the page"),
    "a target by class": (full('<p hx-get="/" hx-target=".list">A</p>'), "may hit several"),
    "a script from elsewhere": (full('<script src="https://cdn.example/a.js"></script>'), "from another house"),
    "a picture from elsewhere": (full('<img alt="" src="//cdn.example/a.png">'), "from another house"),
    "a sentence not filled": (full("<p>Hello %(name)s</p>"), "a placeholder that nobody filled"),
    "template code": (full("<p>{{ visit.name }}</p>"), "template code"),
    "None": (full("<p>Host: None</p>"), "Python's None"),
    "None read aloud": (full('<p aria-label="Host None">A</p>'), "Python's None"),
    "an undefined value": (full("<p>Undefined</p>"), "did not get"),
    "text escaped twice": (full("<p>A &amp;amp; B</p>"), "escaped twice"),
    "a Python object": (full("<p>&lt;Visit object at 0x7f&gt;</p>"), "a Python object"),
    "an enumeration": (full("<p>State.CHECKED_IN</p>"), "an enumeration"),
    "a name of the code": (full("<p>signed_in</p>"), "a name of the code"),
}


@pytest.mark.parametrize(("html", "fix"), BAD.values(), ids=BAD.keys())
def test_a_mistake_is_named_with_its_fix(html, fix):
    said = found(html)
    assert any(fix in problem for problem in said), said


def test_addresses_are_followed_up_for_their_method():
    page = full('<a href="/visits">A</a>' + FORM.format('<button formaction="/visits/x">B</button>'))
    assert found(page, resolve=answers_only("GET /visits", "POST /visits", "POST /visits/x")) == []
    said = found(page, resolve=answers_only("GET /visits", "POST /visits"))
    assert len(said) == 1
    assert "formaction '/visits/x' is not answered (404 for POST)" in said[0]


def test_relative_and_htmx_addresses_are_followed_up_too():
    page = full('<a href="?page=2">Next</a><p hx-get="board">A</p>')
    assert found(page, path="/desk/", resolve=answers_only("GET /desk/", "GET /desk/board")) == []
    assert "hx-get 'board' is not answered" in found(page, path="/desk/", resolve=answers_only("GET /desk/"))[0]


def test_a_refresh_is_followed_up():
    page = full(head='<title>Visits</title><meta http-equiv="refresh" content="60; url=/kiosk/idle">')
    assert "content '/kiosk/idle' is not answered" in found(page, resolve=answers_only())[0]


def test_staff_may_be_led_out_and_a_kiosk_may_not():
    page = full('<a href="https://example.com/">Map</a><a href="tel:+8621">Ring</a>')
    assert found(page, path="/visits") == []
    assert "must not lead out" in found(page, path="/kiosk/done")[0]


def test_a_kiosk_title_may_leave_the_name_out():
    page = full("<h1>Wang Wu, please go up to floor 18</h1>", head="<title>Done · Foyer</title>")
    assert found(page, path="/kiosk/visits/abc") == []


def test_what_the_test_typed_may_look_like_anything():
    page = full("<p>{{7*7}} and None of it</p>")
    assert found(page, typed={"{{7*7}}", "None of it"}) == []
    assert found(page, typed={"{{7*7}}"}) != []


FRAGMENTS = {
    "one region": ('<section id="visit-a"><h3>A</h3><h4>B</h4></section>', ""),
    "a table row": ("<tr><td>A</td></tr>", ""),
    "partials alone": (
        '<hx-partial hx-target="#a"><p>A</p></hx-partial><hx-partial hx-target="#b"><p>B</p></hx-partial>',
        "",
    ),
    "a region and a title": ("<title>Visits</title><section></section>", ""),
    "a region and one out of band": ('<section></section><p id="n" hx-swap-oob="true">1</p>', ""),
    "two regions": ("<section></section><section></section>", "has 2 roots"),
    "loose text": ("Saved <section></section>", "stands outside the fragment's root"),
    "nothing": ("  ", "The fragment is empty"),
    "a heading skipped": ("<section><h2>A</h2><h4>B</h4></section>", "h4 'B' follows h2"),
    "an id twice": ('<div><p id="a"></p><p id="a"></p></div>', "stands 2 times"),
}


@pytest.mark.parametrize(("html", "fix"), FRAGMENTS.values(), ids=FRAGMENTS.keys())
def test_a_fragment_has_one_root(html, fix):
    said = found(html, fragment=True)
    assert fix in said[0] if said else not fix, said


def test_a_plain_request_gets_a_whole_page():
    assert "without <html>" in found("<section></section>", fragment=False)[0]


def test_htmx_may_get_a_whole_page():
    assert found(full(), fragment=True) == []
