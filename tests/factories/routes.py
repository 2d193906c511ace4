"""Every route of the product, and an address of each for a given patient: what census and matrix walk.

A new route that takes arguments needs an entry in `EXAMPLES`: a function from the world and a patient to the
arguments of the route, for an object of that patient. The matrix test fails until it has one.
"""

from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, field
from datetime import date
from functools import cached_property
from typing import Any
from uuid import UUID

from django.urls import URLPattern, URLResolver, get_resolver, reverse

from openkap.apps.access.models import User
from openkap.apps.access.policy import Policy
from openkap.apps.access.roles import Role
from openkap.apps.assessment.operations import record_results
from openkap.apps.audit.operations import SystemActor
from openkap.apps.chart.operations import Entry, record_fact, record_observation
from openkap.apps.consent.queries import consents_of
from openkap.apps.intake.operations import begin_intake
from openkap.apps.journal.operations import agree_on_practice
from openkap.apps.knowledge_base.queries import knowledge_for
from openkap.apps.people.details import Details
from openkap.apps.people.models import Patient
from openkap.apps.people.operations import add_to_care_team, end_in_care_team, register_patient
from openkap.apps.people.queries import care_team_of
from openkap.units import parse_quantity
from tests.factories.access import Personas, personas
from tests.factories.assessment import a_result
from tests.factories.dosing import Sitting, a_sitting
from tests.factories.history import a_trial
from tests.factories.lifestyle import a_file
from tests.factories.measures import a_phq_9, an_ask, begun, handed_in
from tests.factories.sites import THEN, a_site
from tests.factories.tasks import CaredFor
from tests.factories.therapy import a_note, integration

ON_TEAMS = (Role.PRESCRIBER, Role.MONITOR, Role.THERAPIST)


@dataclass(frozen=True)
class Route:
    """One route: its full name, pattern, arguments, and the policy its view names."""

    name: str
    pattern: str
    arguments: frozenset[str]
    policy: Policy | None
    view: Callable[..., Any]


def routes() -> list[Route]:
    """The whole of `config.urls`."""
    return list(_walk(get_resolver(), "", ""))


def _walk(resolver: URLResolver, namespace: str, prefix: str) -> Iterator[Route]:
    for entry in resolver.url_patterns:
        pattern = prefix + str(entry.pattern)
        if isinstance(entry, URLResolver):
            inner = f"{namespace}{entry.namespace}:" if entry.namespace else namespace
            yield from _walk(entry, inner, pattern)
        elif isinstance(entry, URLPattern):
            arguments = frozenset(entry.pattern.regex.groupindex) | _arguments(pattern)
            policy = getattr(entry.callback, "policy", None)
            yield Route(f"{namespace}{entry.name}", pattern, arguments, policy, entry.callback)


def _arguments(pattern: str) -> frozenset[str]:
    parts = pattern.split("<")[1:]
    return frozenset(part.split(">")[0].split(":")[-1] for part in parts)


@dataclass
class World:
    """Two sites with everyone; a patient with a care team, one without, and one at the other site."""

    here: Personas
    there: Personas
    own: Patient
    other: Patient
    foreign: Patient
    made: dict[tuple[str, int], Any] = field(default_factory=dict)

    def director_of(self, patient: Patient) -> User:
        """Who may do everything clinical for the patient."""
        return (self.here if patient.site_id == self.here.site.pk else self.there)[Role.MEDICAL_DIRECTOR]

    def once(self, what: str, patient: Patient, make: Callable[[], Any]) -> Any:
        """An object of the patient, made the first time it is asked for."""
        key = (what, patient.pk)
        if key not in self.made:
            self.made[key] = make()
        return self.made[key]

    @cached_property
    def colleague(self) -> User:
        """Someone whose account an administrator works on."""
        return self.here[Role.RESEARCHER]


