"""docs/reference/commands.md is what the program says of itself."""

import os

import pytest
from tools import commands_page

from openkap.cli import SUBJECTS


def test_the_page_is_current() -> None:
    """Make it anew with `python -m tools.commands_page`."""
    if os.environ.get("OPENKAP_WRITE_DOCS"):
        commands_page.PAGE.write_text(commands_page.page(), encoding="utf-8")
    assert commands_page.PAGE.read_text(encoding="utf-8") == commands_page.page()


@pytest.mark.parametrize("subject", SUBJECTS)
def test_every_command_has_its_part(subject: str) -> None:
    assert f"\n## openkap {subject}\n" in commands_page.page()


def test_a_commands_options_are_told_with_their_meaning() -> None:
    page = commands_page.page()
    assert "| `--port PORT` | where to serve (default 8000) |" in page
    assert "### openkap audit verify" in page
    assert "| `--time-zone TIME_ZONE` | such as America/Los_Angeles; needed |" in page
