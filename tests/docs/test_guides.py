"""Tutorials and how-to pages: links lead somewhere, labels are on the screen, commands are understood."""

import argparse
import re
import shlex
from functools import cache
from importlib import import_module
from pathlib import Path

import pytest
import yaml

from openkap.cli import SUBJECTS
from openkap.jobs.demo.staff import STAFF

ROOT = Path(__file__).parents[2]
DOCS = ROOT / "docs"
GUIDES = sorted([*(DOCS / "how-to").glob("*.md"), DOCS / "tutorials" / "first-day.md", DOCS / "README.md"])
# Pages about the screens. Those about the machine and about records use bold for what matters, not for labels.
ABOUT_SCREENS = (
    "first-day",
    "begin",
    "import-charts",
    "sign-off-knowledge",
    "verify-the-audit-trail",
    "invite-a-patient",
)
# Bold words of the guides that are ours and on no screen.
WRITTEN_HERE = {"bold", "restricts", "permits"}


@cache
def screen() -> str:
    """Everything a screen may say: templates, code, islands, and the records, with variables as they stand."""
    package = ROOT / "src" / "openkap"
    kinds = ("*.html", "*.py", "*.ts", "*.yaml")
    found = (path.read_text(encoding="utf-8") for kind in kinds for path in sorted(package.rglob(kind)))
    return "\n".join(found)


def labels(page: Path) -> set[str]:
    text = re.sub(r"```.*?```", "", page.read_text(encoding="utf-8"), flags=re.DOTALL)
    return {" ".join(found.split()) for found in re.findall(r"\*\*(.+?)\*\*", text, re.DOTALL)}


def is_on_a_screen(label: str) -> bool:
    """Whether it stands there as it is, or is 'Enter' with the name of a questionnaire."""
    if f'"{label}"' in screen():
        return True
    if label.startswith("Enter "):
        return "Enter {{ name }}" in screen() and f"abbreviation: {label.removeprefix('Enter ')}" in screen()
    return False


@pytest.mark.parametrize("page", GUIDES, ids=lambda page: page.stem)
def test_links_lead_somewhere(page: Path) -> None:
    links = re.findall(r"\]\(([^)#:]+)(?:#[^)]*)?\)", page.read_text(encoding="utf-8"))
    assert [link for link in links if not (page.parent / link).exists()] == []


@pytest.mark.parametrize("name", ABOUT_SCREENS)
def test_labels_are_those_of_the_screen(name: str) -> None:
    (page,) = (guide for guide in GUIDES if guide.stem == name)
    assert sorted(label for label in labels(page) - WRITTEN_HERE if not is_on_a_screen(label)) == []


def test_a_label_that_is_on_no_screen_is_noticed() -> None:
    assert is_on_a_screen("Set the indication")
    assert not is_on_a_screen("Set the indication now")


def commands() -> list[str]:
    """Every call of the program in a block of the guides, with continued lines joined."""
    blocks = (
        block
        for page in GUIDES
        for block in re.findall(r"```[a-z]*\n(.*?)```", page.read_text(encoding="utf-8"), re.DOTALL)
    )
    lines = (line.strip() for block in blocks for line in block.replace("\\\n", " ").splitlines())
    return sorted({line for line in lines if ".venv/bin/openkap" in line})


@pytest.mark.parametrize("line", commands())
def test_a_command_is_understood(line: str) -> None:
    words = shlex.split(line)
    subject, *rest = words[words.index(".venv/bin/openkap") + 1 :]
    assert subject in SUBJECTS
    parser = argparse.ArgumentParser()
    import_module(f"openkap.cli.{subject}").configure(parser)
    parser.parse_args(rest)


def test_there_are_commands() -> None:
    assert len(commands()) >= 6


def test_the_people_of_the_tutorial_work_in_the_demonstration() -> None:
    text = (DOCS / "tutorials" / "first-day.md").read_text(encoding="utf-8")
    named = set(re.findall(r"`(\w+)@demo\.example`", text))
    staff = {local: name for local, name, *_ in STAFF}
    assert len(named) == 5
    assert named <= set(staff)
    for name in ("Luis Bergstrom", "Noor Hadley", "Dana Okafor"):
        assert name in text
        assert name in staff.values()


def test_the_chart_of_the_tutorial_is_there() -> None:
    assert (ROOT / "tests" / "reference" / "fhir" / "trey-leffler.json.gz").exists()


@pytest.mark.parametrize("name", ["add-a-rule", "add-a-protocol", "add-an-instrument"])
def test_records_in_the_guides_are_yaml(name: str) -> None:
    text = (DOCS / "how-to" / f"{name}.md").read_text(encoding="utf-8")
    for block in re.findall(r"```yaml\n(.*?)```", text, re.DOTALL):
        assert isinstance(yaml.safe_load(block), dict)
