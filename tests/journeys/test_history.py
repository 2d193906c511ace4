"""A prescriber enters what was tried, sees stages with their working, asks the screens and concludes."""

from collections.abc import Callable

from playwright.sync_api import Page, expect
from tests.browsing import assert_good_in_every_look
from tests.factories.assessment import an_episode
from tests.factories.history import a_trial, a_whole_history
from tests.factories.tasks import cared_for
from tests.journeys.recalling import enter, say_the_spell

from openkap.apps.assessment.models import DifferentialDecision, PastTreatment

PageAs = Callable[..., Page]
Check = Callable[..., None]
TRIALS = (("sertraline", "150", "10", "15"), ("venlafaxine", "225", "8", "38"), ("bupropion", "300", "7", "10"))


def test_three_trials_become_stages_with_their_working(page_as: PageAs) -> None:
    cared = cared_for()
    an_episode(cared.patient, cared.prescriber)
    page = page_as(cared.prescriber, f"/patients/{cared.patient.public_id}/assessment/")
    page.get_by_role("link", name="History", exact=True).click()
    expect(page.get_by_text("That does not mean that nothing was tried.")).to_be_visible()
    for trial in TRIALS:
        enter(page, *trial)
    resistance = page.get_by_role("region", name="Treatment resistance")
    expect(resistance.get_by_text("No stage yet.")).to_be_visible()
    say_the_spell(page)
    expect(resistance.get_by_text("9, moderate")).to_be_visible()
    expect(resistance.get_by_role("row").filter(has_text="Sum")).to_contain_text("3 + 4 + 2 + 0 + 0")
    expect(resistance.get_by_text("2 failed: resistant")).to_be_visible()
    expect(resistance.get_by_text("3 failed: resistant")).to_be_visible()
    expect(resistance.get_by_text("two different classes failed (NDRI, SSRI)")).to_be_visible()
    expect(page.get_by_role("row").filter(has_text="venlafaxine")).to_contain_text("partial")
    assert PastTreatment.objects.count() == len(TRIALS)
    page.get_by_role("link", name="Findings", exact=True).click()
    expect(page.get_by_role("region", name="Treatment resistance").get_by_text("9, moderate")).to_be_visible()
    expect(page.locator("#resistant-two-failed-trials")).to_have_count(0)


def test_a_correction_and_a_withdrawal_are_seen_ever_after(page_as: PageAs) -> None:
    cared = cared_for()
    a_trial(cared.patient, cared.prescriber)
    page = page_as(cared.prescriber, f"/patients/{cared.patient.public_id}/assessment/history/")
    page.get_by_role("link", name="Correct sertraline").click()
    page.get_by_label("Better by").fill("60")
    page.get_by_role("button", name="Save").click()
    expect(page.get_by_role("row").filter(has_text="sertraline")).to_contain_text("60 %")
    page.get_by_role("link", name="Correct sertraline").click()
    page.get_by_text("Entered in error").click()
    page.get_by_label("Why it was wrong").fill("her sister's medicine")
    page.get_by_role("button", name="Withdraw").click()
    expect(page.get_by_text("Nothing is entered yet.")).to_be_visible()
    page.get_by_text("2 earlier entries were changed").click()
    expect(page.get_by_text("her sister's medicine")).to_be_visible()


def test_screens_are_asked_and_a_clinician_concludes(page_as: PageAs) -> None:
    cared = cared_for()
    an_episode(cared.patient, cared.prescriber)
    page = page_as(cared.prescriber, f"/patients/{cared.patient.public_id}/assessment/history/")
    page.get_by_role("link", name="Ask Was there ever mania").click()
    expect(page.get_by_text("they are not a validated instrument")).to_be_visible()
    page.get_by_role("group", name="Has anyone ever diagnosed a bipolar disorder").get_by_label("yes").check()
    page.get_by_role("button", name="Save the answers").click()
    expect(page.get_by_text("may be bipolar")).to_be_visible()
    page.get_by_text("Conclude", exact=True).click()
    page.get_by_label("What leads", exact=True).select_option(label="Depression")
    page.get_by_label("not decided").check()
    page.get_by_label("Why", exact=True).fill("Lithium was given in 2019; records are on their way.")
    page.get_by_role("button", name="Keep the conclusion").click()
    expect(page.get_by_text("Lithium was given in 2019").first).to_be_visible()
    assert DifferentialDecision.objects.get().conclusion == "not-decided"
    page.get_by_role("link", name="Findings", exact=True).click()
    expect(page.locator("#differential-bipolar-screen")).to_be_visible()


def test_acute_suicidal_thoughts_name_their_setting_and_protocols(page_as: PageAs) -> None:
    cared = cared_for()
    an_episode(cared.patient, cared.prescriber, indication="mdd-si", drug="esketamine", route="in")
    page = page_as(cared.prescriber, f"/patients/{cared.patient.public_id}/assessment/")
    notice = page.get_by_role("region", name="Acute suicidal thoughts")
    expect(notice.get_by_text("The setting comes first")).to_be_visible()
    expect(notice.get_by_role("link", name="Esketamine nasal spray in acute suicidal thoughts")).to_be_visible()


def test_the_pages_are_accessible_and_fit(page_as: PageAs) -> None:
    cared = cared_for()
    an_episode(cared.patient, cared.prescriber)
    a_whole_history(cared.patient, cared.prescriber)
    row = a_trial(cared.patient, cared.prescriber, treatment="bupropion", percent_better=None)
    root = f"/patients/{cared.patient.public_id}/assessment/history/"
    page = page_as(cared.prescriber)
    for path, picture in (
        (root, "history"),
        (f"{root}add/drug/", "history-drug"),
        (f"{root}{row.public_id}/", "history-correct"),
        (f"{root}screens/condition-questions/", "history-screen"),
    ):
        page.goto(path)
        assert_good_in_every_look(page, picture)
