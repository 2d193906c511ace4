"""The only writes of assessment."""

from openkap.apps.assessment.operations.episodes import end_episode, set_indication

__all__ = ["end_episode", "set_indication"]
