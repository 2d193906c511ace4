"""Every page of the product, as someone who may see it: accessible, within the window, one heading, no fault.

The pages are the routes of the product. A new one is walked without being named here, at the address that
tests/factories/routes.py gives; what is no page, or leads on to another, is named below with the reason.
"""

from collections.abc import Callable, Iterator
from urllib.parse import urlsplit

from django.contrib.auth.tokens import default_token_generator
from django.urls import reverse
from playwright.sync_api import Page, expect
from tests.browsing import assert_accessible, assert_no_sideways_scroll
from tests.factories.access import PASSWORD, a_user, personas
from tests.factories.chart import NAMES, imported, synthea
from tests.factories.measures import a_phq_9
from tests.factories.routes import ON_TEAMS, Route, World, address, routes
from tests.factories.sites import THEN, a_site
from tests.factories.tasks import CaredFor, a_task, an_alert
from tests.journeys.people import code_of, give_authenticator
from tests.product import Product

from openkap.apps.access.models import User
from openkap.apps.access.roles import ROLES, Role
from openkap.apps.audit.operations import SystemActor
from openkap.apps.people.models import Patient
from openkap.apps.people.operations import add_to_care_team

PageAs = Callable[..., Page]
WINDOWS = (("light", 1440, 900), ("dark", 360, 740))
PAINTED = "() => new Promise((done) => requestAnimationFrame(() => requestAnimationFrame(() => done())))"
ONLY_POST = 405
SMALLEST = min(NAMES, key=lambda name: len(synthea(name)))

NO_PAGE = {
    "dosing:console": "a page that lives: test_dosing.py walks it, at its own sizes",
    "web:health": "lines for monitors",
    "portal:ask": "test_portal.py walks the patients' door",
    "portal:open": "test_portal.py walks the patients' door",
    "portal:help": "test_portal.py walks it, as a patient and as a stranger",
    "portal:worker": "a script",
    "portal:kept-offline": "test_portal_line.py walks it without a line",
    "portal:kept-help": "test_portal_line.py walks it without a line",
    "portal:kept-plan": "test_portal_line.py walks it without a line",
    "portal:leave": "it leads out of the product, which is what it is for",
    "portal:language": "a button of other pages",
    "portal:text-size": "a button of other pages",
    "portal:sign-out": "a button of other pages",
    "consent:pdf": "a file",
    "consent:own-pdf": "a file",
    "consent:blank": "a file",
    "tasks:strip": "a strip of other pages",
    "assessment:summary-pdf": "a file",
    "measures:fhir": "a file",
    "measures:questionnaire": "a file",
    "measures:starting-file": "a file",
    "web:draft": "JSON for fields that keep drafts",
    "dosing:state": "JSON for the console",
    "dosing:forecast": "JSON for the console",
    "dosing:stream": "events without end",
}
LEADS_ON = {
    "access:unlock": "nothing is locked",
    "mfa_login_webauthn": "the sign-in page asks for the passkey itself",
    "mfa_list_webauthn": "to the page of one's own security",
    "account_set_password": "everyone who walks has a password already",
    "portal:site-helps": "to the one site there is",
    "therapy:write": "to the note, once it is signed; test_plan_and_therapy.py fills the form",
    "consent:sites": "to the one site there is",
    "measures:burden-sites": "to the one site there is",
    "consent:read": "to the record, once it is signed; test_consent.py walks the tablet",
    "consent:section": "to the record, once it is signed; test_consent.py walks it",
    "consent:understood": "to the record, once it is signed; test_consent.py walks it",
    "consent:sign": "to the record, once it is signed; test_consent.py walks it",
    "consent:own-read": "to one's agreements, once it is signed; test_consent.py walks it",
    "consent:own-section": "to one's agreements, once it is signed; test_consent.py walks it",
    "consent:own-understood": "to one's agreements, once it is signed; test_consent.py walks it",
    "consent:own-sign": "to one's agreements, once it is signed; test_consent.py walks it",
    "mfa_reauthenticate_webauthn": "nobody who walks has a passkey",
    "mfa_edit_webauthn": "nobody who walks has a passkey",
    "mfa_remove_webauthn": "nobody who walks has a passkey",
    "mfa_view_recovery_codes": "nobody who walks has recovery codes",
}
WHO_WALKS = (
    Role.MEDICAL_DIRECTOR,
    Role.THERAPIST,
    Role.PRIVACY_OFFICER,
    Role.ADMINISTRATOR,
    Role.PATIENT,
)
OF_THE_DOOR = {"account_login", "mfa_authenticate", "account_inactive", "access:welcome"}
OF_ONES_ACCOUNT = ("mfa_", "account_")
WITHOUT_AN_APP = {"mfa_activate_totp"}  # for those who have none yet


class Walk:
    """Pages looked at, and what is wrong with them: all of it at once, not the first page only."""

    def __init__(self) -> None:
        self.faults: list[str] = []
        self.seen: set[str] = set()

    def to(self, page: Page, route: str, path: str) -> None:
        """Go to a page and look at it."""
        if page.request.get(path, max_redirects=0).status == ONLY_POST:
            self.seen.add(route)
            return
        answer = page.goto(path)
        status = answer.status if answer else 0
        arrived = urlsplit(page.url).path
        if status != 200 or arrived != urlsplit(path).path:
            self.faults.append(f"{route}: {path} answered {status} at {arrived}")
            return
        self.look(page, route)

    def look(self, page: Page, route: str) -> None:
        """Judge the page that is open, wide and light, then narrow and dark."""
        self.seen.add(route)
        for scheme, width, height in WINDOWS:
            page.emulate_media(color_scheme=scheme)  # type: ignore[arg-type]  # one of the words it knows
            page.set_viewport_size({"width": width, "height": height})
            expect(page.locator("html")).to_have_attribute("data-bs-theme", scheme)
            page.evaluate(PAINTED)
            for judge in (_has_one_heading, assert_accessible, assert_no_sideways_scroll):
                try:
                    judge(page)
                except AssertionError as error:
                    self.faults.append(f"{route}, {scheme} at {width} px: {error}")


