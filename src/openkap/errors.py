"""The errors a person may see.

Every expected failure is an `OpenkapError`: its message says what is wrong, why, and what to do, in words fit
for a clinician; its `code` is stable for scripts. Specific errors live beside the function that raises them.
Anything else that is raised is a defect.

Messages are written in English, whole, with what varies named and given beside them, as f-strings cannot be
translated: `BadInput("'%(text)s' is not a unit OpenKAP knows.", text=text)`. Layers that know no languages
raise them as they are; the product says by `speak_by` who puts them into the reader's language.
"""

from collections.abc import Callable, Mapping
from typing import ClassVar


def in_english(message: str, values: Mapping[str, object]) -> str:
    """The message with its values, as it was written."""
    return message % values if values else message


_said: Callable[[str, Mapping[str, object]], str] = in_english


def speak_by(said: Callable[[str, Mapping[str, object]], str]) -> None:
    """Have messages said by `said(message, values)` from now on: once, when the product starts."""
    global _said  # noqa: PLW0603  the one thing this layer is told
    _said = said


class OpenkapError(Exception):
    """Root of all expected errors; `str(error)` is shown to the person who asked, in their language.

    `field` names the field of a form it is about; `values` are what the message names as '%(name)s'.
    """

    code: ClassVar[str] = "error"

    def __init__(self, message: str, *, field: str | None = None, **values: object) -> None:
        super().__init__(in_english(message, values))
        self.message = message
        self.values = values
        self.field = field

    def __str__(self) -> str:
        return _said(self.message, self.values)


class BadInput(OpenkapError):
    """What was entered or uploaded cannot be used; nothing was changed."""

    code = "bad-input"


class NotFound(OpenkapError):
    """No such thing, or none that this person may know of."""

    code = "not-found"


class Refused(OpenkapError):
    """This person may not do this."""

    code = "refused"


class NotAllowedNow(OpenkapError):
    """This person may do this, but not in the present state."""

    code = "not-allowed-now"
