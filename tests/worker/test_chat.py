"""V4: WeCom, DingTalk, Feishu, Slack, Teams and webhooks through Apprise, as a host or a site entered them."""

from datetime import timedelta

import pytest
from flask import Flask
from sqlalchemy import select

import jobs
from domain.database import db, reading, writing
from domain.delivery import chat
from domain.delivery.chat import Chat
from domain.delivery.letter import Letter, NotTaken
from domain.notices import RETRIES, Channel, Notice, NoticeState
from domain.occupants.models import Host
from domain.sites.models import Site
from tests.cast import Cast
from tests.stays import arrive
from tests.worker.conftest import Webhook, free_port, set_up

pytestmark = pytest.mark.filterwarnings("ignore::DeprecationWarning")


def channels(app: Flask, cast: Cast, *, host: str = "", site: str = "") -> None:
    with app.app_context(), writing():
        db.session.get_one(Host, cast.host_id).channels = host
        db.session.get_one(Site, cast.site_id).channels = site


def deliver(app: Flask) -> None:
    with app.app_context():
        jobs.deliver_chat()


def chats(app: Flask) -> list[Notice]:
    with app.app_context(), reading():
        found = list(db.session.scalars(select(Notice).where(Notice.channel == Channel.CHAT)))
        db.session.expunge_all()
        return found


def test_the_host_is_told_in_chat_with_links(app: Flask, cast: Cast, webhook: Webhook) -> None:
    set_up(app, public_url="https://desk.example.com")
    channels(app, cast, host=f"{webhook.address}\n\n")
    arrive(app, cast, waits=True)
    deliver(app)
    deliver(app)
    [posted] = webhook.posted
    assert "王五" in posted["title"]
    assert "https://desk.example.com/a/" in posted["message"]
    assert [notice.state for notice in chats(app)] == [NoticeState.SENT]


def test_the_channel_of_the_site_hears_of_everybody_but_reads_no_name_and_gets_no_link(
    app: Flask, cast: Cast, webhook: Webhook
) -> None:
    set_up(app, public_url="https://desk.example.com")
    channels(app, cast, site=webhook.address)
    arrive(app, cast, waits=True, name="王小五")
    deliver(app)
    [posted] = webhook.posted
    assert "王*五" in posted["title"]
    assert "王小五" not in str(posted)
    assert "/a/" not in str(posted)


def test_a_channel_that_has_the_message_does_not_get_it_again_because_another_failed(
    app: Flask, cast: Cast, webhook: Webhook, clock
) -> None:
    dead = f"json://127.0.0.1:{free_port()}/secret-token"
    channels(app, cast, host=f"{webhook.address}\n{dead}")
    arrive(app, cast)
    deliver(app)
    clock.shift(RETRIES[0] + timedelta(seconds=1))
    deliver(app)
    assert len(webhook.posted) == 1
    [notice] = chats(app)
    assert (notice.state, notice.tries) == (NoticeState.PENDING, 2)
    assert notice.problem == "A chat channel did not take the message."
    assert "secret-token" not in f"{notice.problem}{notice.facts}"


def test_a_service_that_is_down_gets_it_later(app: Flask, cast: Cast, webhook: Webhook, clock) -> None:
    webhook.status = 503
    channels(app, cast, host=webhook.address)
    arrive(app, cast)
    deliver(app)
    assert [notice.state for notice in chats(app)] == [NoticeState.PENDING]
    webhook.status = 200
    clock.shift(RETRIES[0])
    deliver(app)
    assert [notice.state for notice in chats(app)] == [NoticeState.SENT]


@pytest.mark.parametrize("address", ["syslog://localhost", "nonsense", "wecombot://", "file:///etc/passwd"])
def test_what_is_no_chat_service_is_final(address: str) -> None:
    letter = Letter(language="en", subject="s", text="t", html="", addresses=(address,))
    with pytest.raises(NotTaken) as refused:
        Chat().send(letter, message_id="x", told=())
    assert refused.value.final


def letter_to(address: str) -> Letter:
    return Letter(language="en", subject="s", text="t", html="", addresses=(address,))


@pytest.mark.parametrize("host", ["127.0.0.1", "localhost", "[::1]"])
def test_a_channel_leads_into_no_network_of_our_own(host: str, webhook: Webhook, monkeypatch) -> None:
    address = f"json://{host}:{webhook.port}/hook"
    monkeypatch.setattr(chat, "is_plain", lambda *_given: False)
    with pytest.raises(NotTaken) as refused:
        Chat().send(letter_to(address), message_id="x", told=())
    assert not refused.value.final
    assert webhook.posted == []


def test_the_operator_allows_hosts_of_the_own_network_by_name(webhook: Webhook) -> None:
    with pytest.raises(NotTaken) as refused:
        Chat().send(letter_to(webhook.address), message_id="x", told=())
    assert refused.value.final, "what has no TLS and is no own host is no channel"
    Chat(["127.0.0.1"]).send(letter_to(webhook.address), message_id="x", told=())
    assert len(webhook.posted) == 1


def test_no_redirect_is_followed(webhook: Webhook) -> None:
    webhook.leads_to = webhook.address.replace("json", "http")
    with pytest.raises(NotTaken):
        Chat(["127.0.0.1"]).send(letter_to(f"{webhook.address}?redirect=yes"), message_id="x", told=())
    assert len(webhook.posted) == 1
