"""Suicide risk in the made-up clinic: a rota, steps that were done, a safety plan, a review for today."""

from collections.abc import Iterator
from datetime import datetime, time, timedelta
from typing import TYPE_CHECKING

from openkap.apps.access.models import User
from openkap.apps.measures.queries import responses_of
from openkap.apps.messages.operations import change_staff_number
from openkap.apps.safety import operations as safety
from openkap.apps.safety.operations import Found, NewShift
from openkap.apps.safety.queries import plan_of
from openkap.apps.safety.timing import timing_at
from openkap.apps.tasks import operations as tasks
from openkap.apps.tasks import queries as tasks_queries
from openkap.core.assessment.risk_timing import ALERT
from openkap.jobs.demo.scores import SAFETY_ITEM
from openkap.jobs.demo.staff import House

if TYPE_CHECKING:
    from openkap.apps.people.models import Patient
    from openkap.jobs.demo.life import Life

MINUTE, HOUR, DAY = timedelta(minutes=1), timedelta(hours=1), timedelta(days=1)
WEEKDAYS = range(5)
AT_NIGHT = (
    "Patients read that nobody looks at night and at weekends, and to call 988. Who is named looks by nine in "
    "the morning and calls."
)
PLAN = {
    "signs": [
        "I stop answering the telephone",
        "The thought 'they would be better off'",
        "Awake at four, counting",
    ],
    "coping": ["Shower, then the blue jumper", "Ten slow breaths at the open window", "The crossword, badly"],
    "distraction": ["The café by the canal", "Tomas, 555-0163: he talks about football"],
    "helpers": ["Marta, my sister: 555-0178", "Ilse next door: 555-0114"],
    "professionals": ["My therapist, weekdays 8 to 18: 555-0142", "Call or text 988, day and night"],
    "surroundings": ["Marta keeps the tablets, I get them by the week", "No spirits in the house"],
}
DONE = {
    "plan": "Safety plan written together and put on the telephone.",
    "contact": "Called the day after: slept, sister was there, knows whom to call.",
    "evaluate": "Seen and assessed; no intent, no plan.",
    "brief-assessment": "Talked it through before leaving; no intent, help is known.",
}
OTHERWISE = "Done together with the patient."
NOTE = "Passive thoughts in the evening, no plan, no intent. Sister close by, wants the treatment."
BASED_ON_NOTHING = 0
ON_DUTY_NUMBER = "+1 555 0171"
SOONER, LOOKED_AT_BY = 10, 17  # minutes, and the hour of the day


def enter_rota(houses: list[House], at: datetime) -> Iterator[datetime]:
    """On weekdays from eight to six the prescriber and a monitor by turns; nobody at other times."""
    yield at
    for house in houses:
        today = at.astimezone(house.zone)
        for weekday in WEEKDAYS:
            user = house.monitors[0] if weekday % 2 else house.prescriber
            _add(house, at, NewShift(time(8), time(18), user, weekday))
        if today.weekday() not in WEEKDAYS:  # the clinic is open today
            _add(house, at, NewShift(time(8), time(18), house.prescriber, on=today.date()))
        safety.change_unstaffed(
            by=house.coordinator, now=at, site=house.site, user=house.director, what_happens=AT_NIGHT
        )
        change_staff_number(
            by=house.coordinator, now=at, site=house.site, user=house.prescriber, number=ON_DUTY_NUMBER
        )
    _answer_sooner(houses[0], at)


def _answer_sooner(house: House, at: datetime) -> None:
    """The first house gives its people less time than the records do."""
    now = timing_at(house.site, at)
    wanted = safety.NewTiming(
        minutes={**now.minutes, ALERT: SOONER},
        roles=now.roles,
        review_hour=LOOKED_AT_BY,
        effective_from=at.astimezone(house.zone).date(),
        reason="Somebody is always in the house on weekdays; the list is gone through before the evening.",
        based_on=BASED_ON_NOTHING,
    )
    safety.change_timing(by=house.director, now=at, site=house.site, wanted=wanted)


def _add(house: House, at: datetime, shift: NewShift) -> None:
    safety.add_shift(by=house.coordinator, now=at, site=house.site, shift=shift)


def do_steps(patient: "Patient", house: House, therapist: User, at: datetime) -> None:
    """What a level opened is done; whoever is to have a safety plan has one afterwards."""
    steps = tasks_queries.open_tasks_about(patient).filter(kind="risk-step")
    for step in steps:
        if step.about_code == "plan" and plan_of(patient) is None:
            safety.write_plan(
                by=therapist, now=at, patient=patient, content=PLAN, based_on=BASED_ON_NOTHING, together=True
            )
        outcome = DONE.get(step.about_code, OTHERWISE)
        by = therapist if step.role == "therapist" else house.prescriber
        tasks.complete_task(by=by, now=at, task=step, outcome=outcome)


def find_low(life: "Life", at: datetime) -> Iterator[datetime]:
    """A clinician's result of some days ago: low; and the plan that goes with it."""
    yield at
    found = Found(at - 20 * MINUTE, ideation=1, behaviour_recent=False, behaviour_ever=False, note=NOTE)
    safety.record_result(by=life.house.prescriber, now=at, patient=life.patient, found=found)
    yield at + HOUR
    do_steps(life.patient, life.house, life.therapist, at + HOUR)
    if plan_of(life.patient) is None:
        safety.write_plan(
            by=life.therapist,
            now=at + HOUR,
            patient=life.patient,
            content=PLAN,
            based_on=BASED_ON_NOTHING,
            together=True,
        )


def say_the_same(life: "Life", at: datetime) -> Iterator[datetime]:
    """Thoughts that have been there for long, unchanged: on today's list, not an interruption."""
    yield at
    last = responses_of(life.patient).filter(instrument_id="phq-9").last()
    ideation = last.answers.get(str(SAFETY_ITEM)) if last else 0
    if last is not None and ideation:
        life.fill_in("phq-9", at, int(last.total or 0), ideation=ideation)
