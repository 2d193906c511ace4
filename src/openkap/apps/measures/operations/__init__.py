"""The only writes of answers to instruments: entries, and forms that patients fill in by and by."""

from openkap.apps.measures.operations.filling import begin_filling, hand_in, keep_answer
from openkap.apps.measures.operations.recording import Entry, correct_response, record_response

__all__ = ["Entry", "begin_filling", "correct_response", "hand_in", "keep_answer", "record_response"]
