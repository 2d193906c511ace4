"""What people do to come to a signed consent, for journeys."""

from playwright.sync_api import Page, expect


def read_together(page: Page) -> None:
    """From the offer on the step's page to the patient's own words."""
    page.get_by_role("button", name="Offer", exact=True).click()
    read_on(page)


def read_on(page: Page) -> None:
    """Confirm section after section until own words are asked for, then say them."""
    read = page.get_by_role("button", name="I have read this")
    go_on = page.get_by_role("button", name="Go on")
    expect(read.or_(go_on)).to_be_visible()
    while not go_on.count():
        heading = page.locator("h1").inner_text()
        read.click()
        expect(page.locator("h1")).not_to_have_text(heading)
        expect(read.or_(go_on)).to_be_visible()
    expect(page.locator("h1")).to_have_text("In your own words")
    for box in page.locator("textarea").all():
        box.fill("I may feel strange, I can stop, and my sister drives me home.")
    go_on.click()
    expect(page.locator("h1")).to_have_text("Your signature")


def sign_as_patient(page: Page, name: str) -> None:
    """The patient types their name."""
    page.get_by_label("Your full name").fill(name)
    page.get_by_role("button", name="Sign", exact=True).click()
    expect(page.get_by_text("Signed. Your clinician confirms it next.")).to_be_visible()


def countersign(page: Page) -> None:
    """The prescriber judges the own words and signs."""
    card = page.locator("section", has=page.get_by_role("heading", name="Countersign"))
    sign = card.get_by_role("button", name="Sign: explained and understood")
    expect(sign).to_be_visible()
    for box in card.get_by_role("checkbox").all():
        box.check()
    sign.click()
    expect(page.get_by_text("Countersigned. The consent is valid.")).to_be_visible()
