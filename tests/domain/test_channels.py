"""Chat channels are checked when they are typed, masked when they are shown, kept unless replaced."""

import pytest

from domain.channels import mask_channels, read_channels
from domain.errors import DomainError

pytestmark = pytest.mark.filterwarnings("ignore::DeprecationWarning")  # of what Apprise itself imports

WECOM = "wecombot://0123456789abcdef0123"
SLACK = "slack://T1JJ3T3L2/A1BRTD4JD/TIiajkdnlazkcOXrIdevi7FQ"
KEPT = f"{WECOM}\n{SLACK}"


def test_a_masked_line_keeps_the_address_behind_it():
    assert mask_channels(KEPT) == "wecombot://****0123\nslack://****i7FQ"
    assert read_channels(mask_channels(KEPT), kept=KEPT) == [WECOM, SLACK]


def test_lines_may_be_removed_replaced_and_put_in_another_order():
    assert read_channels("slack://****i7FQ", kept=KEPT) == [SLACK]
    assert read_channels("slack://****i7FQ\nwecombot://****0123\n", kept=KEPT) == [SLACK, WECOM]
    assert read_channels("jsons://chat.example.com/hook\nslack://****i7FQ", kept=KEPT) == [
        "jsons://chat.example.com/hook",
        SLACK,
    ]


def test_two_addresses_that_look_the_same_are_both_kept():
    kept = "jsons://a.example.com/0000000000001234\njsons://b.example.com/9999999999991234"
    assert read_channels(mask_channels(kept), kept=kept) == kept.split("\n")


def test_an_address_is_kept_once():
    assert read_channels(f"{WECOM}\n{WECOM}", kept="") == [WECOM]


@pytest.mark.parametrize(
    "typed",
    ["gibberish", "mailto://a@b.c", "file:///etc/passwd", "dbus://", "syslog://", "<script>", "=1+1", "wecombot://"],
)
def test_what_no_chat_service_answers_to_is_refused_with_its_line(typed):
    with pytest.raises(DomainError, match="Line 2") as refused:
        read_channels(f"{WECOM}\n{typed}", kept="")
    assert refused.value.field == "channels"


def test_a_mask_that_stands_for_nothing_is_refused():
    with pytest.raises(DomainError, match="masked"):
        read_channels("slack://****beef", kept=KEPT)


def test_too_much_is_refused():
    with pytest.raises(DomainError, match="At most 10"):
        read_channels("\n".join(f"json://host/{n}" for n in range(11)), kept="")
    with pytest.raises(DomainError, match="too long"):
        read_channels("json://" + "x" * 10_000, kept="")


@pytest.mark.parametrize(
    ("typed", "instead"),
    [
        ("json://chat.example.com/hook", "jsons://"),
        ("mmost://chat.example.com/3ccdd113474722377935511fc85d3dd4", "mmosts://"),
        ("jsons://chat.example.com/hook?verify=no", "jsons://"),
    ],
)
def test_what_would_go_without_encryption_is_refused_unless_the_operator_allows_its_host(typed, instead):
    with pytest.raises(DomainError, match=f"Line 1 would go without encryption.*{instead}"):
        read_channels(typed, kept="")
    assert read_channels(typed, kept="", own_hosts=["chat.example.com"]) == [typed]
