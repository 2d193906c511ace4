"""Words for people: levels, choices, what holds."""

from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _
from django.utils.translation import pgettext_lazy

from openkap.apps.chart.forms import in_language
from openkap.core.assessment.suicide_risk import Attention, Choice, Hold, Level
from openkap.knowledge.loader import read_kind
from openkap.knowledge.schema.instrument import Instrument

LEVELS: dict[Level, str | Promise] = {
    Level.NOT_ASSESSED: _("Not assessed"),
    Level.NONE: pgettext_lazy("suicide risk", "None found"),
    Level.LOW: pgettext_lazy("suicide risk", "Low"),
    Level.MODERATE: pgettext_lazy("suicide risk", "Moderate"),
    Level.HIGH: pgettext_lazy("suicide risk", "High"),
}
TONES = {  # states of web.status
    Level.NOT_ASSESSED: "unknown",
    Level.NONE: "ok",
    Level.LOW: "info",
    Level.MODERATE: "warn",
    Level.HIGH: "over",
}
CHOICES: dict[Choice, str | Promise] = {
    Choice.EMERGENCY: _("Emergency care now; no dose"),
    Choice.HIGHER_CARE: _("A dose, in a setting of higher care"),
    Choice.NONE: _("No dose"),
}
HOLDS: dict[Hold, str | Promise] = {
    Hold.DECISION_OPEN: _("No dose is given: the psychiatrist's decision is open."),
    Hold.HIGH_RISK: _("No dose is given: the risk is high and dosing was not released."),
    Hold.DECIDED_AGAINST: _("No dose is given: a psychiatrist decided so. It stands until a new result."),
}
ATTENTION: dict[Attention, str | Promise] = {
    Attention.NOTHING: _("nobody was called"),
    Attention.SAME_DAY: _("same-day review"),
    Attention.NOW: _("somebody was called"),
}
IDEATION: tuple[tuple[int, str | Promise], ...] = (
    (0, _("0: none")),
    (1, _("1: wish to be dead")),
    (2, _("2: thoughts, not specific")),
    (3, _("3: thoughts with a method")),
    (4, _("4: with some intent")),
    (5, _("5: with plan and intent")),
)


def answer_in_words(instrument_id: str, item_id: str, value: object) -> str:
    """An answer as it was given: 'yes', '1 (Several days)', or the number where only numbers are offered."""
    instrument = read_kind("instruments", Instrument).get(instrument_id)
    item = next((one for one in instrument.items if one.id == item_id), None) if instrument else None
    choices = instrument.choices_of(item) if instrument and item else ()
    label = next((in_language(one.label) for one in choices if one.value == value), str(value))
    if label == str(value):
        return label
    return label.lower() if len(choices) == len(("yes", "no")) else f"{value} ({label})"
