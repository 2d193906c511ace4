"""The only writes of assessment."""

from openkap.apps.assessment.operations.candidacy import Said, record_candidacy
from openkap.apps.assessment.operations.chores import keep_clearance
from openkap.apps.assessment.operations.clearance import (
    PressureReading,
    ResultEntry,
    decide_result,
    end_waiver,
    record_pressures,
    record_results,
    waive_item,
    withdraw_result,
)
from openkap.apps.assessment.operations.deciding import (
    end_override,
    override_finding,
    plan_anyway,
    sign_assessment,
)
from openkap.apps.assessment.operations.episodes import end_episode, set_indication

__all__ = [
    "PressureReading",
    "ResultEntry",
    "Said",
    "decide_result",
    "end_episode",
    "end_override",
    "end_waiver",
    "keep_clearance",
    "override_finding",
    "plan_anyway",
    "record_candidacy",
    "record_pressures",
    "record_results",
    "set_indication",
    "sign_assessment",
    "waive_item",
    "withdraw_result",
]
