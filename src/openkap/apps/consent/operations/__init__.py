"""The only writes of consent, one module per subject."""

from openkap.apps.consent.operations.doses import note_dose
from openkap.apps.consent.operations.due import renew_due
from openkap.apps.consent.operations.offering import cancel, offer
from openkap.apps.consent.operations.reading import acknowledge, answer_question, ask_question, say_back
from openkap.apps.consent.operations.signing import countersign, sign
from openkap.apps.consent.operations.withdrawing import decline, withdraw
from openkap.apps.consent.operations.words import write_words

__all__ = [
    "acknowledge",
    "answer_question",
    "ask_question",
    "cancel",
    "countersign",
    "decline",
    "note_dose",
    "offer",
    "renew_due",
    "say_back",
    "sign",
    "withdraw",
    "write_words",
]
