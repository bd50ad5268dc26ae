"""Answers as they leave: redirections carry an address that fits into a header, and no page."""

import pytest
from flask import Flask, redirect

from web.answers import FIXED


@pytest.mark.parametrize(
    ("location", "said"),
    [
        ("/visits/abc123/badge?then=desk&page=2", "/visits/abc123/badge?then=desk&page=2"),
        ("/desk?q=张伟", "/desk?q=%E5%BC%A0%E4%BC%9F"),
        ('/desk?q=a b"<c>', "/desk?q=a%20b%22%3Cc%3E"),
    ],
)
def test_a_redirection_says_its_address_as_a_header_can(app: Flask, location: str, said: str) -> None:
    with app.test_request_context("/desk"):
        answer = app.make_response(redirect(location, 303))
        headers = dict(answer.get_wsgi_headers({"wsgi.url_scheme": "http", "REQUEST_METHOD": "POST"}))
    assert (answer.status_code, headers["Location"]) == (303, said)
    assert answer.get_data() == b""


def test_a_redirection_carries_what_every_answer_carries(app: Flask) -> None:
    answer = app.test_client().get("/desk")
    assert answer.status_code == 303
    assert set(FIXED) <= set(dict(answer.headers))
    assert "Redirecting" not in answer.get_data(as_text=True)


def test_an_address_that_would_begin_another_header_is_refused(app: Flask) -> None:
    with app.test_request_context("/desk"), pytest.raises(ValueError, match="newline"):
        redirect("/desk\r\nSet-Cookie: a=b", 303)
