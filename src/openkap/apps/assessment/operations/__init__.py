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
from openkap.apps.assessment.operations.differential import conclude, record_replies
from openkap.apps.assessment.operations.episodes import end_episode, set_indication
from openkap.apps.assessment.operations.treatment import (
    Tried,
    correct_treatment,
    describe_spell,
    record_treatment,
    withdraw_treatment,
)

__all__ = [
    "PressureReading",
    "ResultEntry",
    "Said",
    "Tried",
    "conclude",
    "correct_treatment",
    "decide_result",
    "describe_spell",
    "end_episode",
    "end_override",
    "end_waiver",
    "keep_clearance",
    "override_finding",
    "plan_anyway",
    "record_candidacy",
    "record_pressures",
    "record_replies",
    "record_results",
    "record_treatment",
    "set_indication",
    "sign_assessment",
    "waive_item",
    "withdraw_result",
    "withdraw_treatment",
]
