"""One made-up patient's way through the programme, from registration to wherever they are now.

A life is a generator: it yields the moment at which it wants to go on, and is resumed in the order of time
among all lives until that moment lies ahead of the present.
"""

from collections.abc import Iterator
from dataclasses import dataclass, field, replace
from datetime import date, datetime, time, timedelta
from random import Random
from zoneinfo import ZoneInfo

from openkap.apps.access.models import User
from openkap.apps.assessment import operations as assessment
from openkap.apps.assessment import queries as assessment_queries
from openkap.apps.assessment.shown import open_questions
from openkap.apps.chart import operations as chart
from openkap.apps.measures.operations import Entry, record_response
from openkap.apps.people import operations as people
from openkap.apps.people.details import Details
from openkap.apps.people.models import Patient
from openkap.apps.planning import operations as planning
from openkap.apps.planning import queries as planning_queries
from openkap.apps.planning.compiling import Choices
from openkap.apps.planning.models import Plan, Visit
from openkap.apps.planning.states import VisitState
from openkap.apps.tasks import operations as tasks
from openkap.apps.tasks import queries as tasks_queries
from openkap.apps.therapy import operations as therapy
from openkap.core.planning import CannotPlan
from openkap.core.psychometrics import NotAnswered
from openkap.jobs.demo import texts
from openkap.jobs.demo.choosing import choose
from openkap.jobs.demo.clearance import examine, test_again
from openkap.jobs.demo.consents import BEFORE_PLAN, Until, consenting, take_back
from openkap.jobs.demo.dates import Dates
from openkap.jobs.demo.history import bundle_of
from openkap.jobs.demo.personas import Persona, Story
from openkap.jobs.demo.safety import do_steps
from openkap.jobs.demo.scores import ITEMS, answers, ideation_after, total_after
from openkap.jobs.demo.sessions import Sitting
from openkap.jobs.demo.staff import House
from openkap.jobs.demo.tried import enter_past
from openkap.units import Quantity

MINUTE, HOUR, DAY = timedelta(minutes=1), timedelta(hours=1), timedelta(days=1)
LIVE_SINCE = {Story.LIVE_INFUSION: 45 * MINUTE, Story.LIVE_RECOVERY: 110 * MINUTE}
DOSE_TIMES = (time(9), time(9, 30), time(10, 30), time(12), time(13, 30), time(15))
TALK_TIMES = (time(9), time(10), time(11), time(13), time(14, 30), time(16))
FORGOTTEN_SINCE = 3 * DAY
BEFORE_VISIT = 40 * MINUTE  # questionnaires are filled in while waiting
BLOCKING = ("arteriovenous-malformation", "psychotic-disorder", "aneurysm")
DOSES_BEFORE_STOPPING = 4


