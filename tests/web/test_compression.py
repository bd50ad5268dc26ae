"""Pages are compressed where the browser reads that, and say so."""

import gzip

from flask import Flask

from tests.cast import Cast, at_kiosk


def test_a_page_is_compressed_for_who_can_read_it(app: Flask, cast: Cast) -> None:
    kiosk = at_kiosk(app, cast)
    plain = kiosk.get("/kiosk")
    small = app.test_client()
    small.set_cookie("foyer_kiosk", cast.kiosk_token)
    answer = super(type(small), small).open("/kiosk", method="GET", headers={"Accept-Encoding": "gzip"})
    assert answer.headers["Content-Encoding"] == "gzip"
    assert "Accept-Encoding" in answer.headers["Vary"]
    assert b"</html>" in gzip.decompress(answer.data)
    assert len(answer.data) < len(plain.data) / 2
    assert "Content-Encoding" not in plain.headers
