"""What the product asks of whatever sends its e-mail."""

from dataclasses import dataclass
from typing import Protocol


class NotDelivered(Exception):
    """A message did not go out. `for_good`: trying again would not help, such as an address that is refused.

    `reason` is a short code for the record; it never holds an address.
    """

    def __init__(self, reason: str, *, for_good: bool) -> None:
        super().__init__(reason)
        self.reason = reason[:40]
        self.for_good = for_good


@dataclass(frozen=True, repr=False)
class Letter:
    """One e-mail of plain text. `key` stays the same when it is tried again, so that doubles can be told.

    Never shown in a log: it holds an address.
    """

    to: str
    subject: str
    body: str
    key: str


class MailPort(Protocol):
    """Sends one letter, or raises `NotDelivered`."""

    def send(self, letter: Letter) -> None: ...
