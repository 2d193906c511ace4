"""One patient's way through the product, from a file to the chart that shows how the treatment does.

1. The coordinator uploads a chart from another system; again, and nothing changes. A file that was cut
   off is refused whole. She opens the chart to a prescriber, a monitor and a therapist.
2. The prescriber sets the indication, reads what stands against it and on which source, answers what is asked,
   enters a blood pressure; goes from what is missing to the history, enters what was tried and asks the
   screens; medical clearance is noted; then signs that treatment may be planned.
3. The therapist enters PHQ-9 and GAD-7; the chart draws them.
4. With the patient, the consent is read and signed. The prescriber starts a plan; its dated visits are on the
   chart.
5. On the day of the first dose the monitor opens its session and leads it from arrival to leaving.
6. The prescriber signs the session.
7. The next day the therapist records the integration visit and signs.
8. The PHQ-9 is filled in again: the chart shows the dose, the scores, and the change since baseline.
"""

import re
from collections.abc import Callable
from datetime import UTC, datetime
from pathlib import Path
from zoneinfo import ZoneInfo

from django.utils import timezone
from playwright.sync_api import Page, expect
from tests.factories import chart as fhir
from tests.factories.access import Personas, personas
from tests.factories.assessment import clear_items
from tests.factories.consent import site_words
from tests.factories.sites import a_site
from tests.journeys.agreeing import countersign, read_together, sign_as_patient
from tests.journeys.passing import pass_time
from tests.journeys.recalling import recall
from tests.product import Product

from openkap.apps.access.roles import ROLE_NAMES, Role
from openkap.apps.chart.models import Condition
from openkap.apps.dosing.models import Event, Session
from openkap.apps.knowledge_base.operations import sign_off
from openkap.apps.knowledge_base.queries import (
    can_be_decided,
    knowledge_for,
    records_of,
)
from openkap.apps.people.models import Patient
from openkap.apps.planning.models import Visit
from openkap.apps.therapy.models import IntegrationNote

PageAs = Callable[..., Page]
TEAM = (Role.PRESCRIBER, Role.MONITOR, Role.THERAPIST)
AFTERNOON = 14  # local hour at the clinic: a session begun now ends today


def a_clinic() -> Personas:
    """Its director has signed off what the day needs."""
    now = datetime.now(UTC)
    people = personas(a_site(time_zone=f"Etc/GMT{now.hour - AFTERNOON:+d}"))
    director = people[Role.MEDICAL_DIRECTOR]
    known = knowledge_for(people.site, now)
    for _kind, record in records_of(known):
        if can_be_decided(record):
            sign_off(
                by=director,
                now=now,
                record_id=record.id,
                version=record.version,
                site=people.site,
                adopted=True,
            )
    return people


def test_from_a_file_to_the_course_of_the_treatment(page_as: PageAs, product: Product, tmp_path: Path) -> None:
    people = a_clinic()
    import_the_chart(page_as(people[Role.COORDINATOR], "/patients/import/"), tmp_path)
    chart = f"/patients/{Patient.objects.get().public_id}/"
    open_it_to_the_team(page_as(people[Role.COORDINATOR], f"{chart}details/"), people)

    decide(page_as(people[Role.PRESCRIBER], f"{chart}assessment/"), chart)
    therapist = page_as(people[Role.THERAPIST], chart)
    fill_in(therapist, chart, "phq-9", "2222222100", total=15)
    fill_in(therapist, chart, "gad-7", "22221110", total=11)
    agree(page_as(people[Role.PRESCRIBER], f"{chart}assessment/consent/"), people)
    plan(page_as(people[Role.PRESCRIBER], f"{chart}plan/"), chart)

    dose = Visit.objects.filter(kind="dosing").earliest("on")
    today = timezone.now().astimezone(ZoneInfo(people.site.time_zone)).date()
    pass_time(product, days=(dose.on - today).days)
    monitor = page_as(people[Role.MONITOR], f"{chart}sessions/")
    prepare(monitor)
    give(monitor, product)
    let_go(monitor, product)
    sign(page_as(people[Role.PRESCRIBER], f"/dosing/{Session.objects.get().public_id}/"))

    pass_time(product, days=1)
    integrate(page_as(people[Role.THERAPIST], f"{chart}therapy/"))
    fill_in(therapist, chart, "phq-9", "1111110000", total=6)
    look_back(page_as(people[Role.PRESCRIBER], chart), chart)


