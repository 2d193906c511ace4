"""Patients of the made-up clinic who have pages of their own, and where they find help."""

from collections.abc import Iterable, Iterator
from datetime import datetime, timedelta

from openkap.apps.access import operations as access
from openkap.apps.access.models import User
from openkap.apps.intake import operations as intake
from openkap.apps.intake import queries as intake_queries
from openkap.apps.journal import operations as journal
from openkap.apps.journal import queries as journal_queries
from openkap.apps.messages.channels import Channel
from openkap.apps.messages.links import token_of
from openkap.apps.portal import operations as portal
from openkap.apps.portal.helping import change_help
from openkap.apps.portal.models import PortalLink
from openkap.apps.portal.queries import HelpLine
from openkap.jobs.demo.life import Life
from openkap.jobs.demo.living import bring_file
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
    ("noticed", "I laughed at lunch and only noticed afterwards.", "shared"),
    ("will-do", "Call Marta before the weekend, not after it.", "private"),
    ("noticed", "The walk was easier than the thought of it.", "therapist"),
)
NOTE = "The first two minutes were hard, then it went by itself."
READ_AFTER = timedelta(hours=5)
INVITED = timedelta(days=6)  # before the present
AFTER_REGISTERING = timedelta(minutes=30)
TO_OPEN = timedelta(minutes=4)
TO_FILL_IN = timedelta(minutes=25)
READS = {
    "en": "Your care team reads what you write on weekdays from 8 to 18. At night and at weekends nobody "
    "reads it.",
    "es": "Su equipo lee lo que escribe de lunes a viernes, de 8 a 18 h. De noche y en fin de semana nadie lo "
    "lee.",
}
LINES = (
    HelpLine("Call or text 988", "988", "call", "Suicide and Crisis Lifeline, day and night", "crisis"),
    HelpLine("Clinic nurse", "555-0142", "call", "open until 20:00", "clinic"),
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


def telephones(
    lives: Iterable[Life], now: datetime, password: str, sign_ins: list[SignIn]
) -> list[Iterator[datetime]]:
    """Courses of those who have pages: one of each kind, and somebody just registered who hands in an intake.

    When they have come in, their sign-ins are added to `sign_ins`: people of a demonstration have a password.
    """
    found = list(lives)
    runs = []
    for story, local in (*WITH_PAGES, (Story.REGISTERED, "")):
        life = next((one for one in found if one.persona.story is story), None)
        if life is not None:
            found = [one for one in found if one is not life]
            life.has_telephone = True
            runs.append(_telephone(life, now, local, password, sign_ins))
    return runs


def _telephone(
    life: Life, now: datetime, local: str, password: str, sign_ins: list[SignIn]
) -> Iterator[datetime]:
    """Invited, let in, and what they do then."""
    at = max(now - INVITED, life.dates.registered + AFTER_REGISTERING)
    yield at
    link = invite(life, at)
    at += TO_OPEN
    yield at
    user = let_in(life, link, at)
    if local:
        access.give_demonstration_password(now=at, user=user, email=address(local), password=password)
        sign_ins.append(SignIn(address(local), password, life.patient.name, "Patient", life.house.site.name))
    if not local:
        yield from _hand_in(life, user, at)
    elif life.persona.story is not Story.REGISTERED:
        yield from _write_journal(life, user, at)


def invite(life: Life, at: datetime) -> PortalLink:
    """A link handed over by the coordinator."""
    invitation = intake.invite_to_intake if life.persona.story is Story.REGISTERED else portal.invite
    return invitation(
        by=life.house.coordinator,
        now=at,
        patient=life.patient,
        channel=Channel.HANDED,
        language="en",
        is_demonstration=True,
    )


def let_in(life: Life, link: PortalLink, at: datetime) -> User:
    """The patient opens the link."""
    born = life.patient.birth_date
    user = portal.open_link(now=at, token=token_of(link.public_id), birth_date=born, browser="").user
    assert user is not None  # noqa: S101  the link is new and the birth date right
    life.patient.refresh_from_db(fields=["user"])
    return user


def _hand_in(life: Life, user: User, at: datetime) -> Iterator[datetime]:
    """The intake, filled in on one evening and waiting for review since."""
    yield at + TO_FILL_IN
    begun = intake_queries.current_intake(life.patient)
    assert begun is not None  # noqa: S101  it came with the invitation
    intake.keep_answers(by=user, now=at + TO_FILL_IN, intake=begun, answers=TOLD)
    intake.send_intake(by=user, now=at + TO_FILL_IN, intake=begun)


def _write_journal(life: Life, user: User, at: datetime) -> Iterator[datetime]:
    """Practice agreed with the therapist, done on most days, and entries, one of them shared."""
    practices = [
        journal.agree_on_practice(
            by=life.therapist, now=at, patient=life.patient, title=title, how=how, often=often
        )
        for title, how, often in PRACTICES
    ]
    for number, (kind, text, who) in enumerate(ENTRIES, start=1):
        at += DAY
        yield at
        for practice in practices[:number]:
            note = NOTE if number == len(ENTRIES) and practice is practices[0] else ""
            journal.note_done(by=user, now=at, practice=practice, note=note)
        journal.write_entry(by=user, now=at, patient=life.patient, kind=kind, text=text, who=who)
    bring_file(life, user, at)
    yield at + READ_AFTER
    read = [one.entry for one in journal_queries.shared_entries(life.patient, life.therapist)][1:]
    journal.note_seen(by=life.therapist, now=at + READ_AFTER, patient=life.patient, entries=read)
    for _day in range(2):
        at += DAY
        yield at
        journal.note_done(by=user, now=at, practice=practices[0])
