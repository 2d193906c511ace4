"""The harness notices what it promises to notice: a journey that cannot fail proves nothing."""

from collections.abc import Callable

import pytest
from playwright.sync_api import Page, expect
from tests.browsing import Faults, assert_accessible, assert_no_sideways_scroll, eventually
from tests.factories.access import PASSWORD, a_user
from tests.journeys.people import give_authenticator, sign_in_by_form
from tests.product import Product

from openkap.apps.access.models import User
from openkap.apps.access.roles import Role

PageAs = Callable[..., Page]


def await_fault(page: Page, faults: Faults, words: str) -> None:
    """Wait for a fault with these words; all so far are then forgotten."""
    eventually(page, lambda: any(words in fault for fault in faults.found), f"a fault with {words}")
    faults.found.clear()


def test_a_script_that_the_policy_refuses_is_a_fault(a_page: PageAs, faults: Faults) -> None:
    page = a_page()
    page.goto("/sign-in/")
    page.evaluate(
        "() => { const s = document.createElement('script'); s.textContent = '1'; document.body.append(s) }"
    )
    await_fault(page, faults, "CSP")


def test_a_script_error_is_a_fault(a_page: PageAs, faults: Faults) -> None:
    page = a_page()
    page.goto("/sign-in/")
    page.evaluate("() => { setTimeout(() => { throw new Error('broken') }) }")
    await_fault(page, faults, "broken")


def test_a_missing_file_is_a_fault(a_page: PageAs, faults: Faults) -> None:
    page = a_page()
    page.goto("/sign-in/")
    page.evaluate("() => fetch('/static/nothing-here.js')")
    await_fault(page, faults, "404")


def test_a_request_without_answer_is_a_fault_unless_the_network_is_cut(a_page: PageAs, faults: Faults) -> None:
    page = a_page()
    page.goto("/sign-in/")
    asking = "() => fetch('/health').catch(() => null)"
    page.context.set_offline(True)
    page.evaluate(asking)
    page.context.set_offline(False)
    await_fault(page, faults, "no answer")
    with faults.network_cut(page):
        page.evaluate(asking)
    page.wait_for_timeout(200)
    assert faults.found == []


def test_axe_finds_an_unnamed_field(a_page: PageAs) -> None:
    page = a_page()
    page.goto("/sign-in/")
    page.evaluate("() => document.querySelector('main').append(document.createElement('input'))")
    with pytest.raises(AssertionError, match="label"):
        assert_accessible(page)


def test_a_page_that_is_too_wide_is_noticed(a_page: PageAs) -> None:
    page = a_page(narrow=True)
    page.goto("/sign-in/")
    assert_no_sideways_scroll(page)
    page.evaluate("() => { document.querySelector('main').append('x'.repeat(400)) }")
    with pytest.raises(AssertionError, match="px wide"):
        assert_no_sideways_scroll(page)


def test_state_arranged_here_is_there_and_gone_in_the_next_journey(product: Product) -> None:
    a_user(Role.MONITOR)
    assert User.objects.count() == 1
    product.forget()
    assert User.objects.count() == 0


def test_a_signed_in_page_is_the_persons_own(page_as: PageAs, axe: Callable[..., None]) -> None:
    page = page_as(a_user(Role.MONITOR, name="Robin Okafor"))
    assert "/sign-in/" not in page.url
    expect(page.get_by_text("Robin Okafor").first).to_be_attached()
    axe(page)


def test_signing_in_by_the_form(a_page: PageAs, product: Product) -> None:
    user = a_user(Role.MONITOR, name="Robin Okafor", password=PASSWORD)
    secret = give_authenticator(user)
    page = a_page()
    sign_in_by_form(page, product.address, user, PASSWORD, secret)
    page.wait_for_url(f"{product.address}/")
