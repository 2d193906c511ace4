"""The library: found by what one looks for, told in full, and licensed words from the file to the telephone."""

import json
import re
from datetime import date
from pathlib import Path
from uuid import UUID

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.http import HttpResponse
from django.test import Client
from django.urls import reverse
from django.utils import timezone
from tests.factories.access import a_client, a_user
from tests.factories.measures import an_ask
from tests.factories.portal import a_help, a_telephone
from tests.factories.tasks import CaredFor, cared_for
from tests.sharing import shared

from openkap import knowledge
from openkap.apps.access.roles import Role
from openkap.apps.knowledge_base.models import WordingPack
from openkap.apps.measures.forms import LibraryForm
from openkap.apps.measures.library import band_rows, missing_in_words, shelf
from openkap.apps.measures.models import Response
from openkap.knowledge.schema.instrument import Missing

pytestmark = pytest.mark.django_db
KNOWN = knowledge.load(date(2026, 11, 21)).instruments
GUIDE = Path(__file__).parents[4] / "docs" / "how-to" / "license-a-wording.md"
PACK = next(re.finditer(r"```yaml\n(.*?)```", GUIDE.read_text(encoding="utf-8"), re.DOTALL)).group(1)


@shared
def care() -> CaredFor:
    return cared_for()


def text(response: HttpResponse) -> str:
    return response.content.decode()


def found(**wanted: str) -> set[str]:
    """The ids that a search of the library leaves."""
    form = LibraryForm(wanted)
    assert form.is_valid()
    return {one.instrument.id for _about, kept in shelf(KNOWN.values(), form.cleaned_data) for one in kept}


def test_a_search_narrows_by_every_field_and_all_together() -> None:
    assert found() == set(KNOWN)
    assert found(about="sleep") == {"isi", "mos-sleep", "psqi", "sci", "sleep-week"}
    assert found(words="shipped") == {one.id for one in KNOWN.values() if one.items}
    assert found(by="clinician", words="shipped") == {"cgi-s", "cgi-i"}
    assert found(main_for="ptsd") >= {"pcl-5", "days-lost"}
    assert "phq-9" in found(language="es")
    assert "gad-7" not in found(language="es")
    assert found(q="PANIC disorder", about="panic", words="score-only") == {"pdss-sr", "apa-panic"}
    assert found(q="no such thing") == set()


def test_bands_and_missing_answers_are_said_as_people_read_them() -> None:
    phq_9, swls = KNOWN["phq-9"], KNOWN["swls"]
    rows = band_rows(phq_9.bands, phq_9.range, phq_9.decimals)
    assert [(row.lowest, row.highest) for row in rows] == [(0, 4), (5, 9), (10, 14), (15, 19), (20, 27)]
    assert [row.lowest for row in band_rows(swls.bands, swls.range, 0)] == [5, 10, 15, 20, 21, 26, 31]
    assert missing_in_words(Missing(at_most=0, required=("9",))) == "With an answer missing there is no score."
    assert missing_in_words(phq_9.missing) == (
        "Up to 2 answers may be missing: the others stand for them. Never estimated: 9."
    )


def test_the_library_shows_each_with_whose_words_it_has(care: CaredFor) -> None:
    client = a_client(care.therapist)
    page = text(client.get(reverse("measures:shelf"), {"about": "depression"}))
    assert reverse("measures:one", args=["madrs"]) in page
    assert reverse("measures:one", args=["gad-7"]) not in page
    assert page.count("Score only") >= 6
    assert "No questionnaire fits" in text(client.get(reverse("measures:shelf"), {"q": "zzz"}))


@pytest.mark.parametrize(
    ("instrument", "says"),
    [
        ("phq-9", ["The sum of the answers, from 0 to 27", "Moderately severe", "Answers to 9 reach a person",
                   "6 points either way", "waits for the medical director", "better off dead", "44261-6"]),
        ("pcl-5", ["18 points either way", "in use here", "Reliving (cluster B)", "33 or more"]),
        ("rand-36", ["There is no total", "Higher is better", "bodily pain", "<td>21, 22</td>"]),
        ("madrs", ["the words are not here", "10 or less", "12 or less", "Reliable change: not established"]),
        ("pswq", ["Questions 1, 3, 8, 10, 11 count the other way round"]),
        ("asq", ["Read one by one, never drawn as a course", "Acute positive"]),
    ],
)  # fmt: skip
def test_one_questionnaire_is_told_in_full(care: CaredFor, instrument: str, says: list[str]) -> None:
    page = text(a_client(care.therapist).get(reverse("measures:one", args=[instrument])))
    assert [words for words in says if words not in page] == []


def test_a_form_goes_to_other_systems_in_the_languages_it_has(care: CaredFor) -> None:
    client, address = a_client(care.therapist), reverse("measures:questionnaire", args=["phq-9"])
    for language, words in (("en", "Little interest"), ("es", "Poco interés")):
        made = client.get(address, {"language": language})
        assert made["Content-Type"] == "application/fhir+json"
        assert json.loads(made.content)["item"][0]["text"].startswith(words)
    for missing in ("fr", "xx"):
        assert client.get(address, {"language": missing}).status_code == 404
    assert client.get(reverse("measures:questionnaire", args=["madrs"])).status_code == 404
    assert client.get(reverse("measures:one", args=["no-such-thing"])).status_code == 404


def test_licensed_words_from_the_file_to_the_telephone_and_back(care: CaredFor) -> None:
    patient, site = care.patient, care.patient.site
    a_help(site)
    director = a_client(a_user(Role.MEDICAL_DIRECTOR, site=site))
    _take_up(director, site.public_id)
    one = reverse("measures:one", args=["wsas"])
    page = text(director.get(one))
    assert "Licensed here" in page
    assert "Made-up question 3" in page
    phone = a_telephone(patient)
    an_ask(patient, "wsas", timezone.now())
    phone.post(reverse("measures:own-start", args=["wsas"]), {"language": "en"})
    assert "Made-up question 1" in text(phone.get(reverse("measures:own-question", args=["wsas", 1])))
    for number in range(1, 6):
        phone.post(reverse("measures:own-question", args=["wsas", number]), {"answer": str(number)})
    phone.post(reverse("measures:own-check", args=["wsas"]))
    response = Response.objects.get(instrument_id="wsas")
    assert response.total == 15
    withdraw = reverse("knowledge_base:withdraw_wording", args=[WordingPack.objects.get().public_id])
    assert director.post(f"{withdraw}?site={site.public_id}").status_code == 302
    assert "the words are not here" in text(director.get(one))
    entry = text(
        a_client(care.therapist).get(reverse("measures:entry", args=[patient.public_id, response.public_id]))
    )
    assert "Made-up question 5" in entry


def _take_up(director: Client, site_id: UUID) -> None:
    address = f"{reverse('knowledge_base:wordings')}?site={site_id}"
    sent = {"licence": "Contract 12", "answers_for_it": "on"}
    wrong = SimpleUploadedFile("wsas.yaml", PACK.replace("highest: 40", "highest: 41").encode())
    refused = director.post(address, {**sent, "file": wrong})
    assert refused.status_code == 400
    assert "the range is not what the items can add up to" in text(refused)
    whole = SimpleUploadedFile("wsas.yaml", PACK.encode())
    assert director.post(address, {**sent, "file": whole}).status_code == 302
