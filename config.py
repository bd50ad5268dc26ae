"""Typed settings, read from the environment (FOYER_…).

A default must be safe in production: nothing here opens a door, names a password or sends anything anywhere.
"""

import os
import pwd
import secrets
from pathlib import Path
from typing import Self

from click import ClickException
from pydantic import Field, model_validator
from pydantic_settings import BaseSettings, SettingsConfigDict

HERE = Path(__file__).resolve().parent
LOOPBACK = frozenset({"", "localhost", "127.0.0.1", "::1"})


class Unusable(ClickException):
    """What is set up cannot be used: one sentence says why, on the console and in the log of the web server alike."""


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
        return self.database_url or f"sqlite:///{self.kept('foyer.db')}"

    def secret(self) -> str:
        """The secret that signs cookies and derives the encryption keys; made on first use."""
        if not self.secret_key:
            return self.kept("secret.key", secrets.token_urlsafe(48)).read_text().strip()
        if len(self.secret_key) < 32:
            raise RuntimeError("FOYER_SECRET_KEY is too short: at least 32 characters.")
        return self.secret_key

    def folder(self) -> Path:
        """The data folder; made where it is missing, for the account alone that Foyer runs as.

        Raises Unusable for root where the folder is somebody else's: what root makes in it, its owner could not read. A
        demo lives in the checkout, and root may run it whoever fetched that.
        """
        folder = self.data_dir.resolve()
        try:
            folder.mkdir(mode=0o700, parents=True, exist_ok=True)
        except OSError as error:
            who = _called(os.geteuid())
            raise Unusable(f"{who} cannot make the data folder {folder}: {error.strerror}.") from error
        owner = folder.stat().st_uid
        if os.geteuid() == 0 != owner and not self.demo:
            name = _called(owner)
            raise Unusable(
                f"The data folder {folder} belongs to {name}, and this runs as root: run it as {name} "
                f"(runuser -u {name} -- …; deploy/foyer does so)."
            )
        if not os.access(folder, os.R_OK | os.W_OK | os.X_OK):
            raise _not_ours(folder)
        return folder

    def kept(self, name: str, first: str = "") -> Path:
        """A file of the data folder that nobody but its account reads; made with `first` in it where it is missing.

        SQLite gives its log the rights of the database. Raises Unusable when the file is somebody else's.
        """
        path = self.folder() / name
        try:
            descriptor = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
        except FileExistsError:
            if not os.access(path, os.R_OK | os.W_OK):
                raise _not_ours(path) from None
            if path.stat().st_uid == os.geteuid() and path.stat().st_mode & 0o077:
                path.chmod(0o600)
            return path
        with os.fdopen(descriptor, "w") as file:
            file.write(first)
        return path


def _called(uid: int) -> str:
    """The name of an account, or its number where it has none."""
    try:
        return pwd.getpwuid(uid).pw_name
    except KeyError:
        return f"#{uid}"


def _not_ours(path: Path) -> Unusable:
    return Unusable(
        f"{path} belongs to {_called(path.stat().st_uid)}, and {_called(os.geteuid())}, as whom this runs, may not "
        "read and write it: give the whole data folder to that account (chown -R)."
    )
