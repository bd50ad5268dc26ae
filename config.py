"""Typed settings, read from the environment (FOYER_…).

A default must be safe in production: nothing here opens a door, names a password or sends anything anywhere.
"""

import os
import secrets
from pathlib import Path
from typing import Self

from pydantic import Field, model_validator
from pydantic_settings import BaseSettings, SettingsConfigDict

HERE = Path(__file__).resolve().parent
LOOPBACK = frozenset({"", "localhost", "127.0.0.1", "::1"})


class Settings(BaseSettings):
    """What an operator may set; docs/operating.md explains each."""

    model_config = SettingsConfigDict(env_prefix="FOYER_", frozen=True, extra="ignore", hide_input_in_errors=True)

    data_dir: Path = HERE / "instance"
    """Database, secret and uploads of the embedded installation."""
    database_url: str = ""
    """`postgresql+psycopg://…`; empty: SQLite in `data_dir`."""
    queue_url: str = ""
    """`redis://…` or `postgresql://…` for several machines; empty: a file in `data_dir`."""
    secret_key: str = ""
    """At least 32 characters; empty: made once and kept in `data_dir/secret.key`."""
    previous_secret_keys: list[str] = Field(default_factory=list)
    """Older secrets that still open what they closed."""
    public_url: str = ""
    """Where hosts and visitors reach Foyer, for links in mails and codes; empty: taken from the request."""
    trusted_hosts: list[str] = Field(default_factory=lambda: ["localhost", "127.0.0.1", "[::1]"])
    """Host names that are answered; a leading dot takes subdomains along."""
    trusted_proxies: int = 0
    """How many reverse proxies set X-Forwarded-For and -Proto in front of Foyer."""
    allow_plain_http: bool = False
    """Cookies without Secure beyond loopback: only for a trial on a closed network."""
    smtp_host: str = ""
    smtp_port: int = 587
    smtp_user: str = ""
    smtp_password: str = ""
    smtp_security: str = "starttls"
    """`starttls`, `tls` or `none` (loopback relays)."""
    mail_from: str = ""
    chat_hosts: list[str] = Field(default_factory=list)
    """Hosts of the own network that chat channels may name; others must be public and are reached by https alone."""
    demo: bool = False
    """`make run` alone sets it: `flask demo` may fill an empty database, and its link opens a paired kiosk."""
    testing: bool = False

    @model_validator(mode="after")
    def _no_mail_in_the_clear(self) -> Self:
        if self.smtp_security == "none" and self.smtp_host not in LOOPBACK:
            raise ValueError("FOYER_SMTP_SECURITY=none is for a relay on this machine: use starttls or tls.")
        return self

    @property
    def database(self) -> str:
        """The SQLAlchemy URL of the one database."""
        if self.database_url:
            return self.database_url
        self.data_dir.mkdir(parents=True, exist_ok=True)
        return f"sqlite:///{self.data_dir.resolve() / 'foyer.db'}"

    def secret(self) -> str:
        """The secret that signs cookies and derives the encryption keys; made on first use."""
        if self.secret_key:
            if len(self.secret_key) < 32:
                raise RuntimeError("FOYER_SECRET_KEY is too short: at least 32 characters.")
            return self.secret_key
        path = self.data_dir / "secret.key"
        self.data_dir.mkdir(parents=True, exist_ok=True)
        try:
            descriptor = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
        except FileExistsError:
            return path.read_text().strip()
        with os.fdopen(descriptor, "w") as file:
            file.write(made := secrets.token_urlsafe(48))
        return made
