"""The only writes of journals and of practice: the patient's own, but for what staff agree on."""

from openkap.apps.journal.operations.entries import choose_readers, note_seen, write_entry
from openkap.apps.journal.operations.practice import agree_on_practice, end_practice, note_done, take_back_done
from openkap.apps.journal.operations.reminding import choose_reminder, end_reminder, remind_due

__all__ = [
    "agree_on_practice",
    "choose_readers",
    "choose_reminder",
    "end_practice",
    "end_reminder",
    "note_done",
    "note_seen",
    "remind_due",
    "take_back_done",
    "write_entry",
]
