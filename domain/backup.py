"""One archive of everything but the secret key: the database and the sealed photos.

SQLite is copied by its online backup while Foyer works, PostgreSQL by `pg_dump`. An archive holds `manifest.json` (kind
of database, revision of the schema, time, sums), `database`, and `photos/`.
"""

import hashlib
import io
import json
import re
import shutil
import subprocess
import tarfile
import tempfile
from collections.abc import Collection
from dataclasses import asdict, dataclass
from datetime import datetime
from pathlib import Path

import pysqlite3.dbapi2 as sqlite
from sqlalchemy import Engine, make_url, text
from sqlalchemy.exc import DBAPIError

from domain.photos import NAME as PHOTO_NAME

NAME = re.compile(r"foyer-(\d{8}-\d{6})\.tar\.gz")
DATABASE, MANIFEST, PHOTOS = "database", "manifest.json", "photos"


class BackupProblem(Exception):
    """The archive cannot be written or read, and why, in words for who operates Foyer."""


@dataclass(frozen=True)
class Manifest:
    """What an archive says of itself."""

    kind: str
    revision: str
    made_at: str
    sha256: str


def revision_of(engine: Engine) -> str:
    """The migration that the database stands at; "" for an empty one."""
    with engine.connect() as connection:
        try:
            return str(connection.execute(text("SELECT version_num FROM alembic_version")).scalar() or "")
        except DBAPIError:  # each database says in its own way that there is no such table
            return ""


def _dump(engine: Engine, target: Path) -> None:
    if engine.dialect.name == "sqlite":
        source = sqlite.connect(f"file:{engine.url.database}?mode=ro", uri=True)
        copy = sqlite.connect(str(target))
        try:
            source.backup(copy, pages=2000, sleep=0.01)
            copy.execute("PRAGMA journal_mode=DELETE")
        finally:
            copy.close()
            source.close()
        return
    _run("pg_dump", "--format=custom", f"--file={target}", _libpq(engine))


def _load(engine: Engine, source: Path) -> None:
    if engine.dialect.name == "sqlite":
        path = Path(str(engine.url.database))
        engine.dispose()
        for leftover in (path, Path(f"{path}-wal"), Path(f"{path}-shm")):
            leftover.unlink(missing_ok=True)
        path.touch(mode=0o600)  # before anything stands in it that only Foyer may read
        shutil.copyfile(source, path)
        return
    _run("pg_restore", "--exit-on-error", "--no-owner", f"--dbname={_libpq(engine)}", str(source))


def _libpq(engine: Engine) -> str:
    return make_url(engine.url).set(drivername="postgresql").render_as_string(hide_password=False)


def _run(*command: str) -> None:
    try:
        subprocess.run(command, check=True, capture_output=True, text=True)
    except FileNotFoundError as error:
        raise BackupProblem(f"{command[0]} is not installed: install Debian's package postgresql-client.") from error
    except subprocess.CalledProcessError as error:
        raise BackupProblem(f"{command[0]}: {error.stderr.strip()[:400]}") from error


def write(target: Path, *, engine: Engine, photos: Path, now: datetime) -> Manifest:
    """Write the archive while Foyer works; it appears under its name only when it is whole."""
    with tempfile.TemporaryDirectory(dir=target.parent) as folder:
        dump, unfinished = Path(folder) / DATABASE, Path(folder) / "archive"
        _dump(engine, dump)
        manifest = Manifest(engine.dialect.name, revision_of(engine), now.isoformat(), _sum(dump))
        with tarfile.open(unfinished, "w:gz", compresslevel=6) as archive:
            told = json.dumps(asdict(manifest)).encode()
            entry = tarfile.TarInfo(MANIFEST)
            entry.size = len(told)
            archive.addfile(entry, io.BytesIO(told))
            archive.add(dump, DATABASE)
            for photo in sorted(photos.glob("*.sealed")) if photos.is_dir() else ():
                archive.add(photo, f"{PHOTOS}/{photo.name}")
        unfinished.chmod(0o600)
        unfinished.replace(target)
    return manifest


def read(source: Path, *, engine: Engine, photos: Path, known: Collection[str] | None = None) -> Manifest:
    """Read the archive into an empty installation of the same kind of database; raises BackupProblem otherwise.

    `known` are the revisions of the schema that this version has: an older archive is migrated up after this, one of
    a newer version is refused before anything is written.
    """
    if revision_of(engine):
        raise BackupProblem("This installation has a database already. Restore into an empty one.")
    with tempfile.TemporaryDirectory() as folder, _opened(source) as archive:
        root = Path(folder)
        _unpack(archive, root)
        manifest = Manifest(**json.loads((root / MANIFEST).read_text()))
        if manifest.kind != engine.dialect.name:
            raise BackupProblem(f"The archive is of {manifest.kind}, this installation of {engine.dialect.name}.")
        if known is not None and manifest.revision not in known:
            raise BackupProblem(
                f"The archive was made by a newer Foyer (schema {manifest.revision or 'unknown'}). "
                "Install that version, or a later one, and restore there."
            )
        if _sum(root / DATABASE) != manifest.sha256:
            raise BackupProblem("The archive is damaged: its database is not the one that was saved.")
        _load(engine, root / DATABASE)
        photos.mkdir(parents=True, exist_ok=True, mode=0o700)
        for photo in sorted((root / PHOTOS).glob("*.sealed")):
            shutil.copyfile(photo, photos / photo.name)
    return manifest


def forget_older(folder: Path, *, before: datetime) -> int:
    """Remove archives of before that instant, by the time in their names: they hold people whose period is over."""
    count = 0
    for path in sorted(folder.glob("foyer-*.tar.gz")):
        made = NAME.fullmatch(path.name)
        if made and made[1] < f"{before:%Y%m%d-%H%M%S}":
            path.unlink()
            count += 1
    return count


def _unpack(archive: tarfile.TarFile, root: Path) -> None:
    """Take out what belongs there under the names that belong there, and nothing else."""
    (root / PHOTOS).mkdir()
    for member in archive:
        folder, _slash, name = member.name.rpartition("/")
        wanted = member.name in (MANIFEST, DATABASE) or (folder == PHOTOS and PHOTO_NAME.fullmatch(name))
        content = archive.extractfile(member) if wanted and member.isfile() else None
        if content is not None:
            with (root / member.name).open("wb") as out:
                shutil.copyfileobj(content, out)
    if not (root / MANIFEST).exists() or not (root / DATABASE).exists():
        raise BackupProblem("The archive is not whole: manifest or database is missing.")


def _opened(source: Path) -> tarfile.TarFile:
    try:
        return tarfile.open(source, "r:gz")
    except (tarfile.TarError, OSError) as error:
        raise BackupProblem(f"{source} is no archive of Foyer.") from error


def _sum(path: Path) -> str:
    with path.open("rb") as file:
        return hashlib.file_digest(file, "sha256").hexdigest()
