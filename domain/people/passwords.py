"""Passwords: argon2id, at least twelve characters, none of the common ones."""

from argon2 import PasswordHasher
from argon2.exceptions import InvalidHashError, VerifyMismatchError

_hasher = PasswordHasher()


def hash_password(password: str) -> str:
    """The argon2id hash to keep."""
    return _hasher.hash(password)


def is_password(password_hash: str, password: str) -> bool:
    """Whether the password belongs to the hash; slow on purpose, so call it outside a writing transaction."""
    try:
        return _hasher.verify(password_hash, password)
    except (VerifyMismatchError, InvalidHashError):
        return False
