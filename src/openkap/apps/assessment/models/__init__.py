"""What the assessment stores, one module per subject."""

from openkap.apps.assessment.models.decisions import Override, SignedAssessment
from openkap.apps.assessment.models.differential import DifferentialDecision, ScreenReply
from openkap.apps.assessment.models.episodes import Drug, Episode, EpisodeChange, Route
from openkap.apps.assessment.models.treatment import PastTreatment, PresentSpell

__all__ = [
    "DifferentialDecision",
    "Drug",
    "Episode",
    "EpisodeChange",
    "Override",
    "PastTreatment",
    "PresentSpell",
    "Route",
    "ScreenReply",
    "SignedAssessment",
]
