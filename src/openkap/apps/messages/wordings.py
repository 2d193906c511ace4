"""What messages say. Whoever sees a telephone lie on the table learns nothing from them: no clinical word, no
name of the clinic unless the site signs with one, no name of the patient.

`{link}` is the secret link of the message or the portal's front door; `{until}` when it runs out.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from string import Formatter

from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _


@dataclass(frozen=True)
class Wording:
    """A message in every language. `waits`: not sent in quiet hours; what somebody just asked for does not."""

    subject: str | Promise
    body: str | Promise
    waits: bool = True

    @property
    def fields(self) -> frozenset[str]:
        """What is filled in."""
        return frozenset(name for _text, name, _spec, _conversion in Formatter().parse(str(self.body)) if name)


WORDINGS: Mapping[str, Wording] = {
    "invitation": Wording(
        subject=_("Your personal link"),
        body=_(
            "Hello. Here is your personal link: {link} It opens once, until {until}. "
            "If you did not expect it, you can ignore this message."
        ),
    ),
    "sign-in": Wording(
        subject=_("Your link to sign in"),
        body=_(
            "Here is your link to sign in: {link} It opens once, until {until}. If you did not ask, ignore it."
        ),
        waits=False,
    ),
    "something-to-look-at": Wording(
        subject=_("You have something to look at"),
        body=_("Hello. You have something to look at: {link}"),
    ),
    "reminder": Wording(
        subject=_("A small reminder"),
        body=_("Hello. Something is still waiting for you: {link}"),
    ),
    "questions": Wording(
        subject=_("A few questions for you"),
        body=_("Hello. A few questions are waiting for you: {link}"),
    ),
    "own-reminder": Wording(
        subject=_("The reminder you asked for"),
        body=_("Hello. Here is the reminder you asked for: {link}"),
    ),
    "staff-needed": Wording(
        subject=_("OpenKAP needs you"),
        body=_("Something in OpenKAP needs you now. Sign in to see it: {link}"),
        waits=False,
    ),
    "staff-overdue": Wording(
        subject=_("Something is overdue"),
        body=_("Something in OpenKAP was not done in time and has come to you. Sign in to see it: {link}"),
        waits=False,
    ),
    "test": Wording(
        subject=_("A test message"),
        body=_("This is a test. If you can read it, messages from OpenKAP reach you: {link}"),
        waits=False,
    ),
}
