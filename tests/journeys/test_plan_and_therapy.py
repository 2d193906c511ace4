"""A plan is started and a visit moved; a therapist writes notes; tasks and alerts are closed."""

from collections.abc import Callable
from datetime import timedelta

import pytest
from django.utils import timezone
from playwright.sync_api import Page, expect
from tests.browsing import assert_good_in_every_look, assert_no_sideways_scroll, eventually
from tests.factories.planning import UNSIGNED, ready_for_plan, visits
from tests.factories.sites import day_here
from tests.factories.tasks import CaredFor, a_task, an_alert, cared_for
from tests.factories.therapy import a_note, after_a_dose

from openkap.apps.planning.models import Plan, Visit
from openkap.apps.planning.queries import visits_in
from openkap.apps.tasks.models import Alert, Task
from openkap.apps.therapy.models import IntegrationNote, ProcessNote
from openkap.web.models import Draft

PageAs = Callable[..., Page]
Check = Callable[..., None]


def test_a_prescriber_looks_at_the_dated_visits_then_starts_the_plan(page_as: PageAs) -> None:
    cared = ready_for_plan()
    page = page_as(cared.prescriber, f"/patients/{cared.patient.public_id}/plan/")
    expect(page.get_by_text("Singh JB et al.").first).to_be_attached()
    page.get_by_role("radio", name="integration within 48 h").check()
    page.get_by_role("button", name="Show the dated visits").click()
    expect(page.get_by_role("row").filter(has_text="Dose 6 of 6")).to_be_visible()
    assert not Plan.objects.exists()
    page.get_by_label("Why it is planned all the same").fill(UNSIGNED)
    page.get_by_role("button", name="Start this plan").click()
    expect(page.get_by_text("The plan has started.")).to_be_visible()
    expect(page.get_by_role("row").filter(has_text="Integration after dose 3")).to_contain_text("(hypothesis)")
    page.goto(f"/patients/{cared.patient.public_id}/")
    expect(page.locator("body")).to_contain_text("Day 1 of")


def test_a_coordinator_moves_a_dose_and_its_integration_follows(page_as: PageAs) -> None:
    cared = ready_for_plan()
    plan = _plan_ahead(page_as, cared)
    third = [visit for visit in visits_in(plan) if visit.kind == "dosing"][2]
    page = page_as(cared.coordinator, f"/visits/{third.public_id}/")
    page.get_by_label("New day").fill((third.on - timedelta(days=6)).isoformat())
    page.get_by_role("button", name="Move the visit").click()
    expect(page.get_by_text("The protocol sets this limit.")).to_be_visible()
    page.get_by_label("New day").fill((third.on + timedelta(days=1)).isoformat())
    page.get_by_label("Why optional").fill("exam")
    page.get_by_role("button", name="Move the visit").click()
    expect(page.get_by_text("Moved").first).to_be_visible()
    expect(page.get_by_text(": exam")).to_be_visible()
    assert Visit.objects.get(pk=third.pk).on == third.on + timedelta(days=1)


def _plan_ahead(page_as: PageAs, cared: CaredFor) -> Plan:
    page = page_as(cared.prescriber, f"/patients/{cared.patient.public_id}/plan/")
    page.get_by_role("radio", name="integration within 48 h").check()
    page.get_by_label("Start", exact=True).fill((day_here(timezone.now()) + timedelta(days=10)).isoformat())
    page.get_by_role("button", name="Show the dated visits").click()
    page.get_by_label("Why it is planned all the same").fill(UNSIGNED)
    page.get_by_role("button", name="Start this plan").click()
    expect(page.get_by_text("The plan has started.")).to_be_visible()
    page.context.close()
    return Plan.objects.get()


