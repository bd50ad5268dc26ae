"""What the tests of the worker may ask for: a real mail server and a real webhook, both on this machine."""

import json
import socket
import threading
from collections.abc import Iterator
from dataclasses import dataclass, field
from email.message import EmailMessage
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any

import pytest
from aiosmtpd.controller import Controller
from flask import Flask

from tests.inbox import Inbox


def free_port() -> int:
    """A port that nobody listens on."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


@dataclass
class Webhook:
    """A chat service: what was posted, and what it answers."""

    port: int = 0
    status: int = 200
    leads_to: str = ""
    """Where it sends whoever posts, instead of taking it."""
    posted: list[dict[str, Any]] = field(default_factory=list)

    @property
    def address(self) -> str:
        """As it is entered at a host."""
        return f"json://127.0.0.1:{self.port}/hook"


@pytest.fixture
def inbox() -> Iterator[Inbox]:
    """A mail server that is running; what it took can be read."""
    box = Inbox()
    server = Controller(box, hostname="127.0.0.1", port=free_port())
    server.start()
    box.port = server.port
    yield box
    server.stop()


@pytest.fixture
def webhook() -> Iterator[Webhook]:
    """A chat service that is running."""
    hook = Webhook()

    class Handler(BaseHTTPRequestHandler):
        def do_POST(self) -> None:
            hook.posted.append(json.loads(self.rfile.read(int(self.headers["Content-Length"]))))
            self.send_response(307 if hook.leads_to else hook.status)
            if hook.leads_to:
                self.send_header("Location", hook.leads_to)
            self.end_headers()

        def log_message(self, *_: object) -> None:
            pass

    server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    hook.port = server.server_port
    thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.02}, daemon=True)
    thread.start()
    yield hook
    server.shutdown()
    server.server_close()
    thread.join()


@pytest.fixture
def mailing(app: Flask, inbox: Inbox) -> Flask:
    """The app, set up to hand mail in at the inbox; known to its readers as https://desk.example.com."""
    set_up(
        app,
        smtp_host="127.0.0.1",
        smtp_port=inbox.port,
        smtp_security="none",
        mail_from="Foyer <desk@example.com>",
        public_url="https://desk.example.com/",
    )
    return app


def set_up(app: Flask, **values: Any) -> None:
    """Run the app with other settings from here on."""
    app.config["SETTINGS"] = app.config["SETTINGS"].model_copy(update=values)


def text_of(mail: EmailMessage, kind: str = "plain") -> str:
    """The plain or the HTML text of a mail."""
    part = mail.get_body((kind,))
    assert part is not None
    return str(part.get_content())
