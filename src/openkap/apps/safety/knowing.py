"""The parts of the knowledge that the pathway works by."""

from openkap.core.assessment.risk_timing import Timing, decision_key, timed
from openkap.core.assessment.suicide_risk import Level
from openkap.knowledge import KnowledgeSet
from openkap.knowledge.schema.record import Text
from openkap.knowledge.schema.risk_pathway import Opens, RiskPathway, Signs, Step, Steps, Triage


def triage_of(known: KnowledgeSet) -> Triage:
    """How a clinician's result is graded."""
    return next(one.content for one in _records(known) if isinstance(one.content, Triage))


def signs_of(known: KnowledgeSet) -> Signs:
    """What answers raise."""
    return next(one.content for one in _records(known) if isinstance(one.content, Signs))


def steps_record(known: KnowledgeSet, opens: Opens) -> RiskPathway:
    """The record of what is done when `opens` opens."""
    return next(
        one for one in _records(known) if isinstance(one.content, Steps) and one.content.opens_on is opens
    )


def steps_for(known: KnowledgeSet, sets: list[Opens], timing: Timing) -> tuple[dict[str, Step], int | None]:
    """The steps of several sets, each as its first set has it; and the minutes to decide, if it is asked.

    With the minutes and further roles that hold at the site.
    """
    steps: dict[str, Step] = {}
    minutes: list[int] = []
    for opens in sets:
        content = steps_record(known, opens).content
        assert isinstance(content, Steps)  # noqa: S101  what `steps_record` looked for
        for step in content.steps:
            steps.setdefault(step.id, timed(step, opens, timing))
        if content.decision_within_minutes is not None:
            minutes.append(timing.minutes[decision_key(opens)])
    return steps, min(minutes, default=None)


def sets_for(level: Level, opens: Opens | None, *, rose: bool, fresh: bool = False) -> list[Opens]:
    """What opens: what the answers said beside the level, then the level itself where it rose.

    `fresh`: something new or higher was said, though the level may be what it was before.
    """
    sets = [opens] if opens is not None and (rose or fresh or opens is Opens.ACUTE) else []
    return [*sets, Opens(level.value)] if rose else sets


def step_words(known: KnowledgeSet, step_id: str) -> Text | None:
    """The words of a step, whichever set it is in."""
    for one in _records(known):
        if isinstance(one.content, Steps):
            for step in one.content.steps:
                if step.id == step_id:
                    return step.words
    return None


def _records(known: KnowledgeSet) -> list[RiskPathway]:
    return list(known.risk_pathways.values())
