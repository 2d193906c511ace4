"""What the assessment stores, one module per subject."""

from openkap.apps.assessment.models.clearance import (
    CandidacyAnswer,
    ClearanceDecision,
    ClearanceResult,
    ClearanceWaiver,
    PlanningOverride,
    PressureSeries,
)
from openkap.apps.assessment.models.decisions import Override, SignedAssessment
from openkap.apps.assessment.models.differential import DifferentialDecision, ScreenReply
from openkap.apps.assessment.models.episodes import Drug, Episode, EpisodeChange, Route
from openkap.apps.assessment.models.method import MethodChoice, MethodInterview
from openkap.apps.assessment.models.preferences import Matter, OptionPrice, OptionsTalk, Preferences
from openkap.apps.assessment.models.treatment import PastTreatment, PresentSpell

__all__ = [
    "CandidacyAnswer",
    "ClearanceDecision",
    "ClearanceResult",
    "ClearanceWaiver",
    "DifferentialDecision",
    "Drug",
    "Episode",
    "EpisodeChange",
    "Matter",
    "MethodChoice",
    "MethodInterview",
    "OptionPrice",
    "OptionsTalk",
    "Override",
    "PastTreatment",
    "PlanningOverride",
    "Preferences",
    "PresentSpell",
    "PressureSeries",
    "Route",
    "ScreenReply",
    "SignedAssessment",
]
