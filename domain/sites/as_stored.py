"""The site around a page, remembered under all that its row holds.

Every page reads its site, most of which is JSON and a sealed text: reading them anew took a tenth of a page. The row as
it is stored is the key, so that a site that was changed, by whomever, is another one.
"""

import json
from functools import lru_cache
from typing import Any

from sqlalchemy import JSON, ColumnElement, LargeBinary, Text, bindparam, cast, select, type_coerce

from domain.encryption import EncryptedText
from domain.sites.models import Site
from domain.statements import Ready

_KEPT = Site.__table__.c


def _as_stored(column: Any) -> ColumnElement[Any]:
    if isinstance(column.type, JSON):
        return cast(column, Text)
    return type_coerce(column, LargeBinary) if isinstance(column.type, EncryptedText) else column


COLUMNS = tuple(_as_stored(column).label(f"{column.name}_of_site") for column in _KEPT)
"""What a statement selects, at its end, for `site_of`."""
BY_ID = Ready(select(*COLUMNS).where(_KEPT.id == bindparam("id")))
BEGIN = -len(COLUMNS)


def site_of(row: Any) -> Site | None:
    """The site at the end of that row, to be read alone: no session knows it; None where an outer join found none."""
    return _made(*row[BEGIN:]) if row.id_of_site is not None else None


@lru_cache(maxsize=256)
def _made(*stored: Any) -> Site:
    return Site(**{column.name: _read(column, value) for column, value in zip(_KEPT, stored, strict=True)})


def _read(column: Any, stored: Any) -> Any:
    if isinstance(column.type, JSON):
        return None if stored is None else json.loads(stored)
    return column.type.open(stored) if isinstance(column.type, EncryptedText) else stored


def read_site(site_id: int) -> Site:
    """The site of that id, to be read alone."""
    return _made(*BY_ID.first(id=site_id))
