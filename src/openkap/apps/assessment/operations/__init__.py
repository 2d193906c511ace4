"""The only writes of assessment."""

from openkap.apps.assessment.operations.deciding import end_override, override_finding, sign_assessment
from openkap.apps.assessment.operations.episodes import end_episode, set_indication

__all__ = ["end_episode", "end_override", "override_finding", "set_indication", "sign_assessment"]