def import_the_chart(page: Page, folder: Path) -> None:
    raw = fhir.synthea("milan-beatty")
    whole, cut = folder / "whole.json", folder / "cut.json"
    whole.write_bytes(raw)
    cut.write_bytes(raw[: len(raw) // 2])
    upload(page, cut)
    expect(page.get_by_text("Refused, nothing was taken over")).to_be_visible()
    expect(page.get_by_text("cut off")).to_be_visible()
    assert not Patient.objects.exists()
    upload(page, whole)
    expect(page.get_by_role("link", name="Milan", exact=False).first).to_be_visible()
    taken_over = Condition.objects.count()
    assert taken_over > 0
    upload(page, whole)
    expect(page.get_by_text("Nothing has changed since the last import.")).to_be_visible()
    assert (Patient.objects.count(), Condition.objects.count()) == (1, taken_over)


def upload(page: Page, file: Path) -> None:
    page.get_by_label("FHIR R4 bundles").set_input_files(file)
    page.get_by_role("button", name="Import", exact=True).click()


def open_it_to_the_team(page: Page, people: Personas) -> None:
    for role in TEAM:
        page.get_by_label("Member of staff").select_option(f"{people[role]}, {ROLE_NAMES[role]}")
        page.get_by_role("button", name="Add", exact=True).click()
        expect(page.get_by_text(f"{people[role]} can now open this chart.")).to_be_visible()


def decide(page: Page, chart: str) -> None:
    page.get_by_label("Indication", exact=True).select_option("Treatment-resistant depression")
    page.get_by_label("Drug", exact=True).select_option("Ketamine")
    page.get_by_label("Route", exact=True).select_option("iv")
    page.get_by_role("button", name="Set the indication").click()
    expect(page.get_by_role("heading", name="Something is needed first")).to_be_visible()
    asked = page.locator("details.finding-folded").first
    asked.locator("summary").first.click()
    expect(asked.locator("dt", has_text="Source")).to_be_visible()

    for no in page.locator(".answers-form").get_by_label("no", exact=True).all():
        no.check()
    page.get_by_role("button", name="Save the answers").click()
    expect(page.get_by_role("status").filter(has_text=re.compile(r"Saved \d+ answers?\."))).to_be_visible()
    page.goto(f"{chart}record/")
    page.get_by_label("Systolic").fill("124")
    page.get_by_label("Diastolic").fill("78")
    page.get_by_role("button", name="Save").click()
    expect(page.get_by_role("row").filter(has_text="measured here").first).to_contain_text("124")
    clear_items(Patient.objects.get(), timezone.now())  # one by one in tests/journeys/test_clearance.py
    recall(page, f"{chart}assessment/")
    expect(page.get_by_text("Nothing stands against it")).to_be_visible()
    page.get_by_label("Treatment may be planned").check()
    page.get_by_role("button", name="Sign", exact=True).click()
    expect(page.get_by_text("Signed by")).to_be_visible()


def fill_in(page: Page, chart: str, instrument: str, keys: str, total: int) -> None:
    page.goto(f"{chart}measures/enter/{instrument}/")
    page.get_by_role("radio").first.focus()
    page.keyboard.type(keys)
    page.get_by_role("button", name="Keep").click()
    expect(page.get_by_text(f"The total is {total}.")).to_be_visible()
    expect(page.get_by_role("table").get_by_text(f"{total} of ").first).to_be_visible()


def plan(page: Page, chart: str) -> None:
    page.get_by_role("radio", name="IV 0.5 mg/kg over 40 min, twice weekly").check()
    page.get_by_role("button", name="Show the dated visits").click()
    expect(page.get_by_role("row").filter(has_text="Dose 6 of 6")).to_be_visible()
    page.get_by_role("button", name="Start this plan").click()
    expect(page.get_by_text("The plan has started.")).to_be_visible()
    page.goto(chart)
    page.get_by_role("button", name="Table", exact=True).click()
    table = page.get_by_role("region", name="Timeline as a table")
    for visit in Visit.objects.filter(kind="dosing"):
        expect(table).to_contain_text(f"Dose {visit.dose_number}")


def agree(page: Page, people: Personas) -> None:
    """Patient and prescriber read the text together on one screen, and both sign."""
    site_words(people[Role.MEDICAL_DIRECTOR], people.site, timezone.now())
    page.reload()
    read_together(page)
    sign_as_patient(page, Patient.objects.get().name)
    countersign(page)


def prepare(page: Page) -> None:
    """From the list of sessions to the start of the dose."""
    page.get_by_label("Chair").first.fill("2")
    page.get_by_role("button", name="Open the console").first.click()
    answer(page, "Patient is here")
    page.get_by_role("button", name="Identity: two identifiers").click()
    page.locator("dialog.ask").get_by_label("Name", exact=True).check()
    page.locator("dialog.ask").get_by_label("Birth date").check()
    page.locator("dialog.ask").get_by_role("button", name="Save").click()
    answer(page, "Weight, measured today", Kilograms="80")
    answer(page, "Escort named", Who_takes_the_patient_home="Ana Reyes")
    take_readings(page, systolic=126, dissociation=0)
    expect(page.locator("#order")).to_contain_text("Ketamine 40 mg IV over 40 min")


def give(page: Page, product: Product) -> None:
    """The dose and its readings. Nobody waits an hour and a half for a test: what was entered is made older."""
    answer(page, "Start dose", "It is the same: start")
    expect(page.locator("#phase")).to_contain_text("Dosing")
    for systolic, dissociation in ((138, 4), (146, 6), (150, 7), (146, 5)):
        pass_time(product, minutes=10)
        page.reload()
        take_readings(page, systolic, dissociation)
    answer(page, "Dose ended")
    expect(page.locator("#phase")).to_contain_text("Peak")


def let_go(page: Page, product: Product) -> None:
    for systolic, dissociation in ((136, 2), (130, 1), (126, 0), (124, 0)):
        pass_time(product, minutes=15)
        page.reload()
        take_readings(page, systolic, dissociation)
    page.get_by_role("button", name="Check", exact=True).click()
    form = page.locator("dialog.ask")
    for yes in form.get_by_label("Yes").all():
        yes.check()
    form.get_by_role("button", name="Save").click()
    expect(page.locator("#ready")).to_contain_text("0 missing")
    page.get_by_role("button", name="Decide on discharge").click()
    form.get_by_label("Released with the escort").check()
    form.get_by_role("button", name="Save").click()
    answer(page, "End session")
    assert not Event.objects.filter(status="rejected").exists()


def take_readings(page: Page, systolic: int, dissociation: int) -> None:
    values = {"Systolic": systolic, "Diastolic": 80, "HR": 72, "SpO₂": 98}
    for label, value in values.items():
        page.get_by_role("textbox", name=label, exact=True).fill(str(value))
    page.get_by_role("button", name="MOAA/S 5").click()
    page.get_by_role("button", name=f"Dissociation {dissociation}", exact=True).click()
    page.get_by_role("combobox", name="Nausea, 0 none").select_option("0")
    with page.expect_response("**/events/"):
        page.locator("#dock .save").click()
    expect(page.locator("#plot .val.big")).to_have_text(f"{systolic}/80")
    expect(page.locator("#unsent")).to_be_empty()


def answer(page: Page, act: str, save: str = "Save", **typed: str) -> None:
    """Press an act and answer its short form."""
    page.locator("#acts, #ready").get_by_role("button", name=act).first.click()
    form = page.locator("dialog.ask")
    for label, text in typed.items():
        form.get_by_label(label.replace("_", " ")).fill(text)
    with page.expect_response("**/events/"):
        form.get_by_role("button", name=save).click()


def sign(page: Page) -> None:
    answer(page, "Sign", "Sign")
    expect(page.get_by_role("button", name="Addendum")).to_be_visible()
    page.get_by_role("link", name="Record of the session").click()
    expect(page.get_by_role("heading", name="Dosing session, dose 1 of 6")).to_be_visible()
    assert Session.objects.get().signed_by is not None


def integrate(page: Page) -> None:
    page.get_by_role("link", name="Write the note").first.click()
    page.get_by_label("EMDR").check()
    page.get_by_label("What happened").fill("the corridor, and what stood at its end")
    page.get_by_role("button", name="Sign the note").click()
    expect(page.get_by_text("Signed. The visit is done.")).to_be_visible()
    assert IntegrationNote.objects.get().visit.dose_number == 1


def look_back(page: Page, chart: str) -> None:
    """The chart holds the whole thread."""
    course = page.get_by_role("img", name="Course of treatment of Milan Beatty")
    expect(course).to_contain_text("40.0 mg IV")
    expect(course).to_contain_text("EMDR")
    expect(course).to_contain_text("down 9: reliable")
    page.goto(f"{chart}measures/")
    expect(page.get_by_role("row").filter(has_text="down 9").first).to_be_visible()
