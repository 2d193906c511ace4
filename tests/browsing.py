"""A real browser: what goes wrong in its pages is noticed, and its pages are checked for accessibility."""

import os
import re
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from functools import wraps
from io import BytesIO
from pathlib import Path
from typing import Any, Literal

from PIL import Image
from playwright.sync_api import (
    BrowserContext,
    ConsoleMessage,
    Locator,
    Page,
    Request,
    Response,
    ViewportSize,
    expect,
)
from tools.browser import chromium

ROOT = Path(__file__).resolve().parents[1]
AXE = ROOT / "node_modules" / "axe-core" / "axe.min.js"
PICTURES = "OPENKAP_PICTURES"
# As root there is no sandbox to be had; without the rest the browser looks for hosts of its maker.
SWITCHES = [
    "--no-sandbox",
    "--disable-gpu",
    "--disable-quic",
    "--no-first-run",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
]
RULES = ["wcag2a", "wcag2aa", "wcag21a", "wcag21aa", "wcag22aa", "best-practice"]
WIDE: ViewportSize = {"width": 1440, "height": 900}
NARROW: ViewportSize = {"width": 360, "height": 740}
# End of a picture's name, window, scheme, and whether axe judges it: each width and each scheme once.
LOOKS: list[tuple[str, ViewportSize, Literal["light", "dark"], bool]] = [
    ("", WIDE, "light", True),
    ("-dark", WIDE, "dark", False),
    ("-dark-narrow", NARROW, "dark", True),
    ("-narrow", NARROW, "light", False),
]
SECONDS_TO_APPEAR = 30  # on a machine that is busy with other tests; what is there sooner costs nothing
expect.set_options(timeout=1000 * SECONDS_TO_APPEAR)
SETTLED = """
() => document.fonts.ready.then(() => new Promise((done) =>
  requestAnimationFrame(() => requestAnimationFrame(() => done()))))
"""
REPORT_VIOLATIONS = """
document.addEventListener("securitypolicyviolation", (event) =>
  console.error(`CSP: ${event.violatedDirective} refused ${event.blockedURI} at ${event.sourceFile}`))
"""


# What hands and eyes do: a person waits for the page to stand, and a button may need its script.
ACTS = (
    *("check", "click", "dblclick", "fill", "focus", "press", "select_option", "set_input_files", "uncheck"),
    *("all", "all_inner_texts", "count", "evaluate", "evaluate_all", "inner_text", "input_value"),
)


def wait_for_whole_pages() -> None:
    """From now on nothing is done on a page, or counted there, before it has loaded."""

    def on_a_whole_page(act: Callable[..., Any]) -> Callable[..., Any]:
        @wraps(act)
        def after_loading(locator: Locator, *how: Any, **more: Any) -> Any:
            locator.page.wait_for_load_state()
            return act(locator, *how, **more)

        return after_loading

    for name in ACTS:
        setattr(Locator, name, on_a_whole_page(getattr(Locator, name)))


def executable() -> str:
    """Path of the browser. Fails where there is none: a journey that is skipped proves nothing."""
    found = chromium()
    assert found is not None, "The journeys need Chromium: run `make browser`."
    return found


class Faults:
    """What went wrong in the pages of one journey: script errors, refused content, failing requests."""

    def __init__(self) -> None:
        self.found: list[str] = []
        self._expected: list[str] = []
        self._offline = False
        self._was_cut = False

    def watch(self, context: BrowserContext) -> None:
        """Notice the faults of every page of `context`."""
        context.add_init_script(REPORT_VIOLATIONS)
        context.on("console", self._console)
        context.on("weberror", lambda error: self._note(f"script error: {error.error}"))
        context.on("response", self._response)
        context.on("requestfailed", self._failed)

    def expect(self, words: str) -> None:
        """A fault with these words belongs to this journey."""
        self._expected.append(words)

    @contextmanager
    def network_cut(self, *pages: Page) -> Iterator[None]:
        """Cut the pages' browsers off while the block runs; their failing requests are no faults."""
        self._offline = self._was_cut = True
        for page in pages:
            page.context.set_offline(True)
        try:
            yield
        finally:
            for page in pages:
                page.context.set_offline(False)
            self._offline = False

    def assert_none(self) -> None:
        """Fail with the list when there are any."""
        assert self.found == [], "in the browser:\n" + "\n".join(self.found)

    def _note(self, fault: str) -> None:
        if not any(words in fault for words in self._expected):
            self.found.append(fault)

    def _console(self, message: ConsoleMessage) -> None:
        # Failing requests are judged where their status is known.
        judged_elsewhere = "Failed to load resource" in message.text
        if message.type in {"error", "assert"} and not judged_elsewhere and not self._offline:
            self._note(f"console: {message.text}")

    def _response(self, response: Response) -> None:
        missing = response.status >= 400 and "/static/" in response.url
        if response.status >= 500 or missing:
            self._note(f"{response.status} for {response.request.method} {response.url}")

    def _failed(self, request: Request) -> None:
        why = request.failure or ""
        # On a busy machine the browser tells of the cut when it is over.
        told_late = self._was_cut and "ERR_INTERNET_DISCONNECTED" in why
        # A page that is left aborts what it was loading.
        if not self._offline and not told_late and "ERR_ABORTED" not in why:
            self._note(f"no answer to {request.method} {request.url}: {why}")


