"""The tutorial's commands print what the tutorial shows, and its picture is the one they draw."""

import os
import re
import shlex
from pathlib import Path

import pytest

from openkap.cli import main

DOCS = Path(__file__).parents[2] / "docs"
TUTORIAL = (DOCS / "tutorials" / "pk.md").read_text(encoding="utf-8")
PICTURE = DOCS / "tutorials" / "figures" / "booster.svg"
BLOCKS = re.findall(r"```console\n\$ (.+?)\n(.*?)\n```", TUTORIAL, re.DOTALL)
RECORDS = re.search(r"```text\n(ID,.*?)\n```", TUTORIAL, re.DOTALL)
NUMBER = re.compile(r"-?\d+\.\d+(?:e-?\d+)?")


@pytest.fixture(autouse=True)
def with_records(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    Path("doses.csv").write_text(RECORDS[1] + "\n", encoding="utf-8")


@pytest.mark.parametrize(("command", "shown"), BLOCKS, ids=[c.split("--")[0].strip() for c, _ in BLOCKS])
def test_a_command_prints_what_is_shown(command, shown, capsys):
    program, *arguments = shlex.split(command)
    assert program == "openkap"
    assert main(arguments) == 0
    printed = capsys.readouterr().out.rstrip()
    assert NUMBER.sub("#", printed) == NUMBER.sub("#", shown)
    for one, two in zip(NUMBER.findall(printed), NUMBER.findall(shown), strict=True):
        assert float(one) == pytest.approx(float(two), rel=1e-6, abs=1e-9)


def test_there_are_commands_and_links_that_lead_somewhere():
    assert len(BLOCKS) >= 5
    for page in ("tutorials/pk.md", "explanation/pharmacology.md", "reference/pk-validation.md"):
        text = (DOCS / page).read_text(encoding="utf-8")
        for link in re.findall(r"\]\(([^)#:]+)\)", text):
            assert ((DOCS / page).parent / link).exists(), f"{page}: {link}"


def test_the_picture_is_the_one_that_its_command_draws(capsys):
    command = re.search(r"```sh\n(openkap pk simulate .*?--plot booster\.svg)\n```", TUTORIAL)[1]
    assert main(shlex.split(command)[1:]) == 0
    capsys.readouterr()
    drawn = Path("booster.svg").read_text(encoding="utf-8")
    if os.environ.get("OPENKAP_WRITE_DOCS"):
        PICTURE.write_text(drawn, encoding="utf-8")
    shown = PICTURE.read_text(encoding="utf-8")
    assert NUMBER.sub("#", drawn) == NUMBER.sub("#", shown)
    for one, two in zip(NUMBER.findall(drawn), NUMBER.findall(shown), strict=True):
        assert float(one) == pytest.approx(float(two), abs=0.01)
