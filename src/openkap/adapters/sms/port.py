"""What the product asks of whatever sends its text messages."""

from dataclasses import dataclass
from typing import Protocol


@dataclass(frozen=True, repr=False)
class Text:
    """One text message. `key` stays the same when it is tried again. Never in a log: it holds a number."""

    to: str
    body: str
    key: str


class SmsPort(Protocol):
    """Sends one text message, or raises `openkap.adapters.mail.NotDelivered`."""

    def send(self, text: Text) -> None: ...
