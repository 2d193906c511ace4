"""Two patients with everything of theirs, and what must hold of the database whatever is asked for one."""

from dataclasses import dataclass
from functools import cached_property
from typing import Any

from django.apps import apps
from django.db import connection
from django.test import Client
from django.utils import timezone
from tests.factories.access import a_client, personas
from tests.factories.measures import an_ask
from tests.factories.people import SYSTEM, a_patient
from tests.factories.portal import a_help, invited, let_in
from tests.factories.routes import Route, World, address, routes
from tests.factories.sites import a_site

from openkap.apps.access.roles import Permission, Role
from openkap.apps.audit.models import Row
from openkap.apps.journal.operations import write_entry
from openkap.apps.measures import fillings
from openkap.apps.measures.models import Filling, Mode, Response
from openkap.apps.measures.queries import packaged_instrument
from openkap.apps.messages.links import token_of
from openkap.apps.people.models import Patient
from openkap.apps.portal.operations import close_access
from openkap.core import psychometrics
from openkap.errors import BadInput

MARKS = ("Quokkawitz", "Numbatson", "Bilbyfield")  # words of the other patient's record, and nobody else's
# Sending somebody away, or to another language, is no reading of a record; a link's own tests are elsewhere.
PORTAL = [
    route
    for route in routes()
    if route.policy
    and (route.policy.permission is Permission.OWN_RECORD or route.name.startswith("portal:"))
    and "PORTAL_MANAGE" not in str(route.policy)
    and "patient_id" not in route.arguments
    and "site_id" not in route.arguments
]
# Questionnaires as staff see them; who of the same site may is in the matrix of roles.
OF_STAFF = [one for one in routes() if one.name.startswith("measures:") and "patient_id" in one.arguments]
KEPT_WITHOUT_AUDIT = {"measures_filling"}  # each answer of a form; beginning it and handing it in are audited


@dataclass
class Portal:
    """The world, and the addresses of every page of the portal for things of each of the two."""

    world: World
    me: Patient
    other: Patient
    mine: dict[str, str]
    theirs: dict[str, str]
    keys: dict[str, str]  # of sessions: mine, of an account that was closed since, of staff of another site

    def client(self, who: str) -> Client:
        """A browser; requests that fail in the server answer 500 instead of raising."""
        client = Client(raise_request_exception=False)
        if key := self.keys.get(who):
            client.cookies["sessionid"] = key
        return client

    @cached_property
    def others_ids(self) -> set[str]:
        """Public ids of what belongs to the other patient, and of themselves."""
        found = {str(self.other.public_id)}
        for model in models_about_patients():
            if any(field.name == "public_id" for field in model._meta.fields):
                rows = model._default_manager.filter(patient=self.other)
                found |= {str(one) for one in rows.values_list("public_id", flat=True)}
        return found


def models_about_patients() -> list[Any]:
    """Every model that names a patient."""
    return [
        model
        for model in apps.get_models()
        if any(field.name == "patient" and field.related_model is Patient for field in model._meta.fields)
    ]


def a_portal() -> Portal:
    """Made through the operations. The other patient's record holds words that stand nowhere else."""
    here, there = personas(a_site("Harbour Clinic")), personas(a_site("Forest House", "Europe/Zurich"))
    me = a_patient(here.site)
    other = a_patient(here.site, family_name=MARKS[0], contact_name=MARKS[1], contact_phone="555 0199")
    foreign = a_patient(there.site)
    world = World(here, there, me, other, foreign)
    a_help(here.site)
    keys = {}
    for patient in (me, other):
        let_in(patient)
        write_entry(
            by=patient.user,  # type: ignore[arg-type]
            now=timezone.now(),
            patient=patient,
            kind="free",
            text=MARKS[2] if patient is other else "a walk",
            who="shared",
        )
    keys["me"] = a_client(me.user).cookies["sessionid"].value  # type: ignore[arg-type]
    keys["closed"] = _closed_since(here.site)
    for role in (Role.MEDICAL_DIRECTOR, Role.PRESCRIBER):
        keys[f"{role} elsewhere"] = a_client(there[role]).cookies["sessionid"].value
    mine = {route.name: address(route, world, me) for route in PORTAL}
    theirs = {route.name: address(route, world, other) for route in [*PORTAL, *OF_STAFF]}
    mine["portal:open"] = f"/link/{token_of(invited(me, now=timezone.now()).public_id)}/"
    theirs["portal:open"] = f"/link/{token_of(invited(other, now=timezone.now()).public_id)}/"
    for instrument in ("gad-7", "asq", "pcl-5"):
        for patient in (me, other):
            an_ask(patient, instrument, timezone.now())
    return Portal(world, me, other, mine, theirs, keys)


