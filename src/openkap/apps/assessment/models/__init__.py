"""What the assessment stores, one module per subject."""

from openkap.apps.assessment.models.decisions import Override, SignedAssessment
from openkap.apps.assessment.models.episodes import Drug, Episode, EpisodeChange, Route

__all__ = ["Drug", "Episode", "EpisodeChange", "Override", "Route", "SignedAssessment"]