def _has_one_heading(page: Page) -> None:
    assert page.title().strip(), f"{page.url} has no title"
    headings = page.locator("h1").all_inner_texts()
    assert len(headings) == 1, f"{page.url} has these first headings: {headings}"


def test_every_page_is_in_order(a_page: PageAs, page_as: PageAs, product: Product) -> None:
    world = _a_clinic_at_work()
    walk = Walk()
    _through_the_door(walk, a_page(), world)
    _as_newcomer(walk, a_page(), world)
    for role in WHO_WALKS:
        if role is not Role.ADMINISTRATOR:  # who has come in by the door, and walked then
            _as_role(walk, page_as(world.here[role]), role, world)
    expected = {route.name for route in routes()} - set(NO_PAGE) - set(LEADS_ON)
    assert not walk.faults, "\n\n".join(walk.faults)
    assert walk.seen == expected


def _a_clinic_at_work() -> World:
    """A site with everyone, and a patient with all that a chart can hold."""
    here = personas(a_site())
    patient = imported(synthea(SMALLEST), here.site).patient
    for role in ON_TEAMS:
        add_to_care_team(by=SystemActor(), now=THEN, patient=patient, user=here[role])
    Patient.objects.filter(pk=patient.pk).update(user=here[Role.PATIENT])
    world = World(here, here, patient, patient, patient)
    a_phq_9(patient, THEN, "1,2,1,0,3,1,0,2,1")
    roles = (Role.PRESCRIBER, Role.THERAPIST, Role.MONITOR, Role.COORDINATOR, Role.MEDICAL_DIRECTOR)
    cared = CaredFor(patient, here.site, *(here[role] for role in roles))
    an_alert(cared)
    a_task(cared)
    return world


def _walker(route: Route) -> Role:
    assert route.policy
    if route.name.startswith(OF_ONES_ACCOUNT):
        return Role.ADMINISTRATOR
    return next(role for role in WHO_WALKS if route.policy.permission in ROLES[role])


def _ways(role: Role) -> Iterator[Route]:
    """The pages that fall to this role."""
    for route in routes():
        named = {*NO_PAGE, *LEADS_ON, *OF_THE_DOOR, *WITHOUT_AN_APP, "therapy:process-note"}
        if route.name not in named and _walker(route) is role:
            yield route


def _as_role(walk: Walk, page: Page, role: Role, world: World) -> None:
    for route in _ways(role):
        walk.to(page, route.name, address(route, world, world.own))
    if role is not Role.PATIENT:  # who has a Today of their own
        walk.to(page, "web:today", "/")
    if role is Role.THERAPIST:
        _seal_a_process_note(walk, page, world)
    if role in {Role.PRIVACY_OFFICER, Role.PATIENT}:
        walk.to(page, "web:access_log", f"/patients/{world.own.public_id}/access-log/")


def _seal_a_process_note(walk: Walk, page: Page, world: World) -> None:
    write = next(route for route in routes() if route.name == "therapy:write-process-note")
    page.goto(address(write, world, world.own))
    page.get_by_role("textbox", name="Process note").fill("pulled to rescue her")
    page.get_by_role("button", name="Seal it").click()
    page.wait_for_url("**/process-notes/**")
    walk.look(page, "therapy:process-note")


def _through_the_door(walk: Walk, page: Page, world: World) -> None:
    """Signs in as the administrator, with the code of the app, and walks their pages."""
    user = world.here[Role.ADMINISTRATOR]
    _set_password(user)
    secret = give_authenticator(user)
    newcomer = a_user(Role.MONITOR, site=world.here.site)
    token = default_token_generator.make_token(newcomer)
    walk.to(page, "access:welcome", reverse("access:welcome", args=[newcomer.public_id, token]))
    walk.to(page, "account_inactive", reverse("account_inactive"))
    walk.to(page, "account_login", reverse("account_login"))
    _give_password(page, user)
    page.wait_for_url("**/sign-in/second-factor/")
    walk.look(page, "mfa_authenticate")
    page.locator("input[name=code]").fill(code_of(secret))
    page.locator("form:has(input[name=code]) button[type=submit]").first.click()
    page.wait_for_url(lambda url: "/sign-in/" not in url)
    _as_role(walk, page, Role.ADMINISTRATOR, world)


def _as_newcomer(walk: Walk, page: Page, world: World) -> None:
    """Somebody with a password and no second factor yet."""
    user = a_user(Role.MONITOR, site=world.here.site, password=PASSWORD)
    page.goto(reverse("account_login"))
    _give_password(page, user)
    page.wait_for_url("**/settings/security/**")
    for name in sorted(WITHOUT_AN_APP):
        walk.to(page, name, reverse(name))


def _set_password(user: User) -> None:
    user.set_password(PASSWORD)
    user.save()


def _give_password(page: Page, user: User) -> None:
    page.locator("input[name=login]").fill(user.email)
    page.locator("input[name=password]").fill(PASSWORD)
    page.locator("form:has(input[name=password]) button[type=submit]").first.click()
