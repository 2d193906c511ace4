"""What a made-up patient tried before, and what was asked to tell conditions apart."""

from dataclasses import dataclass
from datetime import date, datetime, timedelta
from decimal import Decimal
from random import Random
from typing import Any

from openkap.apps.access.models import User
from openkap.apps.assessment import operations as assessment
from openkap.apps.assessment.operations import Tried
from openkap.apps.people.models import Patient
from openkap.jobs.demo.personas import Persona, Story
from openkap.jobs.demo.staff import House
from openkap.units.partial_dates import PartialDate

# (treatment, dose in mg a day) of classes in the order they are often tried
FIRST = (("sertraline", 150), ("escitalopram", 20), ("fluoxetine", 40), ("citalopram", 40))
SECOND = (("venlafaxine", 225), ("duloxetine", 90), ("desvenlafaxine", 100))
LATER = (
    ("bupropion", 300),
    ("mirtazapine", 45),
    ("vortioxetine", 20),
    ("nortriptyline", 100),
    ("trazodone", 300),
)
ADDED = (("aripiprazole", 5), ("lithium", 900), ("quetiapine", 150))
THERAPIES = ("tried-cbt", "tried-cbt-exposure", "tried-interpersonal", "tried-behavioural-activation")
NOTHING_FOUND: dict[str, dict[str, str | int]] = {
    "bipolar-questions": {
        "diagnosed": "no", "high-times": "no", "less-sleep": "no", "noticed": "no",
        "after-antidepressant": "no", "family": "no",
    },
    "psychosis-questions": {"diagnosed": "no", "voices": "no", "beliefs": "no", "observed": "no"},
    "cause-questions": {
        "substance": "no", "medicine": "no", "illness": "no", "also-without": "yes", "loss": "no",
    },
    "condition-questions": {
        "low-mood": "yes", "first": "low-mood", "attacks": "no", "places": "no", "people": "no",
        "one-thing": "no", "trauma": "no",
    },
}  # fmt: skip
HIGH_TIMES: dict[str, str | int] = {
    "diagnosed": "no", "high-times": "yes", "less-sleep": "yes", "noticed": "unknown",
    "after-antidepressant": "no", "family": "yes",
}  # fmt: skip


def enter_past(persona: Persona, house: House, patient: Patient, at: datetime) -> None:
    """The history of one patient, by a chance of its own."""
    random = Random(f"history {persona.family_name} {persona.given_name}")  # noqa: S311 (a life, not a secret)
    Past(persona, patient, house.prescriber, at, random).enter()


@dataclass
class Past:
    """Enters one person's history, as their prescriber would in the first visit."""

    persona: Persona
    patient: Patient
    by: User
    at: datetime
    random: Random

    def enter(self) -> None:
        """The whole of it; of people still being assessed some of it is open yet."""
        being_assessed = self.persona.story is Story.ASSESSED
        kind = self.random.choice(("whole", "whole", "open", "few", "high")) if being_assessed else "whole"
        began = self.at.date() - timedelta(days=self.random.randint(420, 1600))
        self._medicines(began, kind)
        if self.random.random() < 0.8:
            self._therapy(began)
        if self.random.random() < 0.08:
            self._ect(began)
        self._spell(began, is_complete=kind != "open")
        self._screens(kind)

    def _medicines(self, began: date, kind: str) -> None:
        random = self.random
        chosen = [random.choice(FIRST), random.choice(SECOND)]
        if kind == "few":
            chosen = chosen[:1]
        else:
            chosen += random.sample(LATER, random.choice((0, 1, 1, 2)))
        day = began + timedelta(days=random.randint(10, 40))
        for number, (treatment, dose) in enumerate(chosen):
            weeks = random.randint(7, 16)
            # the first two failed by every definition; later ones helped more or less
            better = random.randint(-5, 22) if number < 2 else random.choice((8, 15, 30, 38))
            known = not (kind == "open" and number == len(chosen) - 1)
            ended = day + timedelta(weeks=weeks)
            self._medicine(treatment, dose, day, min(ended, self.at.date()), better if known else None)
            day = min(ended, self.at.date() - timedelta(days=120)) + timedelta(days=random.randint(0, 20))
        if kind == "whole" and random.random() < 0.5:
            self._added(chosen[1][0], day)

    def _medicine(self, treatment: str, dose: int, began: date, ended: date, better: int | None) -> None:
        self._record(
            kind="drug",
            treatment=treatment,
            dose=Decimal(dose),
            dose_unit="mg/d",
            dose_adequate="yes",
            taken_as_agreed="yes" if better is not None else "unknown",
            began=PartialDate.parse(began.isoformat()[:7]),
            ended=PartialDate.parse(ended.isoformat()[:7]),
            weeks=Decimal((ended - began).days // 7),
            percent_better=None if better is None else Decimal(better),
            why_ended="no-effect" if better is not None else "unknown",
        )

    def _added(self, to: str, began: date) -> None:
        treatment, dose = self.random.choice(ADDED)
        self._record(
            kind="drug",
            treatment=treatment,
            role="augmentation",
            added_to=to,
            dose=Decimal(dose),
            dose_unit="mg/d",
            dose_adequate="yes",
            taken_as_agreed="yes",
            began=PartialDate.parse(began.isoformat()[:7]),
            weeks=Decimal(6),
            percent_better=Decimal(12),
            why_ended="side-effects",
        )

    def _therapy(self, began: date) -> None:
        sessions = self.random.randint(8, 22)
        self._record(
            kind="psychotherapy",
            treatment=self.random.choice(THERAPIES),
            sessions=sessions,
            structured="yes",
            full_course="yes" if sessions >= 12 else "no",
            benefit="partial",
            percent_better=Decimal(20),
            began=PartialDate.parse(str(began.year)),
            why_ended="completed",
        )

    def _ect(self, began: date) -> None:
        self._record(
            kind="ect",
            name="ECT",
            sessions=10,
            laterality="unilateral",
            full_course="yes",
            benefit="none",
            began=PartialDate.parse(str(began.year)),
            why_ended="no-effect",
        )

    def _record(self, **said: Any) -> None:
        told_by = self.random.choice(("patient", "record", "record", "pharmacy"))
        entered = Tried(told_by=told_by, spell="present", **said)
        assessment.record_treatment(by=self.by, now=self.at, patient=self.patient, tried=entered)

    def _spell(self, began: date, *, is_complete: bool) -> None:
        assessment.describe_spell(
            by=self.by,
            now=self.at,
            patient=self.patient,
            since=PartialDate.parse(began.isoformat()[:7]),
            severity="severe" if self.persona.phq >= 20 else "moderate",
            is_complete=is_complete,
        )

    def _screens(self, kind: str) -> None:
        for screen, replies in NOTHING_FOUND.items():
            if kind == "open" and screen == "cause-questions":
                continue
            given = HIGH_TIMES if kind == "high" and screen == "bipolar-questions" else dict(replies)
            if screen == "condition-questions":
                given = given | {"worry": "yes" if self.persona.gad >= 10 else "no"}
            assessment.record_replies(
                by=self.by, now=self.at, patient=self.patient, screen=screen, replies=given
            )
        if kind == "whole":
            self._conclude()

    def _conclude(self) -> None:
        assessment.conclude(
            by=self.by,
            now=self.at,
            patient=self.patient,
            conclusion="primary",
            main_condition="depression",
            also_present=("gad",) if self.persona.gad >= 15 else (),
            reason="Low mood since before any treatment; no substance, medicine or illness explains it.",
        )