def eventually(page: Page, true: Callable[[], object], what: str) -> None:
    """Wait until `true()` is, while the browser goes on: for what the server has after something was sent.

    What a page says of the step before is no sign that the server has this one.
    """
    end = time.monotonic() + SECONDS_TO_APPEAR
    while not true():
        assert time.monotonic() < end, f"waited {SECONDS_TO_APPEAR} s in vain: {what}"
        page.wait_for_timeout(50)


def settled(page: Page) -> None:
    """Wait until letters are there and what is due has been drawn."""
    page.evaluate(SETTLED)


def status(page: Page, words: str) -> Locator:
    """The status that says exactly this: 'Saved' is not 'Not saved yet'."""
    return page.get_by_role("status").filter(has_text=re.compile(rf"^\s*{re.escape(words)}\s*$"))


def press_twice(button: Locator) -> None:
    """What an impatient hand does, with nothing between: a double click may end on the page that comes next."""
    button.evaluate("button => { button.click(); button.click(); }")


def assert_accessible(page: Page, *, within: str | None = None) -> None:
    """Fail with every finding of axe-core on the page as it stands, or on the part that `within` selects."""
    page.wait_for_load_state()
    if not page.evaluate("() => 'axe' in window"):
        page.evaluate(AXE.read_text(encoding="utf-8") + "; 0")
    report: dict[str, Any] = page.evaluate(
        "([within, rules]) => axe.run(within ?? document, {runOnly: rules, resultTypes: ['violations']})",
        [within, RULES],
    )
    found = [
        f"{violation['id']}: {violation['help']}\n    {node['html']}\n    {node['failureSummary']}"
        for violation in report["violations"]
        for node in violation["nodes"]
    ]
    assert found == [], f"axe-core on {page.url}:\n" + "\n".join(found)


def take_picture(page: Page, name: str, *, whole_page: bool = False) -> None:
    """Keep a picture for the documentation, when it is being made (OPENKAP_PICTURES names the folder)."""
    if folder := os.environ.get(PICTURES):
        path = ROOT / folder / f"{name}.png"
        path.parent.mkdir(parents=True, exist_ok=True)
        page.wait_for_load_state()
        taken = page.screenshot(full_page=whole_page, animations="disabled")
        # 256 colours are enough for pages, and make a third of the size.
        Image.open(BytesIO(taken)).convert("RGB").quantize(256, dither=Image.Dither.NONE).save(
            path, optimize=True
        )


def assert_no_sideways_scroll(page: Page) -> None:
    """Fail when the page is wider than its window."""
    page.wait_for_load_state()
    wide, window = page.evaluate("() => [document.documentElement.scrollWidth, window.innerWidth]")
    assert wide <= window, f"{page.url} is {wide} px wide in a window of {window} px"


def assert_good_in_every_look(page: Page, picture: str) -> None:
    """Fail unless the page as it stands is accessible and fits its window, wide and narrow, light and dark.

    Keeps a picture of each when they are being made. The page is not loaded anew, and ends wide and light.
    """
    for look, window, scheme, judged in LOOKS:
        page.set_viewport_size(window)
        page.emulate_media(color_scheme=scheme)
        expect(page.locator("html")).to_have_attribute("data-bs-theme", scheme)
        if judged:
            assert_accessible(page)
        assert_no_sideways_scroll(page)
        take_picture(page, picture + look)
    page.set_viewport_size(WIDE)
