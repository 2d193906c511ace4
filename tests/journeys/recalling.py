"""What a prescriber does to enter what was tried and to ask the screens, for journeys."""

from playwright.sync_api import Page, expect
from tests.browsing import status

FAILED = (("sertraline", "150", "10", "15"), ("venlafaxine", "225", "8", "20"))


def yes(page: Page, question: str) -> None:
    """One question of a form, answered with yes."""
    page.get_by_role("group", name=question).get_by_role("radio", name="yes", exact=True).check()


def enter(page: Page, medicine: str, dose: str, weeks: str, better: str) -> None:
    """One medicine that was dosed and taken well and did too little."""
    page.get_by_role("link", name="Medicine", exact=True).click()
    page.get_by_label("What", exact=True).fill(medicine)
    page.get_by_label("Highest dose reached").fill(dose)
    page.get_by_label("Weeks at that dose").fill(weeks)
    page.get_by_label("Better by").fill(better)
    yes(page, "Was the dose adequate?")
    yes(page, "Was it taken as agreed?")
    page.get_by_label("Why it ended").select_option(label="too little effect")
    page.get_by_role("button", name="Save").click()
    expect(page.get_by_text("Added to the history.")).to_be_visible()


def say_the_spell(page: Page) -> None:
    """When the present spell began, how severe it was then, and that nothing is left out."""
    page.get_by_label("The present spell began").fill("2023-02")
    page.get_by_label("How severe at its start").select_option(label="severe, without psychosis")
    page.get_by_label("Everything that was tried is entered").check()
    page.get_by_role("region", name="The present spell of illness").get_by_role("button", name="Save").click()
    expect(status(page, "Saved.")).to_be_visible()


def recall(page: Page, findings: str) -> None:
    """From the findings that lack it to a whole history: two medicines failed, and no screen found anything."""
    page.goto(findings)
    page.get_by_role("link", name="Enter what was tried").first.click()
    for trial in FAILED:
        enter(page, *trial)
    say_the_spell(page)
    page.goto(findings)
    while (screens := page.locator("#content a[href*='/history/screens/']:visible")).count():
        screens.first.click()
        expect(page.get_by_role("button", name="Save the answers")).to_be_visible()
        for no in page.get_by_label("no", exact=True).all():
            no.check()
        page.get_by_role("button", name="Save the answers").click()
        expect(page.get_by_role("button", name="Save the answers")).to_have_count(0)
        page.goto(findings)