def a_world() -> World:
    """Made through the operations."""
    here, there = personas(a_site("Harbour Clinic")), personas(a_site("Forest House", "Europe/Zurich"))
    own, other = _patient(here, "Own"), _patient(here, "Other")
    for role in ON_TEAMS:
        add_to_care_team(by=here[Role.COORDINATOR], now=THEN, patient=own, user=here[role])
    return World(here, there, own, other, _patient(there, "Foreign"))


def _patient(at: Personas, name: str) -> Patient:
    details = Details(family_name=name, given_name="Ada", birth_date=date(1980, 2, 3), sex="female")
    return register_patient(by=SystemActor(), now=THEN, site=at.site, details=details)


def address(route: Route, world: World, patient: Patient) -> str:
    """Where the route is for an object of `patient`."""
    arguments = EXAMPLES[route.name](world, patient) if route.name in EXAMPLES else {}
    if not arguments and route.arguments == {"patient_id"}:
        arguments = {"patient_id": patient.public_id}
    return reverse(route.name, kwargs=arguments)


def _cared(world: World, patient: Patient) -> CaredFor:
    """The patient with everyone of their site on the team while something is made, as CareTeam rules ask."""
    at = world.here if patient.site_id == world.here.site.pk else world.there
    roles = (Role.PRESCRIBER, Role.THERAPIST, Role.MONITOR, Role.COORDINATOR, Role.MEDICAL_DIRECTOR)
    return CaredFor(patient, at.site, *(at[role] for role in roles))


def _sitting(world: World, patient: Patient) -> Sitting:
    """The session of the patient's first dosing visit, given and signed, with all that comes before it."""

    def make() -> Sitting:
        cared = _cared(world, patient)
        helpers = [
            add_to_care_team(by=SystemActor(), now=THEN, patient=patient, user=user)
            for user in (cared.prescriber, cared.therapist, cared.monitor)
            if not care_team_of(patient).filter(user=user).exists()
        ]
        sitting = a_sitting(cared).until_signed()
        world.made["note", patient.pk] = a_note(sitting, integration(cared))
        for member in helpers:
            end_in_care_team(by=SystemActor(), now=THEN, member=member)
        return sitting

    made: Sitting = world.once("sitting", patient, make)
    return made


def _an_observation(world: World, patient: Patient) -> UUID:
    def make() -> UUID:
        director, weight = world.director_of(patient), parse_quantity("70 kg")
        made = record_observation(by=director, now=THEN, patient=patient, entry="body-weight", value=weight)
        return made.public_id

    found: UUID = world.once("observation", patient, make)
    return found


def _a_treatment(world: World, patient: Patient) -> UUID:
    found: UUID = world.once("treatment", patient, lambda: a_trial(patient).public_id)
    return found


def _a_response(world: World, patient: Patient) -> UUID:
    found: UUID = world.once("response", patient, lambda: a_phq_9(patient, THEN).public_id)
    return found


def _a_practice(world: World, patient: Patient) -> UUID:
    def make() -> UUID:
        therapist = _cared(world, patient).therapist
        member = add_to_care_team(by=SystemActor(), now=THEN, patient=patient, user=therapist)
        made = agree_on_practice(by=therapist, now=THEN, patient=patient, title="Slow breathing")
        if patient != world.own:
            end_in_care_team(by=SystemActor(), now=THEN, member=member)
        return made.public_id

    found: UUID = world.once("practice", patient, make)
    return found


def _a_device_file(world: World, patient: Patient) -> UUID:
    found: UUID = world.once("file", patient, lambda: a_file(world.director_of(patient), patient).public_id)
    return found


def _of_intake(world: World, patient: Patient) -> dict[str, Any]:
    def make() -> UUID:
        return begin_intake(by=world.director_of(patient), now=THEN, patient=patient).public_id

    return {"patient_id": patient.public_id, "intake_id": world.once("intake", patient, make)}


