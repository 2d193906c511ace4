"""Text messages through any gateway that takes one POST for one message.

`OPENKAP_SMS_URL` is where, `OPENKAP_SMS_TOKEN` who we are ('name:password' goes as Basic, else as Bearer),
`OPENKAP_SMS_FIELDS` what the gateway calls its fields, such as 'to=To,body=Body,from=From,key=Reference', and
`OPENKAP_SMS_FORMAT` whether they go as 'json' or as 'form'.
"""

import base64
import json
from collections.abc import Mapping
from dataclasses import dataclass
from urllib.error import HTTPError, URLError
from urllib.parse import urlencode
from urllib.request import Request, urlopen

from django.conf import settings

from openkap.adapters.mail.port import NotDelivered
from openkap.adapters.sms.port import SmsPort, Text

SECONDS = 10
TRY_AGAIN = {408, 425, 429}  # refused for now; other 4xx are refused for good
USUAL_FIELDS = {"to": "to", "body": "text", "from": "from", "key": "reference"}


@dataclass(frozen=True, repr=False)
class HttpGateway:
    """One gateway. `sender` may be empty where the gateway knows it."""

    url: str
    token: str
    sender: str
    fields: Mapping[str, str]
    as_form: bool

    def send(self, text: Text) -> None:
        try:
            with urlopen(self._request(text), timeout=SECONDS) as answer:  # noqa: S310  checked in `gateway`
                answer.read(1)
        except HTTPError as error:
            error.close()
            for_good = 400 <= error.code < 500 and error.code not in TRY_AGAIN
            raise NotDelivered(f"gateway-{error.code}", for_good=for_good) from None
        except (URLError, OSError) as error:
            raise NotDelivered(type(error).__name__, for_good=False) from None

    def _request(self, text: Text) -> Request:
        said = {"to": text.to, "body": text.body, "from": self.sender, "key": text.key}
        named = {self.fields[name]: value for name, value in said.items() if name in self.fields and value}
        body = urlencode(named) if self.as_form else json.dumps(named)
        kind = "application/x-www-form-urlencoded" if self.as_form else "application/json"
        headers = {"Content-Type": kind, "Idempotency-Key": text.key, "Authorization": self._who()}
        return Request(self.url, body.encode(), headers, method="POST")  # noqa: S310  checked in `gateway`

    def _who(self) -> str:
        if ":" in self.token:
            return f"Basic {base64.b64encode(self.token.encode()).decode()}"
        return f"Bearer {self.token}"


def gateway(url: str, token: str, sender: str, fields: str, form: str) -> HttpGateway:
    """The gateway that the settings describe. Raises `ValueError` where they cannot be right."""
    if not url.startswith(("https://", "http://localhost", "http://127.0.0.1")):
        raise ValueError("the gateway of text messages is reached over https")
    named = dict(pair.split("=", 1) for pair in fields.split(",") if pair) if fields else USUAL_FIELDS
    if not {"to", "body"} <= set(named) or form not in {"json", "form"}:
        raise ValueError("the gateway's fields name at least 'to' and 'body'; they go as 'json' or 'form'")
    return HttpGateway(url, token, sender, named, form == "form")


def sms_port() -> SmsPort | None:
    """The way text messages go out, or None where none is set up."""
    said = settings.SMS_GATEWAY
    return gateway(**said) if said["url"] else None
