"""The only writes to the chart."""

from openkap.apps.chart.operations.by_hand import (
    Entry,
    correct_fact,
    dose_read,
    record_fact,
    state_no_allergies,
    withdraw_fact,
)
from openkap.apps.chart.operations.entering import (
    record_answer,
    record_observation,
    record_observations,
    record_results,
    withdraw_observation,
)
from openkap.apps.chart.operations.importing import ImportResult, import_bundle
from openkap.apps.chart.operations.telling import (
    take_allergy,
    take_condition,
    take_medication,
    take_no_allergies,
)

__all__ = [
    "Entry",
    "ImportResult",
    "correct_fact",
    "dose_read",
    "import_bundle",
    "record_answer",
    "record_fact",
    "record_observation",
    "record_observations",
    "record_results",
    "state_no_allergies",
    "take_allergy",
    "take_condition",
    "take_medication",
    "take_no_allergies",
    "withdraw_fact",
    "withdraw_observation",
]
