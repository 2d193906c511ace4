"""Facts about a patient, judged by the knowledge in force."""

from openkap.core.assessment.as_json import assessment_as_json, finding_as_json
from openkap.core.assessment.assess import assess, questions, verdict_of
from openkap.core.assessment.facts import (
    Code,
    Fact,
    FactKind,
    FactStatus,
    Scope,
    birth_date,
    clearance_fact,
    demographic,
    sex,
)
from openkap.core.assessment.findings import Assessment, Finding, FindingAction, RuleRef, Verdict

__all__ = [
    "Assessment",
    "Code",
    "Fact",
    "FactKind",
    "FactStatus",
    "Finding",
    "FindingAction",
    "RuleRef",
    "Scope",
    "Verdict",
    "assess",
    "assessment_as_json",
    "birth_date",
    "clearance_fact",
    "demographic",
    "finding_as_json",
    "questions",
    "sex",
    "verdict_of",
]
