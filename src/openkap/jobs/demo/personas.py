"""Who the made-up patients are: how far along, how they respond, what is special about them."""

from dataclasses import dataclass
from datetime import date, timedelta
from enum import StrEnum
from random import Random

from openkap.jobs.demo.names import names


class Story(StrEnum):
    """How far a patient has come when the clinic is made."""

    REGISTERED = "registered"
    ASSESSED = "assessed"
    BLOCKED = "blocked"  # the assessment speaks against treatment
    PLANNED = "planned"
    MID_COURSE = "mid-course"
    DOSE_TODAY = "dose-today"
    LIVE_INFUSION = "live-infusion"  # a session that runs now
    LIVE_RECOVERY = "live-recovery"
    LATE_COURSE = "late-course"  # doses given, response not yet judged
    COMPLETED = "completed"
    STOPPED = "stopped"
    ALARM = "alarm"  # a new answer about suicide, minutes ago


class Response(StrEnum):
    """How the scores go: share of the baseline that is left after the course."""

    REMITS = "remits"
    RESPONDS = "responds"
    PARTLY = "partly"
    NOT = "not"
    WORSENS = "worsens"


LEFT = {
    Response.REMITS: 0.15,
    Response.RESPONDS: 0.4,
    Response.PARTLY: 0.68,
    Response.NOT: 0.95,
    Response.WORSENS: 1.2,
}
# Shares of sixty; about half respond, a third of these remit, some get worse.
STORIES = (
    (Story.LIVE_INFUSION, 1), (Story.LIVE_RECOVERY, 1), (Story.ALARM, 1), (Story.DOSE_TODAY, 3),
    (Story.REGISTERED, 8), (Story.ASSESSED, 8), (Story.BLOCKED, 3), (Story.PLANNED, 7),
    (Story.MID_COURSE, 15), (Story.LATE_COURSE, 4), (Story.COMPLETED, 7), (Story.STOPPED, 2),
)  # fmt: skip
RESPONSES = (
    (Response.REMITS, 20), (Response.RESPONDS, 32), (Response.PARTLY, 24), (Response.NOT, 18),
    (Response.WORSENS, 6),
)  # fmt: skip


@dataclass(frozen=True)
class Persona:
    """One made-up patient."""

    given_name: str
    family_name: str
    sex: str
    birth_date: date
    pronouns: str
    phone: str
    contact: str
    story: Story
    response: Response
    protocol_id: str
    indication: str
    kg: float
    systolic: int
    diastolic: int
    phq: int
    gad: int
    ideation: int  # item 9 at baseline


def personas(random: Random, count: int, today: date) -> list[Persona]:
    """`count` patients; the special ones first, so that a small clinic has them too."""
    stories = [story for story, share in STORIES for _ in range(_share(share, count))]
    stories = (stories + [Story.MID_COURSE] * count)[:count]
    people = names(random, count)
    return [_persona(random, person, story, today) for person, story in zip(people, stories, strict=True)]


def _share(share: int, count: int) -> int:
    return max(1, round(share * count / 60))


def _persona(random: Random, person: tuple[str, str, str], story: Story, today: date) -> Persona:
    given, family, sex = person
    phq = random.randint(15, 25)
    late = story in {Story.COMPLETED, Story.STOPPED}
    weights = [weight for _response, weight in RESPONSES]
    response = random.choices([response for response, _weight in RESPONSES], weights)[0]
    return Persona(
        given_name=given,
        family_name=family,
        sex=sex,
        birth_date=today - timedelta(days=random.randint(24 * 365, 64 * 365)),
        pronouns={"female": "she/her", "male": "he/him"}[sex] if random.random() < 0.9 else "they/them",
        phone=f"555-01{random.randint(0, 99):02d}",  # numbers kept free for fiction
        contact=random.choice(("Partner", "Sister", "Brother", "Friend", "Mother", "Son")),
        story=story,
        response=Response.NOT if story is Story.STOPPED else response,
        protocol_id="ketamine-iv-weekly" if late and random.random() < 0.5 else _protocol(random, story),
        indication=random.choice(("trd", "trd", "trd", "mdd")),
        kg=round(random.uniform(52, 98), 1),
        systolic=random.randint(106, 134),
        diastolic=random.randint(64, 84),
        phq=phq,
        gad=min(21, max(4, round(phq * 0.7) + random.randint(-4, 4))),
        ideation=0 if story is Story.ALARM else random.choice((0, 0, 0, 1, 1, 2)),
    )


def _protocol(random: Random, story: Story) -> str:
    if story in {Story.LIVE_INFUSION, Story.LIVE_RECOVERY, Story.DOSE_TODAY, Story.ALARM}:
        return "ketamine-iv-twice-weekly"
    return "ketamine-iv-intensive" if random.random() < 0.15 else "ketamine-iv-twice-weekly"
