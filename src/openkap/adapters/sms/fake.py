"""A telephone for tests: keeps what would have gone out, and fails when it is told to."""

from openkap.adapters.mail.port import NotDelivered
from openkap.adapters.sms.port import Text


class FakeSms:
    """Delivers each key once to `texts`, as a gateway that knows doubles does."""

    def __init__(self) -> None:
        self.texts: list[Text] = []
        self.fails: list[NotDelivered] = []

    def send(self, text: Text) -> None:
        if self.fails:
            raise self.fails.pop(0)
        if text.key not in {kept.key for kept in self.texts}:
            self.texts.append(text)
