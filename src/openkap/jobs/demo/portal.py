"""Patients of the made-up clinic who have pages of their own, and where they find help."""

from collections.abc import Iterable
from datetime import datetime, timedelta

from openkap.apps.access import operations as access
from openkap.apps.intake import operations as intake
from openkap.apps.journal import operations as journal
from openkap.apps.messages.channels import Channel
from openkap.apps.messages.links import token_of
from openkap.apps.people.models import Patient
from openkap.apps.portal import operations as portal
from openkap.apps.portal.helping import change_help
from openkap.apps.portal.queries import HelpLine
from openkap.jobs.demo.life import Life
from openkap.jobs.demo.personas import Story
from openkap.jobs.demo.sign_ins import SignIn
from openkap.jobs.demo.staff import House, address

DAY = timedelta(days=1)
PRACTICES = (
    (
        "Slow breathing",
        "In while you count to four, out while you count to six. Five minutes.",
        "every evening",
    ),
    ("A walk by the canal", "Twenty minutes, even slowly.", "three times a week"),
)
ENTRIES = (
    ("noticed", "I laughed at lunch and only noticed afterwards.", True),
    ("will-do", "Call Marta before the weekend, not after it.", False),
)
INVITED = timedelta(days=6)  # before the present
HANDED_IN = timedelta(hours=2)
READS = {
    "en": "Your care team reads what you write on weekdays from 8 to 18. At night and at weekends nobody "
    "reads it.",
    "es": "Su equipo lee lo que escribe de lunes a viernes, de 8 a 18 h. De noche y en fin de semana nadie lo "
    "lee.",
}
LINES = (
    HelpLine("Call or text 988", "988", "call", "Suicide and Crisis Lifeline, day and night"),
    HelpLine("Clinic nurse", "555-0142", "call", "open until 20:00"),
)
# Whose telephone it is: how far they have come, and what they sign in as.
WITH_PAGES = ((Story.MID_COURSE, "patient"), (Story.COMPLETED, "patient2"), (Story.REGISTERED, "patient3"))
TOLD = {
    "pronouns": "she/her",
    "phone": "555-0177",
    "contact_name": "Marta Quill",
    "contact_phone": "555-0178",
    "contact_relation": "sister",
    "brings": "Getting up has been hard since the winter before last. I would like to cook again and to answer "
    "when somebody calls.",
    "conditions": "asthma since school\nhigh blood pressure, 2019",
    "medicines": "sertraline 100 mg in the morning\nsalbutamol spray when needed",
    "allergies": "penicillin, rash",
    "tried": "Two tablets for about half a year each, and talks with a psychologist. The talks helped a "
    "little.",
    "lives_with": "My sister, two streets away.",
    "ride": "yes",
}


def enter_help(house: House, at: datetime) -> None:
    """Numbers under 'Help now', and who reads what patients write."""
    change_help(by=house.coordinator, now=at, site=house.site, emergency_number="911", lines=LINES, reads=READS)


def open_pages(lives: Iterable[Life], now: datetime, password: str) -> list[SignIn]:
    """Invite one patient of each kind and let them in; one of those just registered has handed in an intake.

    Returns how they sign in: people of a demonstration have a password besides.
    """
    found = list(lives)
    sign_ins, newcomers = [], [life for life in found if life.persona.story is Story.REGISTERED]
    for story, local in WITH_PAGES:
        life = next((one for one in found if one.persona.story is story and hasattr(one, "patient")), None)
        if life is not None:
            sign_ins.append(
                _let_in(life.house, life.patient, _invited_at(life.patient, now), address(local), password)
            )
            found.remove(life)
            if story is Story.MID_COURSE:
                _write_journal(life, now)
    for life in newcomers[1:2]:
        if hasattr(life, "patient"):
            _hand_in(life.house, life.patient, now)
    return sign_ins


def _let_in(house: House, patient: Patient, at: datetime, email: str, password: str) -> SignIn:
    link = intake.invite_to_intake if patient.stage == "referred" else portal.invite
    made = link(
        by=house.coordinator,
        now=at,
        patient=patient,
        channel=Channel.HANDED,
        language="en",
        is_demonstration=True,
    )
    opened = portal.open_link(now=at, token=token_of(made.public_id), birth_date=patient.birth_date, browser="")
    user = opened.user
    assert user is not None  # noqa: S101  the link is new and the birth date right
    if password:
        access.give_demonstration_password(now=at, user=user, email=email, password=password)
    return SignIn(email, password, patient.name, "Patient", house.site.name)


def _invited_at(patient: Patient, now: datetime) -> datetime:
    """Some days ago, but not before they were registered."""
    return max(now - INVITED, patient.registered_at)


def _write_journal(life: Life, now: datetime) -> None:
    """Practice agreed with the therapist, done on most days, and two entries, one of them shared."""
    patient, then = life.patient, now - 5 * DAY
    patient.refresh_from_db()
    user = patient.user
    assert user is not None  # noqa: S101  just let in
    for title, how, often in PRACTICES:
        practice = journal.agree_on_practice(
            by=life.therapist, now=then, patient=patient, title=title, how=how, often=often
        )
        for days in (4, 2, 1):
            journal.note_done(by=user, now=now - days * DAY, practice=practice)
    for days, (kind, text, share) in zip((3, 1), ENTRIES, strict=True):
        journal.write_entry(by=user, now=now - days * DAY, patient=patient, kind=kind, text=text, share=share)


def _hand_in(house: House, patient: Patient, now: datetime) -> None:
    invited_at = _invited_at(patient, now)
    _let_in(house, patient, invited_at, address("patient4"), "")
    patient.refresh_from_db()
    begun = intake.begin_intake(by=house.coordinator, now=invited_at, patient=patient)
    user, sent_at = patient.user, max(now - HANDED_IN, invited_at)
    assert user is not None  # noqa: S101  just let in
    intake.keep_answers(by=user, now=sent_at, intake=begun, answers=TOLD)
    intake.send_intake(by=user, now=sent_at, intake=begun)