def test_a_therapist_writes_the_note_and_a_process_note_that_nobody_else_opens(page_as: PageAs) -> None:
    sitting, visit = after_a_dose()
    cared = sitting.cared
    page = page_as(cared.therapist, f"/patients/{cared.patient.public_id}/therapy/")
    page.get_by_role("link", name="Write the note").first.click()
    expect(page.get_by_text("after dose 1, inside 48 h (hypothesis)")).to_be_visible()
    expect(page.get_by_text("Animal work on spine formation")).to_be_visible()
    page.get_by_label("EMDR").check()
    page.get_by_label("What happened").fill("worked on the corridor")
    expect(page.locator("[data-draft-note]")).to_contain_text("Kept as a draft")
    eventually(page, lambda: any(Draft.objects.get().fields["what_happened"]), "what was typed is kept")

    again = page_as(cared.therapist, f"/visits/{visit.public_id}/note/")  # the tab was closed
    expect(again.get_by_label("What happened")).to_have_value("worked on the corridor")
    again.get_by_role("button", name="Sign the note").click()
    expect(again.get_by_text("Signed. The visit is done.")).to_be_visible()
    assert IntegrationNote.objects.get().methods == ["therapy-emdr"]

    again.get_by_role("link", name="Write a process note").click()
    again.get_by_role("textbox", name="Process note").fill("pulled to rescue her")
    again.get_by_role("button", name="Seal it").click()
    again.wait_for_url("**/process-notes/**")
    expect(again.get_by_role("textbox", name="Process note")).to_have_value("pulled to rescue her")
    address = again.url
    director = page_as(cared.medical_director, "/")
    answer = director.goto(address)
    assert answer is not None
    assert answer.status in {403, 404}
    assert "rescue" not in director.content()
    assert ProcessNote.objects.count() == 1


def test_an_alert_is_answered_and_a_task_closed(page_as: PageAs) -> None:
    cared = cared_for()
    alert, task = an_alert(cared), a_task(cared, owner=cared.prescriber)
    page = page_as(cared.prescriber, "/tasks/")
    card = page.locator(f"#alert-{alert.public_id}")
    card.get_by_text("Acknowledge", exact=True).click()
    card.get_by_label("What was done").fill("called her")
    card.get_by_role("button", name="Save", exact=True).click()
    expect(page.locator(f"#alert-{alert.public_id}")).to_have_count(0)
    row = page.locator(f"#task-{task.public_id}")
    row.get_by_text("Close this task").click()
    row.get_by_role("button", name="Done").click()
    expect(page.locator(f"#task-{task.public_id}")).to_have_count(0)
    assert Alert.objects.get().what_was_done == "called her"
    assert Task.objects.get(pk=task.pk).closed_by == cared.prescriber


def test_the_pages_are_accessible_and_fit(page_as: PageAs) -> None:
    sitting, visit = after_a_dose()
    cared, chart = sitting.cared, f"/patients/{sitting.cared.patient.public_id}/"
    note = a_note(sitting, visit)
    a_task(cared, owner=cared.therapist)
    an_alert(cared)
    ahead = next(v for v in visits(Plan.objects.get()) if v.state == "planned" and v.kind == "integration")
    page = page_as(cared.therapist)
    for path, picture in (
        (f"{chart}plan/", "plan"),
        (f"{chart}therapy/", "therapy"),
        (f"/therapy-notes/{note.public_id}/", "therapy-note"),
        (f"/visits/{ahead.public_id}/", "visit"),
        (f"/visits/{ahead.public_id}/note/", "therapy-write"),
        (f"/visits/{ahead.public_id}/process-note/", "process-note"),
        (f"/schedule/?week={ahead.on.isoformat()}", "schedule"),
        ("/tasks/", "tasks"),
    ):
        page.goto(path)
        assert_good_in_every_look(page, picture)


@pytest.mark.parametrize("narrow", [False, True], ids=["1440", "360"])
def test_choosing_a_protocol_is_accessible(
    page_as: PageAs, axe: Check, screenshot: Check, narrow: bool
) -> None:
    cared = ready_for_plan()
    page = page_as(cared.prescriber, f"/patients/{cared.patient.public_id}/plan/", narrow=narrow)
    axe(page)
    assert_no_sideways_scroll(page)
    screenshot(page, f"plan-choose{'-narrow' if narrow else ''}")
    page.get_by_role("radio").first.check()
    page.get_by_role("button", name="Show the dated visits").click()
    expect(page.get_by_role("button", name="Start this plan")).to_be_visible()
    axe(page)
    assert_no_sideways_scroll(page)
    screenshot(page, f"plan-preview{'-narrow' if narrow else ''}")
