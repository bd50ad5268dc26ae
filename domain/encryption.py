"""What is kept sealed: AES-256-GCM under keys that can be changed, and blind indexes for what must be found again.

A sealed value is version (1), key id (4), nonce (12), ciphertext with tag (16); the purpose is authenticated with it,
so that a value moved to another column does not open.
"""

import base64
import hashlib
import hmac
import secrets
from collections.abc import Sequence
from dataclasses import dataclass
from functools import lru_cache
from typing import Self

from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives.ciphers.aead import AESGCM
from cryptography.hazmat.primitives.hashes import SHA256
from cryptography.hazmat.primitives.kdf.hkdf import HKDF
from sqlalchemy import Dialect, LargeBinary
from sqlalchemy.types import TypeDecorator

SHORTEST_SECRET = 32

_VERSION = b"\x01"
_KEY_ID = slice(1, 5)
_NONCE = slice(5, 17)
_CIPHERTEXT = slice(17, None)


class CannotDecrypt(Exception):
    """The value was sealed under a key that is not in the ring, for another purpose, or was changed."""


@dataclass(frozen=True, repr=False)
class Keyring:
    """Secrets by key id, the newest first: it seals, all of them open."""

    secrets_by_id: dict[bytes, bytes]

    @classmethod
    def from_secret(cls, secrets_newest_first: Sequence[str]) -> Self:
        """Make the ring of long random secrets; raises ValueError for none or one too short to be random."""
        if not secrets_newest_first:
            raise ValueError("the keyring needs at least one secret")
        if any(len(secret) < SHORTEST_SECRET for secret in secrets_newest_first):
            raise ValueError(f"a secret of the keyring needs at least {SHORTEST_SECRET} characters")
        encoded = [secret.encode() for secret in secrets_newest_first]
        return cls({_derived(secret, "key id", 4): secret for secret in encoded})

    @property
    def newest(self) -> bytes:
        """The id of the key that seals."""
        return next(iter(self.secrets_by_id))

    def seal(self, plaintext: str | bytes, purpose: str) -> bytes:
        """Encrypt for one purpose (a column's name); the same text sealed twice differs."""
        if isinstance(plaintext, str):
            plaintext = plaintext.encode()
        header = _VERSION + self.newest
        nonce = secrets.token_bytes(12)
        return header + nonce + self._cipher(self.newest, purpose).encrypt(nonce, plaintext, header + purpose.encode())

    def open(self, sealed: bytes, purpose: str) -> bytes:
        """Decrypt what `seal` gave for this purpose; raises CannotDecrypt."""
        key_id = sealed[_KEY_ID]
        if sealed[:1] != _VERSION or key_id not in self.secrets_by_id:
            raise CannotDecrypt(f"{purpose}: sealed under a key that is not in the ring")
        try:
            header = _VERSION + key_id
            cipher = self._cipher(key_id, purpose)
            return cipher.decrypt(sealed[_NONCE], sealed[_CIPHERTEXT], header + purpose.encode())
        except (InvalidTag, ValueError) as problem:
            raise CannotDecrypt(f"{purpose}: changed, or sealed for another purpose") from problem

    def is_current(self, sealed: bytes) -> bool:
        """Whether the newest key sealed it; what is not is sealed anew when keys are changed."""
        return sealed[_KEY_ID] == self.newest

    def blind_index(self, value: str, purpose: str) -> str:
        """32 characters by which an encrypted value is found again, and from which it cannot be told."""
        return self.blind_indexes(value, purpose)[0]

    def blind_indexes(self, value: str, purpose: str) -> list[str]:
        """The value's index under every key, the newest first: what was indexed before a change is found too."""
        keys = (_derived(secret, f"index {purpose}", 32) for secret in self.secrets_by_id.values())
        found = (hmac.new(key, value.encode(), hashlib.sha256).digest()[:20] for key in keys)
        return [base64.b32encode(digest).decode().lower() for digest in found]

    def _cipher(self, key_id: bytes, purpose: str) -> AESGCM:
        return _cipher(self.secrets_by_id[key_id], f"seal {purpose}")


_keyring: Keyring | None = None


def use_keyring(keyring: Keyring) -> None:
    """Set the process's keyring; the app factory and the worker call it once."""
    global _keyring
    _keyring = keyring


def keyring() -> Keyring:
    """The process's keyring; raises RuntimeError before `use_keyring`."""
    if _keyring is None:
        raise RuntimeError("call domain.encryption.use_keyring before anything sealed is read or written")
    return _keyring


def blind_index(value: str, purpose: str) -> str:
    """The value's blind index under the process's keyring."""
    return keyring().blind_index(value, purpose)


class EncryptedText(TypeDecorator[str]):
    """A text column that the database sees sealed; the purpose is the column's full name.

    It cannot be searched or compared: keep a `blind_index` beside it where one look-up is needed.
    """

    impl = LargeBinary
    cache_ok = True

    def __init__(self, purpose: str) -> None:
        super().__init__()
        self.purpose = purpose

    def process_bind_param(self, value: str | None, dialect: Dialect) -> bytes | None:
        return None if value is None else keyring().seal(value, self.purpose)

    def process_result_value(self, value: bytes | None, dialect: Dialect) -> str | None:
        return None if value is None else self.open(value)

    def open(self, sealed: bytes) -> str:
        """The text that the column holds so."""
        return keyring().open(bytes(sealed), self.purpose).decode()


@lru_cache(maxsize=256)
def _cipher(secret: bytes, what: str) -> AESGCM:
    return AESGCM(_derived(secret, what, 32))


@lru_cache(maxsize=256)
def _derived(secret: bytes, what: str, length: int) -> bytes:
    return HKDF(algorithm=SHA256(), length=length, salt=None, info=f"foyer {what}".encode()).derive(secret)
