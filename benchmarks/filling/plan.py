"""Who fills in what: people with a link each, and the answers they are going to give."""

import random
from dataclasses import asdict, dataclass, field

BIRTH_DATE = {"day": "12", "month": "3", "year": "1984"}
# Share of people who answer a question on suicide with more than 'no': few, but some, as in a clinic.
HARD_QUESTION = 0.06


@dataclass
class Person:
    """One patient. `answers` by questionnaire: the value for each item, in order of the items, as a string."""

    patient_id: str
    path: str  # of the link that lets them in
    address: str  # where they come from: limits on guessing are per address
    answers: dict[str, list[str]]


@dataclass
class Plan:
    """What the generator is told."""

    host: str
    port: int
    people: list[Person]
    ramp: float  # seconds over which they open their links
    pause: tuple[float, float]  # seconds between seeing a question and tapping; (0, 0): as fast as it goes
    seed: int


@dataclass
class Told:
    """What the generator saw: milliseconds by kind of request, what went wrong, what was acknowledged."""

    took: dict[str, list[float]] = field(default_factory=dict)
    errors: list[str] = field(default_factory=list)
    kept: dict[str, dict[str, dict[str, str]]] = field(default_factory=dict)  # patient, questionnaire, item
    finished: dict[str, list[str]] = field(default_factory=dict)  # questionnaires by patient, as acknowledged
    seconds: float = 0.0
    processor_seconds: float = 0.0

    def as_dict(self) -> dict[str, object]:
        """For JSON."""
        return asdict(self)


def answers_for(seed: random.Random) -> dict[str, list[str]]:
    """Answers of one person to PHQ-9 and GAD-7 (the last: how difficult it makes things), and ASQ."""
    hard = seed.random() < HARD_QUESTION
    phq = [str(seed.randint(0, 3)) for _ in range(8)] + ["1" if hard else "0", str(seed.randint(0, 3))]
    asq = ["1" if hard and number == 2 else "0" for number in range(4)] + (["0"] if hard else [])
    return {"phq-9": phq, "gad-7": [str(seed.randint(0, 3)) for _ in range(8)], "asq": asq}
