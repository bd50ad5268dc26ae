"""What every row of the table of registers brings, so that review, seals and erasure work for it."""

from domain import all_models, registers  # noqa: F401
from domain.database import UTCDateTime
from domain.permissions import GRANTS, Permission


def test_every_register_says_what_a_signature_binds():
    for register in registers.everyone():
        columns = register.model.__table__.columns
        assert "number" in register.lasting, f"{register.name}: say in `lasting` what of an entry stays for good (R2)."
        marked = "erased_at" in columns or not register.erasable
        assert marked, f"{register.name}: a salted digest holds until `erased_at` is set (P2)."
        for name in (*register.lasting, *register.erasable):
            assert name in columns, f"{register.name}: {name} is no column of {register.model.__name__}."
        both = set(register.lasting) & set(register.erasable)
        assert not both, f"{register.name}: what is erased does not last: {both}"


def test_the_numbers_of_a_register_are_an_index_and_its_time_is_a_moment():
    for register in registers.everyone():
        table = register.model.__table__
        led = {tuple(column.name for column in index.columns)[:2] for index in table.indexes if index.unique}
        led.add(tuple(column.name for column in table.primary_key.columns)[:2])
        assert ("site_id", "number") in led, f"{register.name}: signing reads by number, give it its unique index."
        assert isinstance(register.at.type, UTCDateTime)


def test_whoever_reads_review_reads_registers():
    readers = GRANTS[Permission.REVIEW_READ][0]
    for register in registers.everyone():
        assert readers & GRANTS[register.read][0], f"Nobody who reviews may read {register.name}."
