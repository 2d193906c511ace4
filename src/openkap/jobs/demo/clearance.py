"""Medical clearance of the made-up patients: most have all of it, some lack one thing or another."""

from collections.abc import Iterator
from datetime import date, datetime, timedelta
from random import Random
from typing import TYPE_CHECKING

from openkap.apps.assessment import operations as assessment
from openkap.apps.assessment.operations import PressureReading, ResultEntry, Said
from openkap.apps.assessment.queries import lacking_for_dose
from openkap.apps.chart import operations as chart
from openkap.apps.knowledge_base.queries import knowledge_for
from openkap.apps.planning.queries import protocol_of
from openkap.jobs.demo.personas import Persona, Story
from openkap.jobs.demo.staff import House
from openkap.units import Quantity

if TYPE_CHECKING:
    from openkap.apps.people.models import Patient
    from openkap.apps.planning.models import Visit

MINUTE, DAY = timedelta(minutes=1), timedelta(days=1)
PREGNANCY = "clearance-pregnancy"
OLDEST_ASKED = 55  # years; a year more or less does no harm in a made-up life
WORDS = {
    "clearance-ecg": ("Sinus rhythm, 62/min, QTc 412 ms", "Sinus rhythm, 71/min, QTc 424 ms"),
    "clearance-urine": ("No blood, no leucocytes",),
    "clearance-toxicology": ("Negative for opioids, stimulants, PCP and ketamine",),
    "clearance-heart-lung": ("Regular, no murmur; lungs clear",),
    "clearance-airway": ("Mouth opens wide, neck moves freely",),
    "clearance-cardiology": ("No objection, letter on file",),
    "clearance-eyes": ("Pressure treated and stable, letter on file",),
    PREGNANCY: ("Urine test negative",),
}
# what a patient whose assessment is under way still lacks
GAPS = (("clearance-ecg",), ("clearance-toxicology", "clearance-airway"), ("clearance-urine",), ())
CANDIDACY = {
    "candidacy-altered-states": ("at-ease", "curious", "afraid"),
    "candidacy-support": ("somebody-always", "somebody-often"),
    "candidacy-expectations": ("some-relief", "last-resort"),
    "candidacy-prior-benefit": ("never-had", "helped-briefly"),
}


def examine(persona: Persona, house: House, patient: "Patient", at: datetime) -> None:
    """The work-up of one patient, as far as it has come; by a chance of its own."""
    random = Random(f"work-up {persona.family_name} {persona.given_name}")  # noqa: S311 (a life, not a secret)
    underway = persona.story in {Story.ASSESSED, Story.BLOCKED}
    gaps = random.choice(GAPS) if underway else ()
    _measure(persona, house, patient, at, random)
    by, today = house.prescriber, at.astimezone(house.zone).date()
    entries = list(_entries(house, patient, at, random, gaps))
    if underway and random.random() < 0.4:  # a laboratory report from last year was on file
        entries = [_old(one, today) if one.item_id == "clearance-liver" else one for one in entries]
    assessment.record_results(by=by, now=at, patient=patient, entries=entries)
    said = {question: Said(random.choice(choices)) for question, choices in CANDIDACY.items()}
    assessment.record_candidacy(by=by, now=at, patient=patient, answers=said)


def test_again(house: House, visit: "Visit", at: datetime) -> None:
    """On the morning of a dose: a pregnancy test where one is asked for, and what has run out since."""
    today, protocol = at.astimezone(house.zone).date(), protocol_of(visit)
    patient = visit.patient
    lacking = lacking_for_dose(patient, protocol.drug.value, protocol.route.value, at) or []
    again = {one.item.id: one.item for one in lacking}
    if _asked(PREGNANCY, patient, today):
        again[PREGNANCY] = knowledge_for(house.site, at).clearance_items[PREGNANCY]
    entries = [
        ResultEntry(
            item_id, today, "normal", "here", WORDS.get(item_id, ("",))[0], total=2 if item.total else None
        )
        for item_id, item in again.items()
    ]
    assessment.record_results(by=house.monitors[0], now=at, patient=patient, entries=entries)


def _measure(persona: Persona, house: House, patient: "Patient", at: datetime, random: Random) -> None:
    """Three readings after rest, and the height."""
    readings = [
        PressureReading(
            at - (15 - 5 * n) * MINUTE,
            Quantity.of(persona.systolic + random.randint(-4, 6), "mm[Hg]"),
            Quantity.of(persona.diastolic + random.randint(-3, 3), "mm[Hg]"),
        )
        for n in range(3)
    ]
    assessment.record_pressures(
        by=house.monitors[0],
        now=at,
        patient=patient,
        readings=readings,
        position="sitting",
        arm=random.choice(("left", "right")),
        rest_minutes=random.choice((5, 10)),
    )
    height = {"body-height": Quantity.of(random.randint(155, 192), "cm")}
    chart.record_observations(by=house.monitors[0], now=at, patient=patient, values=height)


def _entries(
    house: House, patient: "Patient", at: datetime, random: Random, gaps: tuple[str, ...]
) -> Iterator[ResultEntry]:
    today = at.astimezone(house.zone).date()
    for item in knowledge_for(house.site, at).clearance_items.values():
        if not item.needs_reading or item.id in gaps or not _asked(item.id, patient, today):
            continue
        yield ResultEntry(
            item_id=item.id,
            done_on=today - random.randint(0, 3) * DAY,
            reading="normal",
            source="laboratory" if item.group == "laboratory" else "here",
            value=random.choice(WORDS.get(item.id, ("",))),
            total=random.randint(0, 3) if item.total else None,
            numbers=_numbers(item.id, random),
        )


def _asked(item_id: str, patient: "Patient", today: date) -> bool:
    """Whether a clinician would order it for this person at all."""
    if item_id in {"clearance-cardiology", "clearance-eyes"}:
        return False
    return item_id != PREGNANCY or (
        patient.sex == "female" and today.year - patient.birth_date.year <= OLDEST_ASKED
    )


def _numbers(item_id: str, random: Random) -> dict[str, Quantity]:
    """Values a healthy adult may have."""
    match item_id:
        case "clearance-liver":
            return {
                "alanine-aminotransferase": Quantity.of(random.randint(14, 38), "U/L"),
                "alkaline-phosphatase": Quantity.of(random.randint(48, 104), "U/L"),
                "gamma-glutamyl-transferase": Quantity.of(random.randint(12, 46), "U/L"),
            }
        case "clearance-renal":
            return {"creatinine": Quantity.of(f"{random.randint(62, 104) / 100}", "mg/dL")}
        case "clearance-thyroid":
            return {"thyrotropin": Quantity.of(f"{random.randint(8, 34) / 10}", "m[IU]/L")}
        case _:
            return {}


def _old(entry: ResultEntry, today: date) -> ResultEntry:
    return ResultEntry(
        entry.item_id, today - 200 * DAY, entry.reading, entry.source, entry.value, numbers=entry.numbers
    )