def _a_member(world: World, patient: Patient) -> UUID:
    def make() -> UUID:
        director = world.director_of(patient)
        member = add_to_care_team(by=director, now=THEN, patient=patient, user=director)
        return member.public_id

    found: UUID = world.once("member", patient, make)
    return found


def _a_visit(world: World, patient: Patient) -> UUID:
    return _sitting(world, patient).session.visit.public_id


def _a_note(world: World, patient: Patient) -> UUID:
    _sitting(world, patient)
    found: UUID = world.made["note", patient.pk].public_id
    return found


def _integration_visit(world: World, patient: Patient) -> dict[str, Any]:
    cared = _sitting(world, patient).cared
    return {"visit_id": integration(cared, number=1).public_id}


def _a_consent(world: World, patient: Patient) -> UUID:
    _sitting(world, patient)
    return consents_of(patient)[0].public_id


def _of_consent(world: World, patient: Patient) -> dict[str, Any]:
    return {"patient_id": patient.public_id, "consent_id": _a_consent(world, patient)}


def _reading(world: World, patient: Patient) -> dict[str, Any]:
    return {"consent_id": _a_consent(world, patient)}


def _a_section(world: World, patient: Patient) -> dict[str, Any]:
    return {"consent_id": _a_consent(world, patient), "section_id": "drug"}


def _a_rule(patient: Patient) -> str:
    return next(iter(knowledge_for(patient.site, THEN).rules))


def _an_entry(world: World, patient: Patient) -> dict[str, Any]:
    def make() -> UUID:
        entry = Entry("problem", "Gout", "patient", {"status": "active"})
        return record_fact(by=SystemActor(), now=THEN, patient=patient, entry=entry).public_id

    return {
        "patient_id": patient.public_id,
        "kind": "problem",
        "fact_id": world.once("entry", patient, make),
    }


def _of_an_episode(world: World, patient: Patient) -> dict[str, Any]:
    _sitting(world, patient)
    return {"patient_id": patient.public_id}


def _asked_for(world: World, patient: Patient) -> None:
    """The patient is asked for a PHQ-9 and has begun; and has handed in a GAD-2, which the world remembers."""

    def make() -> UUID:
        patient.refresh_from_db(fields=["user"])
        for instrument in ("phq-9", "gad-2"):
            an_ask(patient, instrument, THEN)
        if patient.user is None:
            return NOBODY
        begun(patient, "phq-9", THEN)
        return handed_in(patient, "gad-2", {"1": 1, "2": 0}, THEN).public_id

    world.once("asked", patient, make)


def _a_question(world: World, patient: Patient, **more: Any) -> dict[str, Any]:
    _asked_for(world, patient)
    return {"instrument_id": "phq-9", **more}


def _thanks(world: World, patient: Patient) -> dict[str, Any]:
    _asked_for(world, patient)
    return {"response_id": world.made["asked", patient.pk]}


def _an_item(world: World, patient: Patient) -> dict[str, Any]:
    _sitting(world, patient)  # with an episode there is something to be cleared for
    return {"patient_id": patient.public_id, "item_id": "clearance-ecg"}


def _a_clearance_result(world: World, patient: Patient) -> dict[str, Any]:
    _sitting(world, patient)

    def make() -> UUID:
        entries = [a_result("clearance-ecg", reading="abnormal", interpretation="QTc 495 ms")]
        return record_results(by=SystemActor(), now=THEN, patient=patient, entries=entries)[0].public_id

    return {"patient_id": patient.public_id, "result_id": world.once("clearance", patient, make)}


def _of_session(world: World, patient: Patient) -> dict[str, Any]:
    return {"session_id": _sitting(world, patient).session.public_id}


def _colleague(world: World, _patient: Patient) -> dict[str, Any]:
    return {"user_id": world.colleague.public_id}


def _nothing(**arguments: Any) -> Callable[[World, Patient], dict[str, Any]]:
    """An address of something that is nobody's."""
    return lambda _world, _patient: arguments


