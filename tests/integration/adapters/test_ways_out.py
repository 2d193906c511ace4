"""The real ways out of the house: what a gateway and a mail server are handed, and what their refusals mean."""

import json
import smtplib
import threading
from collections.abc import Iterator
from http.server import BaseHTTPRequestHandler, HTTPServer
from typing import Any
from urllib.parse import parse_qs

import pytest
from django.core import mail

from openkap.adapters.mail import Letter, NotDelivered
from openkap.adapters.mail.client import DjangoMail, mail_port
from openkap.adapters.sms import Text
from openkap.adapters.sms.client import gateway, sms_port

TEXT = Text("+44 20 5550 1999", "Hello. You have something to look at.", "key-1")
LETTER = Letter("elena@example.org", "You have something to look at", "Hello.", "key-1")


class Gateway(HTTPServer):
    """A gateway on this machine: keeps what it is sent and answers as it is told."""

    def __init__(self) -> None:
        super().__init__(("127.0.0.1", 0), Handler)
        self.status = 200
        self.asked: list[tuple[dict[str, str], str]] = []

    @property
    def address(self) -> str:
        return f"http://127.0.0.1:{self.server_port}/send"


class Handler(BaseHTTPRequestHandler):
    """Takes any POST."""

    server: Gateway

    def do_POST(self) -> None:
        body = self.rfile.read(int(self.headers["Content-Length"])).decode()
        self.server.asked.append((dict(self.headers), body))
        self.send_response(self.server.status)
        self.end_headers()

    def log_message(self, *_words: object) -> None:
        """Silence."""


@pytest.fixture
def server() -> Iterator[Gateway]:
    found = Gateway()
    thread = threading.Thread(target=found.serve_forever, daemon=True)
    thread.start()
    yield found
    found.shutdown()
    found.server_close()
    thread.join()


def test_a_gateway_is_handed_json_with_a_key_to_tell_doubles(server: Gateway) -> None:
    gateway(server.address, "secret", "Alder", "", "json").send(TEXT)
    headers, body = server.asked[0]
    assert json.loads(body) == {"to": TEXT.to, "text": TEXT.body, "from": "Alder", "reference": "key-1"}
    assert (headers["Authorization"], headers["Idempotency-Key"]) == ("Bearer secret", "key-1")


def test_a_gateway_that_wants_a_form_and_its_own_names_gets_them(server: Gateway) -> None:
    gateway(server.address, "name:word", "", "to=To,body=Body", "form").send(TEXT)
    headers, body = server.asked[0]
    assert parse_qs(body) == {"To": [TEXT.to], "Body": [TEXT.body]}
    assert headers["Authorization"].startswith("Basic ")


@pytest.mark.parametrize(("status", "for_good"), [(400, True), (404, True), (429, False), (500, False)])
def test_what_a_gateway_refuses_is_refused_for_good_or_for_now(
    server: Gateway, status: int, for_good: bool
) -> None:
    server.status = status
    with pytest.raises(NotDelivered) as refused:
        gateway(server.address, "secret", "", "", "json").send(TEXT)
    assert (refused.value.for_good, refused.value.reason) == (for_good, f"gateway-{status}")
    assert "5550" not in str(refused.value)


def test_a_gateway_that_is_not_there_is_asked_again_later(server: Gateway) -> None:
    address = server.address
    server.server_close()
    with pytest.raises(NotDelivered) as refused:
        gateway(address.replace("127.0.0.1", "localhost"), "", "", "", "json").send(TEXT)
    assert not refused.value.for_good


@pytest.mark.parametrize(
    ("url", "fields", "form"),
    [
        ("http://gateway.example/", "", "json"),
        ("ftp://gateway.example/", "", "json"),
        ("https://gateway.example/", "to=To", "json"),
        ("https://gateway.example/", "", "xml"),
    ],
)
def test_a_gateway_that_cannot_be_right_is_refused(url: str, fields: str, form: str) -> None:
    with pytest.raises(ValueError, match="gateway"):
        gateway(url, "", "", fields, form)


def test_ways_that_are_not_set_up_are_none(settings: Any) -> None:
    settings.MAIL_READY = False
    assert mail_port() is None
    assert sms_port() is None
    settings.MAIL_READY = True
    assert isinstance(mail_port(), DjangoMail)


def test_a_letter_is_plain_text_with_a_key_to_tell_doubles() -> None:
    DjangoMail().send(LETTER)
    (sent,) = mail.outbox
    assert (sent.to, sent.subject, sent.body) == ([LETTER.to], LETTER.subject, LETTER.body)
    assert sent.extra_headers["Message-ID"].startswith("<key-1@")


@pytest.mark.parametrize(
    ("raised", "for_good"),
    [
        (smtplib.SMTPRecipientsRefused({"elena@example.org": (550, b"no such user")}), True),
        (smtplib.SMTPRecipientsRefused({"elena@example.org": (451, b"later")}), False),
        (smtplib.SMTPServerDisconnected("elena@example.org"), False),
        (TimeoutError(), False),
    ],
)
def test_what_a_mail_server_refuses_names_no_address(
    monkeypatch: pytest.MonkeyPatch, raised: Exception, for_good: bool
) -> None:
    def refuse(_self: object, **_how: object) -> None:
        raise raised

    monkeypatch.setattr(mail.EmailMessage, "send", refuse)
    with pytest.raises(NotDelivered) as refused:
        DjangoMail().send(LETTER)
    assert refused.value.for_good == for_good
    assert "elena" not in str(refused.value) + repr(LETTER)


def test_an_address_that_would_write_headers_is_given_up() -> None:
    with pytest.raises(NotDelivered) as refused:
        DjangoMail().send(Letter("a@b.example\nBcc: c@d.example", "s", "b", "k"))
    assert refused.value.for_good
