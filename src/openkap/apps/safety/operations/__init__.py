"""The only writes of suicide risk: answers, results, decisions, safety plans, and the rota."""

from openkap.apps.safety.operations.deciding import decide
from openkap.apps.safety.operations.plans import review_plan, write_plan
from openkap.apps.safety.operations.results import Found, record_result
from openkap.apps.safety.operations.rota import NewShift, add_shift, change_unstaffed, end_shift
from openkap.apps.safety.operations.screening import ItemSaid, Said, note_screen
from openkap.apps.safety.operations.sweeping import keep_safety
from openkap.apps.safety.operations.timing import LooserThanTheRecord, NewTiming, change_timing

__all__ = [
    "Found",
    "ItemSaid",
    "LooserThanTheRecord",
    "NewShift",
    "NewTiming",
    "Said",
    "add_shift",
    "change_timing",
    "change_unstaffed",
    "decide",
    "end_shift",
    "keep_safety",
    "note_screen",
    "record_result",
    "review_plan",
    "write_plan",
]
