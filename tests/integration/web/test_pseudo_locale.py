"""Pages in the pseudo-locale: what is neither translated nor from the record cannot be translated."""

import re
import subprocess
import sys
from collections.abc import Iterator
from html.parser import HTMLParser
from pathlib import Path

import pytest
import time_machine
from django.test import Client
from django.utils import translation
from pytest_django import Settings
from tests.factories.access import a_client
from tests.factories.planning import a_plan, ready_for_plan
from tests.factories.sites import THEN
from tests.factories.tasks import CaredFor, a_task, an_alert, cared_for
from tests.sharing import shared

from openkap.apps.access.models import User
from openkap.apps.tasks.queries import alerts_of, tasks_of
from openkap.web.pseudo import CODE, is_translated, write_catalogue

pytestmark = pytest.mark.django_db
ROOT = Path(__file__).resolve().parents[3]
ATTRIBUTES = {"aria-label", "placeholder", "title", "alt"}
# Names that are the same in every language, and units.
ABBREVIATIONS = """
    OpenKAP mmHg mg kg min h PHQ-9 GAD-7 ASQ EMDR IFS IV MOAA/S SpO₂ points English Español Pseudo
"""
SAME_EVERYWHERE = frozenset(ABBREVIATIONS.split())


class Shown(HTMLParser):
    """The texts of a page, those that screen readers get included; not what scripts hold."""

    def __init__(self) -> None:
        super().__init__()
        self.texts: list[str] = []
        self._skipping = 0

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self._skipping += tag in {"script", "style"}
        self.texts += [value for name, value in attrs if name in ATTRIBUTES and value]

    def handle_endtag(self, tag: str) -> None:
        self._skipping -= tag in {"script", "style"}

    def handle_data(self, data: str) -> None:
        if not self._skipping and data.strip():
            self.texts.append(" ".join(data.split()))


def shown(html: str) -> list[str]:
    page = Shown()
    page.feed(html)
    return page.texts


@pytest.fixture(scope="module")
def catalogue(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A folder with the pseudo-locale, made from the texts of the package as it is now."""
    folder = tmp_path_factory.mktemp("pseudo")
    template = folder / "openkap.pot"
    babel = Path(sys.executable).with_name("pybabel")
    words = ["-k", "pgettext_lazy:1c,2", "-k", "ngettext_lazy:1,2", "-k", "gettext_lazy"]
    mapping = ROOT / "src/openkap/web/locale/babel.cfg"
    subprocess.run(
        [babel, "--quiet", "extract", "-F", mapping, *words, "-o", template, ROOT / "src/openkap"], check=True
    )
    write_catalogue(template, folder)
    return folder


@pytest.fixture
def pseudo_locale(settings: Settings, catalogue: Path) -> Iterator[None]:
    settings.LANGUAGES = [*settings.LANGUAGES, (CODE, "Pseudo")]
    settings.LOCALE_PATHS = [catalogue, *settings.LOCALE_PATHS]
    yield
    translation.activate("en")


@shared
def cared() -> CaredFor:
    cared = ready_for_plan(cared_for())
    a_plan(cared)
    a_task(cared)
    an_alert(cared)
    return cared


def from_the_record(cared: CaredFor) -> list[str]:
    people = [str(user) for user in User.objects.all()]
    emails = [user.email for user in User.objects.all()]
    patient = cared.patient
    initials = ["".join(word[0] for word in name.split()) for name in [*people, patient.name]]
    names = [patient.name, patient.given_name, patient.family_name, patient.record_number]
    details = [alert.detail for alert in alerts_of(patient)] + [task.detail for task in tasks_of(patient)]
    places = [cared.site.name, cared.site.time_zone]
    return [text for text in (*people, *emails, *initials, *names, *details, *places) if text]


def untranslated(html: str, known: list[str]) -> list[str]:
    """Texts of the page with letters left once names from the record, units and dates are taken out."""
    names = sorted([*known, *SAME_EVERYWHERE, *DATE_WORDS], key=len, reverse=True)
    away = re.compile("|".join(rf"(?<!\w){re.escape(name)}(?!\w)" for name in names))
    return [text for text in shown(html) if not is_translated(away.sub("", text))]


# Django's own catalogue has the names of days and months; it has no pseudo-locale.
DATES = """
    January February March April May June July August September October November December
    Jan. Feb. Aug. Sept. Oct. Nov. Dec. Jan Feb Mar Apr Jun Jul Aug Sep Oct Nov Dec
    Monday Tuesday Wednesday Thursday Friday Saturday Sunday Mon Tue Wed Thu Fri Sat Sun
    a.m. p.m. noon midnight minutes minute hours hour days day weeks week months month
"""
DATE_WORDS = frozenset(DATES.split())

STAFF = """
    / /?show=mine /?show=not-ready /settings/ /settings/security/ /tasks/ /schedule/ /no/such/page/
    /patients/ /patients/import/ /patients/new/
"""
STAFF_PAGES = STAFF.split()
# The other tabs show texts of knowledge records, which carry their own translations.
CHART_PAGES = ("", "sessions/", "measures/", "details/", "access-log/")


def pages(cared: CaredFor) -> list[str]:
    root = f"/patients/{cared.patient.public_id}/"
    return [*STAFF_PAGES, *(root + page for page in CHART_PAGES)]


@pytest.mark.usefixtures("pseudo_locale")
def test_every_text_of_the_shell_can_be_translated(cared: CaredFor) -> None:
    director = cared.medical_director
    User.objects.filter(pk=director.pk).update(language=CODE)
    client = a_client(director)
    known = from_the_record(cared)
    with time_machine.travel(THEN, tick=False):
        found = {path: untranslated(client.get(path).content.decode(), known) for path in pages(cared)}
    assert {path: texts for path, texts in found.items() if texts} == {}


@pytest.mark.usefixtures("pseudo_locale")
def test_the_gallery_too(cared: CaredFor) -> None:
    User.objects.filter(pk=cared.medical_director.pk).update(language=CODE)
    html = a_client(cared.medical_director).get("/gallery/").content.decode()
    samples = [
        "ketamine",
        "esketamine",
        "28 mg IV",
        "35 mg IV",
        "sample-rule v1",
        "sample-rule v2",
        "This field is required.",
        "tomorrow",
    ]
    built_in = ["Ensure this value is greater than or equal to 1.", "Enter a valid date."]
    assert untranslated(html, [*from_the_record(cared), *samples, *built_in]) == []


@pytest.mark.usefixtures("pseudo_locale")
def test_plain_english_would_be_found() -> None:
    assert untranslated("<p>Hello there</p><script>var hello</script>", []) == ["Hello there"]
    assert untranslated('<button aria-label="Close">⟦x⟧</button>', []) == ["Close"]


def test_it_is_never_offered_to_people(client: Client) -> None:
    html = client.get("/sign-in/").content.decode()
    assert CODE not in html
