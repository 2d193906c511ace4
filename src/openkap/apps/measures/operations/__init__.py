"""The only writes of answers to instruments: what is asked, entries, forms that are being filled in."""

from openkap.apps.measures.operations.asking import ask_now, keep_asks, keep_asks_of, skip_ask, skip_asks
from openkap.apps.measures.operations.burden import limit_burden
from openkap.apps.measures.operations.changing import (
    change_asking,
    leave_out,
    pause_asking,
    resume_asking,
    take_up,
    use_cadence,
)
from openkap.apps.measures.operations.filling import begin_filling, hand_in, keep_answer
from openkap.apps.measures.operations.recording import Entry, correct_response, record_response

__all__ = [
    "Entry",
    "ask_now",
    "begin_filling",
    "change_asking",
    "correct_response",
    "hand_in",
    "keep_answer",
    "keep_asks",
    "keep_asks_of",
    "leave_out",
    "limit_burden",
    "pause_asking",
    "record_response",
    "resume_asking",
    "skip_ask",
    "skip_asks",
    "take_up",
    "use_cadence",
]
