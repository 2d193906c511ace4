"""What can be refused about a session as a whole. What is refused about one entry is stored with the entry."""

from openkap.errors import BadInput, NotAllowedNow


class BadEntry(BadInput):
    """What was sent is not an entry at all; nothing of the batch was stored."""

    code = "bad-entry"


class EntryConflict(NotAllowedNow):
    """The id of this entry was used for another one."""

    code = "entry-conflict"


class CannotOpen(NotAllowedNow):
    """No session can be opened for this visit now."""

    code = "cannot-open"


class NotApplied(NotAllowedNow):
    """The entry was stored, but could not be applied; the message says why."""

    code = "not-applied"
