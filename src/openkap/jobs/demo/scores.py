"""Questionnaires as the made-up patients fill them in."""

from random import Random

from openkap.core.psychometrics import Answer
from openkap.jobs.demo.personas import LEFT, Persona

ITEMS = {"phq-9": 9, "gad-7": 7}
MOST = 3  # the highest answer of one item
SAFETY_ITEM = 9


def total_after(persona: Persona, instrument: str, progress: float, random: Random) -> int:
    """The total when `progress` (0 to 1) of the course is behind: most of the change comes early."""
    baseline = persona.phq if instrument == "phq-9" else persona.gad
    left = LEFT[persona.response]
    share: float = 1 - (1 - left) * (1 - (1 - progress) ** 1.6)
    top = ITEMS[instrument] * MOST
    total: int = round(baseline * share) + random.randint(-1, 1)
    return max(0, min(top, total))


def answers(instrument: str, total: int, random: Random, ideation: int = 0) -> dict[str, Answer]:
    """Answers that add up to `total`, the safety item at `ideation`, the others as even as chance has it."""
    items = [str(number) for number in range(1, ITEMS[instrument] + 1)]
    given = dict.fromkeys(items, 0)
    free = [item for item in items if not (instrument == "phq-9" and item == str(SAFETY_ITEM))]
    if len(free) < len(items):
        given[str(SAFETY_ITEM)] = min(ideation, total, MOST)
    for _ in range(min(total - sum(given.values()), len(free) * MOST)):
        item = random.choice([item for item in free if given[item] < MOST])
        given[item] += 1
    return dict(given)


def ideation_after(persona: Persona, progress: float) -> int:
    """Item 9 falls with the rest; who does not respond keeps it."""
    return round(persona.ideation * min(1.0, 1 - (1 - LEFT[persona.response]) * progress))
