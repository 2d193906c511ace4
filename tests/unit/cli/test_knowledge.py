"""`openkap knowledge check`: what an author reads about a record or a pack before anybody uses it."""

import json
import re
from datetime import date
from pathlib import Path

import pytest
import yaml

from openkap.cli import main
from openkap.knowledge import loader
from openkap.knowledge.packs import starting_file
from openkap.knowledge.schema.instrument import Instrument

ROOT = Path(__file__).parents[3]
GUIDE = (ROOT / "docs" / "how-to" / "license-a-wording.md").read_text(encoding="utf-8")
PACK = next(re.finditer(r"```yaml\n(.*?)```", GUIDE, re.DOTALL)).group(1)
SWLS = (loader.RECORDS / "instruments" / "swls.yaml").read_text(encoding="utf-8")


def checked(capsys: pytest.CaptureFixture[str], path: Path, text: str) -> tuple[int, list[str], list[str]]:
    """The exit code, the faults and the hints of one file."""
    path.write_text(text, encoding="utf-8")
    code = main(["knowledge", "check", "--json", str(path)])
    (found,) = json.loads(capsys.readouterr().out).values()
    return code, found["faults"], found["hints"]


def test_every_record_of_the_package_can_be_used(capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["knowledge", "check"]) == 0
    assert capsys.readouterr().out.endswith(" checked, 0 with faults.\n")


def test_the_pack_of_the_guide_can_be_used(capsys: pytest.CaptureFixture[str], tmp_path: Path) -> None:
    assert checked(capsys, tmp_path / "ours.yaml", PACK) == (0, [], [])


@pytest.mark.parametrize(
    ("wrong", "says"),
    [
        (
            ("choices: eight, text: {en: Made-up question 3}", "choices: ten, text: {en: Three}"),
            "must exist once",
        ),
        (("lowest: 0, highest: 40", "lowest: 0, highest: 41"), "the range is not what the items can add up to"),
        (
            ("{answers: '8,0,0,0,1', total: 9}", "{answers: '8,0,0,0,1', total: 8}"),
            "total is 9, and should be 8",
        ),
        (("recall_days: 7", "recall_days: 14"), "recall_days is not that of WSAS here"),
        (("id: wsas", "id: wsas-2"), "no questionnaire 'wsas-2'"),
        (("minutes: 2", "minuets: 2"), "minuets: is not a field that belongs here"),
        (("minutes: 2", "minutes: [2"), "not readable as YAML: line"),
        (("id: '2', choices", "id: '1', choices"), "item ids must differ"),
        (("  holder: The holder\n", ""), "licence_evidence, holder: is missing"),
    ],
)
def test_a_fault_is_named_with_its_place(
    capsys: pytest.CaptureFixture[str], tmp_path: Path, wrong: tuple[str, str], says: str
) -> None:
    assert wrong[0] in PACK
    code, faults, _hints = checked(capsys, tmp_path / "ours.yaml", PACK.replace(*wrong))
    assert code == 1
    assert re.search(says, faults[0])


def test_what_no_example_notices_is_said_and_is_no_fault(
    capsys: pytest.CaptureFixture[str], tmp_path: Path
) -> None:
    without = re.sub(r"  - \{answers: '(8,8,8,8,8|8,8,8,8,NA|8,8,8,NA,NA)'.*\n", "", PACK)
    code, faults, hints = checked(capsys, tmp_path / "ours.yaml", without)
    assert (code, faults) == (0, [])
    assert "no example notices: one missing item less" in hints


@pytest.mark.parametrize(
    ("pattern", "says"),
    [
        (r"^examples:\n(  .*\n)+", "examples: there are none"),
        (r"  - .*total: 20, band: neutral.*\n", "examples: none lies in the band neutral"),
        (r"  - .*refused: true.*\n", "examples: none shows what is refused"),
        (r"  - .*NA.*\n", "examples: none shows what happens when an answer is missing"),
    ],
)
def test_a_record_owes_its_examples(
    capsys: pytest.CaptureFixture[str], tmp_path: Path, pattern: str, says: str
) -> None:
    without, cuts = re.subn(pattern, "", SWLS, flags=re.MULTILINE)
    assert cuts == 1
    code, faults, _hints = checked(capsys, tmp_path / "swls.yaml", without)
    assert code == 1
    assert says in faults[0]


def test_a_record_lies_in_the_file_of_its_name_and_a_missing_file_is_said(
    capsys: pytest.CaptureFixture[str], tmp_path: Path
) -> None:
    assert checked(capsys, tmp_path / "other.yaml", SWLS)[1] == ["id: the file is to be called swls.yaml."]
    assert main(["knowledge", "check", str(tmp_path / "none.yaml")]) == 1
    assert "No such file" in capsys.readouterr().out


def test_a_starting_file_becomes_a_pack_when_its_places_are_filled_in(
    capsys: pytest.CaptureFixture[str], tmp_path: Path
) -> None:
    known = {one.id: one for one in loader.versions_of("instruments", Instrument)}
    begun = starting_file(known["mini-spin"], date(2026, 11, 21))
    path = tmp_path / "words.yaml"
    assert re.search(r"Line \d+ of the file still says WRITE HERE", checked(capsys, path, begun)[1][0])
    begun = begun.replace("WRITE HERE", "written")
    assert "the range is not what the items can add up to" in checked(capsys, path, begun)[1][0]
    answers = "\n".join(f"    - {{value: {n}, label: {{en: Answer {n}}}}}" for n in range(5))
    items = "\n".join(f"  - {{id: '{n}', choices: answers, text: {{en: Question {n}}}}}" for n in (1, 2, 3))
    done = re.sub(r"(    - \{value.*\n)+", f"{answers}\n", begun)
    done = (
        re.sub(r"(  - \{id: .*\n)+", f"{items}\n", done)
        .replace("'0,0'", "'0,0,0'")
        .replace("total: 0", "total: 0, band: below")
    )
    assert checked(capsys, path, done)[:2] == (0, [])
    for one in known.values():
        if not one.items:
            begun = starting_file(one, date(2026, 11, 21))
            assert yaml.safe_load(begun)["id"] == one.id
