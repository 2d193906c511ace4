"""What may become of a task: the whole state machine, as a table."""

from enum import StrEnum

from django.utils.translation import gettext as _

from openkap.errors import NotAllowedNow


class TaskState(StrEnum):
    OPEN = "open"
    DONE = "done"
    CANCELLED = "cancelled"


# (from, verb) -> to; what is not listed is not allowed
TASK_MOVES: dict[tuple[TaskState, str], TaskState] = {
    (TaskState.OPEN, "complete"): TaskState.DONE,
    (TaskState.OPEN, "cancel"): TaskState.CANCELLED,
}


def task_after(state: str, verb: str) -> TaskState:
    """The state after `verb`. Raises `NotAllowedNow`."""
    after = TASK_MOVES.get((TaskState(state), verb))
    if after is None:
        raise NotAllowedNow(_("This task is closed already; nothing was changed."))
    return after