NOBODY = UUID(int=1)
EXAMPLES: Mapping[str, Callable[[World, Patient], dict[str, Any]]] = {
    "access:welcome": lambda world, _: {"user_id": world.colleague.public_id, "token": "void"},
    "access:end_sign_in": _nothing(sign_in_id=NOBODY),
    "access:person": _colleague,
    "access:grant_role": _colleague,
    "access:end_role": lambda world, _: {
        "user_id": world.colleague.public_id,
        "membership_id": world.colleague.memberships.get().pk,
    },
    "access:close_account": _colleague,
    "access:reopen_account": _colleague,
    "access:forget_factors": _colleague,
    "access:set_up_link": _colleague,
    "access:change_site": lambda world, _: {"site_id": world.here.site.public_id},
    "mfa_edit_webauthn": _nothing(pk=1),
    "mfa_remove_webauthn": _nothing(pk=1),
    "knowledge_base:record": _nothing(record_id="phq-9"),
    "knowledge_base:sign_off": _nothing(record_id="phq-9"),
    "people:end-in-team": lambda world, patient: {
        "patient_id": patient.public_id,
        "member_id": _a_member(world, patient),
    },
    "tasks:complete": _nothing(task_id=NOBODY),
    "tasks:cancel": _nothing(task_id=NOBODY),
    "tasks:acknowledge": _nothing(alert_id=NOBODY),
    "chart:withdraw": lambda world, patient: {
        "patient_id": patient.public_id,
        "observation_id": _an_observation(world, patient),
    },
    "chart:add-entry": lambda _, patient: {"patient_id": patient.public_id, "kind": "problem"},
    "chart:correct-entry": _an_entry,
    "chart:withdraw-entry": _an_entry,
    "assessment:override": lambda _, patient: {
        "patient_id": patient.public_id,
        "rule_id": _a_rule(patient),
    },
    "assessment:price": lambda world, _: {
        "site_id": world.here.site.public_id,
        "option_id": "option-ketamine-iv",
    },
    "assessment:add-treatment": lambda _, patient: {"patient_id": patient.public_id, "kind": "drug"},
    "assessment:screen": lambda _, patient: {
        "patient_id": patient.public_id,
        "screen_id": "bipolar-questions",
    },
    "assessment:correct-treatment": lambda world, patient: {
        "patient_id": patient.public_id,
        "treatment_id": _a_treatment(world, patient),
    },
    "assessment:withdraw-treatment": lambda world, patient: {
        "patient_id": patient.public_id,
        "treatment_id": _a_treatment(world, patient),
    },
    "assessment:end-override": lambda _, patient: {"patient_id": patient.public_id, "override_id": NOBODY},
    "assessment:clearance-item": _an_item,
    "assessment:summary-pdf": _of_an_episode,
    "assessment:waive-item": _an_item,
    "assessment:decide-result": _a_clearance_result,
    "assessment:withdraw-result": _a_clearance_result,
    "assessment:end-waiver": lambda _, patient: {"patient_id": patient.public_id, "waiver_id": NOBODY},
    "measures:one": _nothing(instrument_id="phq-9"),
    "measures:questionnaire": _nothing(instrument_id="phq-9"),
    "measures:starting-file": _nothing(instrument_id="wsas"),
    "measures:enter": lambda _, patient: {"patient_id": patient.public_id, "instrument_id": "phq-9"},
    "measures:entry": lambda world, patient: {
        "patient_id": patient.public_id,
        "response_id": _a_response(world, patient),
    },
    "knowledge_base:withdraw_wording": _nothing(pack_id=NOBODY),
    "measures:own-start": _a_question,
    "measures:own-question": lambda world, patient: _a_question(world, patient, number=1),
    "measures:own-sheet": _a_question,
    "measures:own-check": _a_question,
    "measures:own-done": _thanks,
    "measures:fhir": lambda world, patient: {
        "patient_id": patient.public_id,
        "response_id": _a_response(world, patient),
    },
    "measures:correct": lambda world, patient: {
        "patient_id": patient.public_id,
        "response_id": _a_response(world, patient),
    },
    "therapy:write": _integration_visit,
    "therapy:practise": lambda world, patient: {"note_id": _a_note(world, patient)},
    "therapy:note": lambda world, patient: {"note_id": _a_note(world, patient)},
    "therapy:write-process-note": _integration_visit,
    "therapy:process-note": _nothing(note_id=NOBODY),
    "planning:visit": lambda world, patient: {"visit_id": _a_visit(world, patient)},
    "dosing:open": lambda world, patient: {
        "patient_id": patient.public_id,
        "visit_id": _a_visit(world, patient),
    },
    "dosing:console": _of_session,
    "dosing:report": _of_session,
    "dosing:events": _of_session,
    "dosing:state": _of_session,
    "dosing:forecast": _of_session,
    "dosing:stream": _of_session,
    "consent:record": _of_consent,
    "consent:countersign": _of_consent,
    "consent:cancel": _of_consent,
    "consent:withdraw": _of_consent,
    "consent:pdf": _of_consent,
    "consent:answer": lambda world, patient: {**_of_consent(world, patient), "question_id": NOBODY},
    "consent:read": _reading,
    "consent:section": _a_section,
    "consent:ask": _a_section,
    "consent:understood": _reading,
    "consent:sign": _reading,
    "consent:own-read": _reading,
    "consent:own-section": _a_section,
    "consent:own-ask": _a_section,
    "consent:own-understood": _reading,
    "consent:own-sign": _reading,
    "consent:own-withdraw": _reading,
    "consent:own-pdf": _reading,
    "measures:burden": lambda world, _: {"site_id": world.here.site.public_id},
    "consent:site": lambda world, _: {"site_id": world.here.site.public_id},
    "web:draft": _nothing(key="a-draft"),
    "web:measure": lambda world, patient: {
        "patient_id": patient.public_id,
        "instrument_id": "phq-9" if _a_response(world, patient) else "",
    },
    "web:inbox-seen": lambda _, patient: {"patient_id": patient.public_id},
    "portal:open": _nothing(token="void"),
    "intake:topic": _nothing(topic_id="you"),
    "intake:review": _of_intake,
    "intake:send": _of_intake,
    "intake:withdraw": _of_intake,
    "intake:staff-topic": lambda world, patient: _of_intake(world, patient) | {"topic_id": "you"},
    "journal:readers": _nothing(entry_id=NOBODY),
    "lifestyle:remove-file": lambda world, patient: {"file_id": _a_device_file(world, patient)},
    "journal:done": _nothing(practice_id=NOBODY),
    "journal:remind": _nothing(practice_id=NOBODY),
    "journal:practice": lambda world, patient: {"practice_id": _a_practice(world, patient)},
    "journal:end-practice": lambda world, patient: {
        "patient_id": patient.public_id,
        "practice_id": _a_practice(world, patient),
    },
    "safety:duty": lambda world, _: {"site_id": world.here.site.public_id},
    "safety:times": lambda world, _: {"site_id": world.here.site.public_id},
    "safety:staff-number": lambda world, _: {"site_id": world.here.site.public_id},
    "safety:unstaffed": lambda world, _: {"site_id": world.here.site.public_id},
    "safety:end-shift": lambda world, _: {"site_id": world.here.site.public_id, "shift_id": NOBODY},
    "portal:site-help": lambda world, _: {"site_id": world.here.site.public_id},
    "portal:test-message": lambda world, _: {"site_id": world.here.site.public_id},
    "portal:site-messages": lambda world, _: {"site_id": world.here.site.public_id},
}

# Addresses above that name nothing that exists, or a state not built here: "not found" for everyone is right.
NAMES_NOTHING = {
    "assessment:override",
    "assessment:end-waiver",
    "assessment:end-override",
    "therapy:process-note",
    "dosing:open",
    "consent:answer",
}
