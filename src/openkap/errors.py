"""The errors a person may see.

Every expected failure is an `OpenkapError`: its message says what is wrong, why, and what to do, in words fit
for a clinician; its `code` is stable for scripts. Specific errors live beside the function that raises them.
Anything else that is raised is a defect.
"""

from typing import ClassVar


class OpenkapError(Exception):
    """Root of all expected errors; `str(error)` is shown to the person who asked."""

    code: ClassVar[str] = "error"

    def __init__(self, message: str, *, field: str | None = None) -> None:
        super().__init__(message)
        self.field = field


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
