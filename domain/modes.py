"""In which mode a transaction begins: said before anything touches the database, heeded by the dialects."""

from contextvars import ContextVar
from typing import Literal

Mode = Literal["read", "write"]
mode: ContextVar[Mode] = ContextVar("transaction_mode", default="read")
glance: ContextVar[bool] = ContextVar("glance", default=False)
"""Whether one question will do as a rule. On PostgreSQL it is asked without a transaction around it, which is two more
ways there and back; the next question begins one. So what comes later may be newer than the first answer, never older.
"""

BUSY_SECONDS = 10
"""So long a writer waits for another."""
STATEMENTS_KEPT = 256
"""How many statements a connection keeps ready to be asked again."""