def _closed_since(site: Any) -> str:
    gone = a_patient(site)
    key = a_client(let_in(gone)).cookies["sessionid"].value
    close_access(by=SYSTEM, now=timezone.now(), patient=gone)
    return key


def route_named(name: str) -> Route:
    """A route of the portal."""
    return next(route for route in PORTAL if route.name == name)


def rows_about(patient: Patient) -> dict[str, str]:
    """For each table that names patients a digest of this one's rows, and of their own. One statement."""
    tables = [(model._meta.db_table, "patient_id") for model in models_about_patients()]
    parts = [
        f"SELECT '{table}', coalesce(md5(string_agg(t::text, '|' ORDER BY t.id)), '')"
        f" FROM {table} t WHERE t.{column} = {patient.pk}"
        for table, column in [*tables, (Patient._meta.db_table, "id")]
    ]
    with connection.cursor() as cursor:
        cursor.execute(" UNION ALL ".join(parts))
        return dict(cursor.fetchall())


def trail_about(patient: Patient) -> int:
    """How many rows of the trail are about the patient."""
    return Row.objects.filter(patient_id=patient.public_id).count()


def half_written(patient: Patient) -> list[str]:
    """What of the patient's questionnaires does not fit together; nothing when all does."""
    faults = []
    responses = {row.public_id: row for row in Response.objects.filter(patient=patient)}
    audited = set(
        Row.objects.filter(action="measures.record", patient_id=patient.public_id).values_list(
            "subject_id", flat=True
        )
    )
    for filling in Filling.objects.filter(patient=patient):
        if (filling.handed_in_at is not None) != (filling.public_id in responses):
            faults.append(f"{filling.instrument_id}: handed in without a response, or the other way round")
        faults += _amiss(filling)
    for public_id, row in responses.items():
        faults += [] if public_id in audited else [f"{row.instrument_id}: not in the trail"]
        faults += _scored_otherwise(row)
    return faults


def _amiss(filling: Filling) -> list[str]:
    """Answers of a form that the form does not offer, or does not ask."""
    instrument = fillings.instrument_of_filling(filling)
    items = {item.id: item for item in (*instrument.items, *instrument.unscored_items)}
    given = fillings.answers_so_far(filling)
    asked = psychometrics.asked_items(instrument, given)
    faults = []
    for name, answer in given.items():
        try:
            psychometrics.check_answer(instrument, items[name], answer)
        except (KeyError, BadInput):
            faults.append(f"{instrument.id}: {name} is {answer!r}")
        if asked.get(name) is False:
            faults.append(f"{instrument.id}: {name} is answered and not asked")
    return faults


def _scored_otherwise(row: Response) -> list[str]:
    if row.mode != Mode.OWN_DEVICE.value:
        return []
    instrument = packaged_instrument(row.instrument_id, row.instrument_version)
    given = [
        answer if isinstance(answer := row.answers[item.id], int) else psychometrics.NotAnswered(answer)
        for item in instrument.items
    ]
    same = psychometrics.score(instrument, given).total == row.total
    return [] if same else [f"{row.instrument_id}: scored otherwise"]
