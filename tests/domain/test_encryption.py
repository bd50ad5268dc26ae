"""What is kept sealed opens for its purpose alone, also after keys were changed."""

import pytest
from hypothesis import given
from hypothesis import strategies as st
from sqlalchemy import Column, Integer, LargeBinary, MetaData, Table, create_engine, insert, select

from domain import encryption
from domain.encryption import CannotDecrypt, EncryptedText, Keyring, blind_index, use_keyring
from domain.engines import engine_options
from domain.modes import mode

OLD, NEW = "old-secret-" * 4, "new-secret-" * 4
ring = Keyring.from_secret([OLD])


@pytest.fixture
def process_keyring(monkeypatch):
    monkeypatch.setattr(encryption, "_keyring", None)
    return Keyring.from_secret([OLD])


@given(st.text(st.characters(exclude_categories=["Cs"])))
def test_what_was_sealed_opens_again(text):
    assert ring.open(ring.seal(text, "visits.document"), "visits.document").decode() == text


def test_the_same_text_is_never_sealed_the_same():
    assert len({ring.seal("110101199001011234", "p") for _ in range(50)}) == 50


def test_nothing_of_the_text_shows():
    assert b"1234" not in ring.seal("1234" * 20, "p")


def test_it_opens_for_its_own_purpose_alone():
    with pytest.raises(CannotDecrypt):
        ring.open(ring.seal("x", "visits.document"), "people.totp_secret")


@pytest.mark.parametrize("place", [0, 1, 5, 17, -1])
def test_a_changed_byte_is_noticed(place):
    sealed = bytearray(ring.seal("secret", "p"))
    sealed[place] ^= 1
    with pytest.raises(CannotDecrypt):
        ring.open(bytes(sealed), "p")


@pytest.mark.parametrize("sealed", [b"", b"\x01", b"x" * 100, ring.seal("x", "p")[:20]])
def test_rubbish_is_refused_in_words(sealed):
    with pytest.raises(CannotDecrypt):
        ring.open(sealed, "p")


def test_an_older_key_opens_and_the_newest_seals():
    sealed = ring.seal("x", "p")
    both = Keyring.from_secret([NEW, OLD])
    assert both.open(sealed, "p") == b"x"
    assert not both.is_current(sealed)
    assert both.is_current(both.seal("x", "p"))
    with pytest.raises(CannotDecrypt):
        ring.open(both.seal("x", "p"), "p")


def test_a_blind_index_is_stable_and_belongs_to_its_purpose():
    index = ring.blind_index("110101199001011234", "p")
    assert index == ring.blind_index("110101199001011234", "p")
    assert len(index) == 32
    assert index.isalnum()
    assert index != ring.blind_index("110101199001011234", "q")
    assert index != Keyring.from_secret([NEW]).blind_index("110101199001011234", "p")


def test_what_was_indexed_before_a_change_of_keys_is_still_found():
    assert ring.blind_index("x", "p") in Keyring.from_secret([NEW, OLD]).blind_indexes("x", "p")


@pytest.mark.parametrize("secrets", [[], ["short"], [NEW, ""]])
def test_weak_secrets_are_refused(secrets):
    with pytest.raises(ValueError, match="keyring"):
        Keyring.from_secret(secrets)


def test_a_keyring_never_prints_its_secrets():
    assert OLD not in repr(ring)


def test_nothing_is_sealed_before_the_keyring_is_set(process_keyring):
    with pytest.raises(RuntimeError, match="use_keyring"):
        blind_index("x", "p")


def test_an_encrypted_column_is_sealed_in_the_database_and_plain_outside(process_keyring, tmp_path):
    use_keyring(process_keyring)
    url = f"sqlite:///{tmp_path / 'sealed.db'}"
    metadata = MetaData()
    sealed = Table("t", metadata, Column("id", Integer, primary_key=True), Column("secret", EncryptedText("t.secret")))
    raw = Table("t", MetaData(), Column("id", Integer, primary_key=True), Column("secret", LargeBinary))
    engine = create_engine(url, **engine_options(url))
    token = mode.set("write")
    try:
        with engine.begin() as connection:
            metadata.create_all(connection)
            connection.execute(insert(sealed), [{"secret": "张三 1234"}, {"secret": ""}, {"secret": None}])
            opened = list(connection.scalars(select(sealed.c.secret).order_by(sealed.c.id)))
            stored = list(connection.scalars(select(raw.c.secret).order_by(raw.c.id)))
    finally:
        mode.reset(token)
        engine.dispose()
    assert opened == ["张三 1234", "", None]
    assert stored[2] is None
    assert all(b"1234" not in value for value in stored[:2])
