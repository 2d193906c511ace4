"""Sites and staff of the demonstration clinic, and what its medical director signs off."""

from collections import defaultdict
from dataclasses import dataclass
from datetime import date, datetime
from zoneinfo import ZoneInfo

from openkap.apps.access import operations as access
from openkap.apps.access.models import User
from openkap.apps.access.queries import remember_roles
from openkap.apps.access.roles import ROLE_NAMES, Role
from openkap.apps.audit.operations import SystemActor
from openkap.apps.knowledge_base.operations import sign_off
from openkap.apps.knowledge_base.queries import knowledge_for, records_of, waits_for_decision
from openkap.apps.planning.compiling import Choices
from openkap.apps.sites.models import Site
from openkap.jobs.demo.sign_ins import SignIn

SYSTEM = SystemActor()
# A site is put where it is late morning when the clinic is made, so that its day is under way.
PLACES = (
    ("America/Los_Angeles", "US-CA"), ("America/New_York", "US-NY"), ("Europe/London", "GB"),
    ("Europe/Berlin", "DE"), ("Asia/Dubai", "AE"), ("Asia/Kolkata", "IN"), ("Asia/Singapore", "SG"),
    ("Australia/Sydney", "AU-NSW"), ("Pacific/Auckland", "NZ"), ("Pacific/Honolulu", "US-HI"),
    ("America/Sao_Paulo", "BR-SP"),
)  # fmt: skip
BEST_HOUR = 11.5
PROTOCOLS = ("ketamine-iv-twice-weekly", "ketamine-iv-intensive", "ketamine-iv-weekly")
SIGNED_KINDS = ("monitoring", "criteria", "rules", "clearance_items", "consent_templates")

# local part of the address, name, credentials, role, at which sites
STAFF: tuple[tuple[str, str, str, Role, tuple[int, ...]], ...] = (
    ("director", "Amara Lindqvist", "MD", Role.MEDICAL_DIRECTOR, (0, 1)),
    ("prescriber", "Luis Bergstrom", "MD", Role.PRESCRIBER, (0,)),
    ("prescriber2", "Ifeoma Castle", "NP", Role.PRESCRIBER, (1,)),
    ("monitor", "Dana Okafor", "RN", Role.MONITOR, (0,)),
    ("monitor2", "Lucie Moreno", "RN", Role.MONITOR, (0,)),
    ("monitor3", "Pavel Weir", "EMT-P", Role.MONITOR, (1,)),
    ("therapist", "Noor Hadley", "PhD", Role.THERAPIST, (0,)),
    ("therapist2", "Remy Castellan", "LCSW", Role.THERAPIST, (0,)),
    ("therapist3", "Judit Weil", "PsyD", Role.THERAPIST, (1,)),
    ("coordinator", "Ana Novakova", "", Role.COORDINATOR, (0,)),
    ("coordinator2", "Theo Lark", "", Role.COORDINATOR, (1,)),
    ("programme", "Gwen Abara", "MPH", Role.PROGRAMME_DIRECTOR, (0, 1)),
    ("researcher", "Ravi Thorne", "PhD", Role.RESEARCHER, (0,)),
    ("privacy", "Signe Holloway", "", Role.PRIVACY_OFFICER, (0, 1)),
    ("admin", "Omar Finch", "", Role.ADMINISTRATOR, (0, 1)),
)


@dataclass(frozen=True)
class House:
    """One site with the people who work there."""

    site: Site
    director: User
    prescriber: User
    monitors: tuple[User, ...]
    therapists: tuple[User, ...]
    coordinator: User
    choices: Choices

    @property
    def zone(self) -> ZoneInfo:
        return ZoneInfo(self.site.time_zone)


def open_houses(now: datetime, opened: datetime, password: str) -> tuple[list[House], list[SignIn]]:
    """Two sites, staff of every role, and the sign-offs they work by, all at `opened`."""
    sites = [
        access.add_site(by=SYSTEM, now=opened, name=name, time_zone=zone, jurisdiction=place)
        for name, (zone, place) in zip(("Alder House", "Tidewater Rooms"), _places(now), strict=True)
    ]
    users = [_employ(opened, sites, row, password) for row in STAFF]
    for user in users:
        remember_roles(user)  # nobody's roles change any more; asking thousands of times would take long
    by_role: defaultdict[tuple[Role, int], list[User]] = defaultdict(list)
    for user, (_local, _name, _credentials, role, where) in zip(users, STAFF, strict=True):
        for index in where:
            by_role[role, index].append(user)
    houses = [
        House(
            site=site,
            director=by_role[Role.MEDICAL_DIRECTOR, index][0],
            prescriber=by_role[Role.PRESCRIBER, index][0],
            monitors=tuple(by_role[Role.MONITOR, index]),
            therapists=tuple(by_role[Role.THERAPIST, index]),
            coordinator=by_role[Role.COORDINATOR, index][0],
            choices=_open_today(now.astimezone(ZoneInfo(site.time_zone)).date()),
        )
        for index, site in enumerate(sites)
    ]
    _sign(houses[0], opened)
    return houses, _sign_ins(sites, password)


def _places(now: datetime) -> list[tuple[str, str]]:
    """The two places where it is nearest to late morning."""

    def off(place: tuple[str, str]) -> float:
        local = now.astimezone(ZoneInfo(place[0]))
        return abs(local.hour + local.minute / 60 - BEST_HOUR)

    return sorted(PLACES, key=off)[:2]


def _open_today(today: date) -> Choices:
    """Closed at weekends, unless the clinic is made at one: then on two days of the week."""
    weekend = frozenset({5, 6})
    if today.weekday() in weekend:
        return Choices(closed_weekdays=frozenset({1, 3}))
    return Choices(closed_weekdays=weekend)


def _employ(
    opened: datetime, sites: list[Site], row: tuple[str, str, str, Role, tuple[int, ...]], password: str
) -> User:
    local, name, credentials, role, where = row
    user = access.add_user(
        by=SYSTEM,
        now=opened,
        email=address(local),
        full_name=name,
        credentials=credentials,
        password=password,
        is_demonstration=True,
    )
    for index in where:
        access.grant_role(by=SYSTEM, now=opened, user=user, site=sites[index], role=role)
    return user


def address(local: str) -> str:
    """Where a member of the made-up staff signs in."""
    return f"{local}@demo.example"


def _sign(house: House, opened: datetime) -> None:
    """The director adopts what sessions, scores and these plans need; the rest waits in Knowledge."""
    known = knowledge_for(house.site, opened)
    for kind, record in records_of(known):
        wanted = kind in SIGNED_KINDS or record.id in PROTOCOLS
        if wanted and waits_for_decision(known, record):
            sign_off(
                by=house.director,
                now=opened,
                record_id=record.id,
                version=record.version,
                site=None,
                adopted=True,
            )


def _sign_ins(sites: list[Site], password: str) -> list[SignIn]:
    return [
        SignIn(
            address(local),
            password,
            f"{name} {credentials}".strip(),
            str(ROLE_NAMES[role]),
            " and ".join(sites[index].name for index in where),
        )
        for local, name, credentials, role, where in STAFF
    ]
