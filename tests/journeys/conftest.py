"""What journeys share: the product, the browser, people's pages, and the refusal of any fault in them."""

import os
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
from django.test import Client
from playwright.sync_api import Browser, Page, sync_playwright
from pytest_django.plugin import DjangoDbBlocker
from tests.browsing import (
    NARROW,
    SECONDS_TO_APPEAR,
    SWITCHES,
    WIDE,
    Faults,
    assert_accessible,
    executable,
    take_picture,
    wait_for_whole_pages,
)
from tests.factories.access import sign_in
from tests.product import Product

from openkap.apps.access.models import User

HERE = Path(__file__).parent
wait_for_whole_pages()

PageAs = Callable[..., Page]


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """Every test in this folder is a journey."""
    for item in items:
        if HERE in item.path.parents:
            item.add_marker(pytest.mark.journey)


@pytest.fixture(scope="session")
def running_product(worker_id: str) -> Iterator[Product]:
    """One running product for each test process."""
    product = Product(os.environ["OPENKAP_DATABASE_URL"], f"openkap_journeys_{worker_id}_{os.getpid()}")
    try:
        yield product.wait_until_well()
    finally:
        product.stop()


@pytest.fixture
def product(running_product: Product, django_db_blocker: DjangoDbBlocker) -> Iterator[Product]:
    """The running product without any data; Django in this process works on its database."""
    running_product.forget()
    with django_db_blocker.unblock(), running_product.in_process():
        yield running_product


@pytest.fixture(scope="module")
def browser() -> Iterator[Browser]:
    """Chromium. Ended with the module: while it runs, no test of another module can run an event loop."""
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=executable(), args=SWITCHES)
        yield browser
        browser.close()


@pytest.fixture
def faults() -> Iterator[Faults]:
    """What goes wrong in the browser; a journey must end without any."""
    faults = Faults()
    yield faults
    faults.assert_none()


@pytest.fixture
def a_page(browser: Browser, product: Product, faults: Faults) -> Iterator[PageAs]:
    """`a_page(narrow=False, dark=False, language="en")`: a page of a new browser where nobody is signed in."""
    contexts = []

    def open_page(*, narrow: bool = False, dark: bool = False, language: str = "en-GB") -> Page:
        context = browser.new_context(
            base_url=product.address,
            viewport=NARROW if narrow else WIDE,
            color_scheme="dark" if dark else "light",
            reduced_motion="reduce",
            locale=language,
        )
        context.set_default_timeout(1000 * SECONDS_TO_APPEAR)
        faults.watch(context)
        contexts.append(context)
        return context.new_page()

    yield open_page
    for context in contexts:
        context.close()


@pytest.fixture
def page_as(a_page: PageAs, product: Product) -> PageAs:
    """`page_as(user, path="/", narrow=False, dark=False)`: a page of a new browser, `user` signed in."""

    def open_page(user: User, path: str = "/", **how: object) -> Page:
        page = a_page(**how)
        session = sign_in(Client(), user).cookies["sessionid"].value
        page.context.add_cookies([{"name": "sessionid", "value": session, "url": product.address}])
        page.goto(path)
        return page

    return open_page


@pytest.fixture
def axe() -> Callable[..., None]:
    """`axe(page)` fails on any finding of axe-core."""
    return assert_accessible


@pytest.fixture
def screenshot() -> Callable[..., None]:
    """`screenshot(page, "today")` keeps a picture for the documentation, when that is being made."""
    return take_picture
