"""A mailbox for tests: keeps what would have gone out, and fails when it is told to."""

from openkap.adapters.mail.port import Letter, NotDelivered


class FakeMail:
    """Delivers each key once to `letters`, as a mailbox that knows doubles would show it."""

    def __init__(self) -> None:
        self.letters: list[Letter] = []
        self.fails: list[NotDelivered] = []

    def send(self, letter: Letter) -> None:
        if self.fails:
            raise self.fails.pop(0)
        if letter.key not in {kept.key for kept in self.letters}:
            self.letters.append(letter)
