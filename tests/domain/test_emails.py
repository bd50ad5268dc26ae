"""Mail addresses are read, tidied, and refused in words; masked for those who do not need them."""

import pytest

from domain.emails import mask_email, parse_email
from domain.errors import DomainError


@pytest.mark.parametrize(
    ("typed", "meant"),
    [
        ("zhangsan@example.com", "zhangsan@example.com"),
        ("  Zhang.San+desk@Example.COM\u200b ", "Zhang.San+desk@example.com"),
        ("ｚｈａｎｇ＠ｅｘａｍｐｌｅ．ｃｏｍ", "zhang@example.com"),
        ("张三@例子.公司", "张三@例子.公司"),
        ("o'brien@example.ie", "o'brien@example.ie"),
        ("", ""),
        (" ", ""),
    ],
)
def test_an_address_is_read_however_it_is_typed(typed, meant):
    assert parse_email(typed) == meant


@pytest.mark.parametrize(
    "typed",
    [
        "zhangsan",
        "@example.com",
        "zhang@",
        "zhang@example",
        "zhang@127.0.0.1",
        "zhang@-example.com",
        "zhang san@example.com",
        "a@b@example.com",
        "zhang..san@example.com",
        ".zhang@example.com",
        "<script>@example.com",
        'x" <y@example.com',
        "a@example.com\nBcc: b@example.com",
        "a@example.com,b@example.com",
        "x" * 65 + "@example.com",
        "x" * 10_000,
        "😀@",
    ],
)
def test_what_no_mail_server_takes_is_refused_at_its_field(typed):
    with pytest.raises(DomainError) as refused:
        parse_email(typed)
    assert refused.value.field == "email"


def test_a_masked_address_is_recognised_by_who_knows_it():
    assert mask_email("zhangsan@example.com") == "z***@example.com"
    assert mask_email("") == ""