@dataclass
class Life:
    """Everything one life needs to know."""

    persona: Persona
    house: House
    dates: Dates
    now: datetime
    random: Random
    patient: Patient = field(init=False)
    plan: Plan | None = None
    given: int = 0
    has_telephone: bool = False  # comes in by itself, see `demo.portal`
    forgotten: set[int] = field(default_factory=set)  # visits nobody has said anything about

    @property
    def zone(self) -> ZoneInfo:
        return self.house.zone

    @property
    def therapist(self) -> User:
        # by number, not by chance: the same one at every visit
        return self.house.therapists[self.patient.pk % len(self.house.therapists)]

    def run(self) -> Iterator[datetime]:
        """The whole life; what lies ahead of the present is never reached."""
        yield self.dates.registered
        self._register(self.dates.registered)
        if self.persona.story is Story.REGISTERED:
            return
        yield self.dates.assessed
        yield from self._assess(self.dates.assessed)
        if self.dates.start is None:
            return
        yield self.dates.planned - BEFORE_PLAN
        yield from self._consent(self.dates.planned - BEFORE_PLAN, self.dates.start)
        yield self.dates.planned
        self.plan = planning.start_plan(
            by=self.house.prescriber,
            now=self.dates.planned,
            patient=self.patient,
            protocol_id=self.persona.protocol_id,
            start=self.dates.start,
            choices=self._choices(),
            override_reason=texts.UNDECIDED,
        )
        yield from self._go_through(self.plan)

    def _choices(self) -> Choices:
        """Chairs and therapists are shared: not everybody comes at nine."""
        return replace(
            self.house.choices,
            dose_at=time(9) if self.persona.story is Story.DOSE_TODAY else self.random.choice(DOSE_TIMES),
            talk_at=self.random.choice(TALK_TIMES),
        )

    # ---- before treatment

    def _register(self, at: datetime) -> None:
        persona = self.persona
        details = Details(
            family_name=persona.family_name,
            given_name=persona.given_name,
            birth_date=persona.birth_date,
            sex=persona.sex,
            pronouns=persona.pronouns,
            phone=persona.phone,
            contact_name=f"{persona.contact} of {persona.given_name}",
            contact_phone=persona.phone,
            contact_relation=persona.contact.lower(),
        )
        house = self.house
        self.patient = people.register_patient(by=house.coordinator, now=at, site=house.site, details=details)
        for user in (house.prescriber, self.therapist, *house.monitors, house.coordinator):
            people.add_to_care_team(by=house.coordinator, now=at, patient=self.patient, user=user)
        chance = Random(f"{persona.family_name} {persona.given_name}")  # noqa: S311 (a life, not a secret)
        raw = bundle_of(persona, chance, at.astimezone(self.zone).date())
        chart.import_bundle(by=house.coordinator, now=at, site=house.site, raw=raw, into=self.patient)

    def _assess(self, at: datetime) -> Iterator[datetime]:
        by = self.house.prescriber
        values = {
            "body-weight": Quantity.of(self.persona.kg, "kg"),
            "blood-pressure-systolic": Quantity.of(self.persona.systolic, "mm[Hg]"),
            "blood-pressure-diastolic": Quantity.of(self.persona.diastolic, "mm[Hg]"),
        }
        chart.record_observations(by=by, now=at, patient=self.patient, values=values)
        episode = assessment.set_indication(
            by=by,
            now=at,
            patient=self.patient,
            indication=self.persona.indication,
            drug="ketamine",
            route="iv",
        )
        examine(self.persona, self.house, self.patient, at)
        enter_past(self.persona, self.house, self.patient, at)
        yield from self._fill_in(("phq-9", "gad-7"), at, progress=0)
        asked = at + 25 * MINUTE
        yield asked
        blocks = self.persona.story is Story.BLOCKED
        if blocks:
            self._answer(self.random.choice(BLOCKING), "present", asked)
        elif self.persona.story is not Story.ASSESSED or self.random.random() < 0.5:
            for concept in self._asked(asked):
                self._answer(concept, "absent", asked)
        choose(self.persona, self.house, episode, self.therapist, asked)
        if self.persona.story is Story.ASSESSED:
            return
        yield at + 40 * MINUTE
        judged = assessment_queries.assessment_of(self.patient, at + 40 * MINUTE)
        is_clear = judged is not None and judged.verdict.value == "clear"
        assessment.sign_assessment(
            by=by,
            now=at + 40 * MINUTE,
            episode=episode,
            decision="treat" if is_clear else "wait",
            reason="" if is_clear else texts.WAITING,
        )

    def _consent(self, at: datetime, start: date) -> Iterator[datetime]:
        """Before the plan; where that lies ahead, some are still being read or wait to be countersigned."""
        ahead = self.persona.story is Story.PLANNED and start > self.now.astimezone(self.zone).date() + 2 * DAY
        until = self.random.choice(list(Until)) if ahead else Until.VALID
        intensive = self.persona.protocol_id == "ketamine-iv-intensive"
        yield from consenting(self.house, self.patient, at, self.random, intensive=intensive, until=until)

    def _asked(self, at: datetime) -> list[str]:
        judged = assessment_queries.assessment_of(self.patient, at)
        return sorted(open_questions(judged)) if judged else []

    def _answer(self, concept: str, reply: str, at: datetime) -> None:
        chart.record_answer(
            by=self.house.prescriber, now=at, patient=self.patient, concept=concept, reply=reply
        )

    # ---- treatment

    def _go_through(self, plan: Plan) -> Iterator[datetime]:
        while (visit := self._next(plan)) is not None:
            yield from self._prepare_day(visit)
            visit = planning_queries.visit_by_id(visit.pk)
            yield visit.starts_at - BEFORE_VISIT
            yield from self._visit(visit)
            if self.persona.story is Story.STOPPED and self.given == DOSES_BEFORE_STOPPING:
                yield from self._stop(plan, visit)
                return

    def _next(self, plan: Plan) -> Visit | None:
        ahead = (v for v in planning_queries.visits_in(plan) if v.state == VisitState.PLANNED.value)
        return next((visit for visit in ahead if visit.pk not in self.forgotten), None)

    def _prepare_day(self, visit: Visit) -> Iterator[datetime]:
        """The day before: some visits are moved; that of a live session to when it has to be."""
        today = self.now.astimezone(self.zone).date()
        since = LIVE_SINCE.get(self.persona.story)
        if since is not None and visit.kind == "dosing" and visit.on == today:
            at = (self.now - since).astimezone(self.zone)
            yield visit.starts_at - 20 * HOUR
            self._move(visit, today, at.time().replace(second=0, microsecond=0), visit.starts_at - 20 * HOUR)
        elif visit.on < today - DAY and self.random.random() < 0.05:
            yield visit.starts_at - 20 * HOUR
            self._move(visit, visit.on + DAY, visit.at, visit.starts_at - 20 * HOUR)

    def _move(self, visit: Visit, on: date, at: time, when: datetime) -> None:
        why = self.random.choice(texts.MOVED)
        try:
            planning.reschedule_visit(
                by=self.house.coordinator, now=when, visit=visit, on=on, at=at, reason=why
            )
        except CannotPlan:
            return  # the protocol's spacing forbids it: the visit stays

    def _visit(self, visit: Visit) -> Iterator[datetime]:
        progress = self.given / max(planning_queries.protocol_of(visit).dose_count, 1)
        measures = tuple(measure for measure in visit.measures if measure in ITEMS)
        if "asq" in visit.measures:
            self._screen(visit.starts_at - BEFORE_VISIT)
        yield from self._fill_in(measures, visit.starts_at - BEFORE_VISIT, progress)
        yield visit.starts_at
        if visit.kind == "dosing":
            test_again(self.house, visit, visit.starts_at)
            yield from Sitting(self.persona, self.house, visit, self.now, self.random).run()
            self.given += 1
        elif visit.kind == "integration":
            yield from self._integrate(visit)
        elif visit.starts_at > self.now - FORGOTTEN_SINCE and self.random.random() < 0.3:
            self.forgotten.add(visit.pk)
        elif self.random.random() < 0.04:
            yield visit.starts_at + 2 * HOUR
            planning.miss_visit(by=self.house.coordinator, now=visit.starts_at + 2 * HOUR, visit=visit)
        else:
            yield visit.starts_at + 45 * MINUTE
            by = self.house.prescriber if visit.kind == "assessment" else self.therapist
            planning.complete_visit(by=by, now=visit.starts_at + 45 * MINUTE, visit=visit)

    def _integrate(self, visit: Visit) -> Iterator[datetime]:
        planning.arrive(by=self.house.coordinator, now=visit.starts_at, visit=visit)
        signed = visit.starts_at + 75 * MINUTE
        yield signed
        random = self.random
        before = random.randint(5, 9)
        content = therapy.Content(
            began_at=visit.starts_at,
            minutes=60,
            methods=tuple(random.sample(texts.METHODS, random.choice((1, 1, 2)))),
            goals=random.choice(texts.GOALS),
            what_happened=random.choice(texts.HAPPENED),
            homework=random.choice(texts.HOMEWORK),
            rated=random.choice(texts.RATED),
            rating_before=before,
            rating_after=max(0, before - random.randint(0, 5)),
        )
        fresh = planning_queries.visit_by_id(visit.pk)
        therapy.record_integration(by=self.therapist, now=signed, visit=fresh, content=content)
        if random.random() < 0.3:
            therapy.write_process_note(
                by=self.therapist, now=signed, visit=fresh, text=random.choice(texts.PROCESS)
            )

    def _stop(self, plan: Plan, visit: Visit) -> Iterator[datetime]:
        at = visit.starts_at + 5 * HOUR
        yield at
        if self.random.random() < 0.5:
            yield from take_back(self.house, self.patient, at)
            at += 15 * MINUTE
            yield at
        planning.stop_plan(by=self.house.prescriber, now=at, plan=plan, reason=texts.STOPPED)
        episode = assessment_queries.current_episode(self.patient)
        if episode is not None:
            assessment.end_episode(by=self.house.prescriber, now=at, episode=episode, reason=texts.STOPPED)

    # ---- questionnaires and what follows from them

    def _fill_in(self, instruments: tuple[str, ...], at: datetime, progress: float) -> Iterator[datetime]:
        for instrument in instruments:
            total = total_after(self.persona, instrument, progress, self.random)
            self.fill_in(instrument, at, total, ideation_after(self.persona, progress))
        if instruments:
            yield at + 20 * MINUTE
            self.answer_for(at + 20 * MINUTE)

    def fill_in(self, instrument: str, at: datetime, total: int, ideation: int) -> None:
        """One questionnaire, entered by the coordinator."""
        given = answers(instrument, total, self.random, ideation)
        entry = Entry(instrument_id=instrument, administered_at=at, answers=given)
        record_response(by=self.house.coordinator, now=at, patient=self.patient, entry=entry)

    def _screen(self, at: datetime) -> None:
        """The suicide screen before a dose, read aloud: every answer no, so that the last is not asked."""
        entry = Entry("asq", at, {**dict.fromkeys("1234", 0), "5": NotAnswered.SKIP}, mode="interview")
        record_response(by=self.house.coordinator, now=at, patient=self.patient, entry=entry)

    def answer_for(self, at: datetime) -> None:
        """The prescriber answers what the questionnaires raised."""
        by = self.house.prescriber
        for alert in tasks_queries.alerts_of(self.patient).filter(acknowledged_at__isnull=True):
            tasks.acknowledge_alert(
                by=by, now=at, alert=alert, what_was_done=self.random.choice(texts.ANSWERED)
            )
        for task in tasks_queries.open_tasks_about(self.patient).filter(kind="risk-review"):
            tasks.complete_task(by=by, now=at, task=task, outcome=self.random.choice(texts.ANSWERED))
        do_steps(self.patient, self.house, self.therapist, at)


def alarm(life: Life, at: datetime) -> Iterator[datetime]:
    """A new answer about suicide, minutes ago: nobody has answered it yet."""
    yield at
    life.fill_in("phq-9", at, life.persona.phq, ideation=1)
