"""`openkap measures`: results for scripts and people, refusals with their reason."""

import json

import pytest

from openkap.cli import main


def answer(capsys: pytest.CaptureFixture[str], *words: str) -> dict[str, object]:
    assert main(["measures", *words, "--json"]) == 0
    found = json.loads(capsys.readouterr().out)
    assert isinstance(found, dict)
    return found


def refused(capsys: pytest.CaptureFixture[str], *words: str) -> str:
    assert main(["measures", *words]) == 1
    said = capsys.readouterr()
    assert said.out == ""
    return said.err


def test_score(capsys: pytest.CaptureFixture[str]) -> None:
    scored = answer(capsys, "score", "PHQ-9", "--answers", "1,1,1,1,0,0,0,NA,2")
    # 6 x 9 / 8 = 6.75
    assert (scored["score"], scored["band"], scored["prorated"], scored["missing"]) == (7, "mild", True, 1)
    assert scored["safety"] == [{"item": "9", "answer": 2, "raised": True}]


def test_no_score_has_its_reason(capsys: pytest.CaptureFixture[str]) -> None:
    scored = answer(capsys, "score", "phq-9", "--answers", "1,1,1,1,0,0,0,0,REFUSED")
    assert scored["score"] is None
    assert "item 9" in str(scored["reason"])
    assert scored["safety"] == [{"item": "9", "answer": "REFUSED", "raised": False}]


def test_a_total(capsys: pytest.CaptureFixture[str]) -> None:
    assert answer(capsys, "score", "gad-7", "--total", "15")["band_label"] == "Severe"


def test_change(capsys: pytest.CaptureFixture[str]) -> None:
    words = ("change", "phq-9", "--baseline", "20", "--followup", "9")
    plain = answer(capsys, *words)
    assert (plain["points"], plain["percent_improvement"], plain["response"]) == (-11, 55.0, True)
    assert plain["remission"] is False
    assert plain["reliable"] is None
    signed = answer(capsys, *words, "--signed-off", "phq-9-reliable-change")
    assert (signed["reliable"], signed["improved"], signed["deteriorated"]) == (True, True, False)
    judged_by = signed["judged_by"]
    assert isinstance(judged_by, dict)
    assert judged_by["reliable"]["by"] == "phq-9-reliable-change"


def test_plain_words(capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["measures", "change", "phq-9", "--baseline", "20", "--followup", "9"]) == 0
    said = capsys.readouterr().out.splitlines()
    assert "response: yes" in said
    assert "reliable: not established: no figure with a source has been adopted" in said
    assert main(["measures", "list"]) == 0
    assert "gad-7: Generalised Anxiety Disorder" in capsys.readouterr().out


@pytest.mark.parametrize(
    ("words", "reason"),
    [
        (("score", "zzz", "--total", "3"), "`openkap measures list` names them"),
        (("score", "phq9", "--total", "3"), "Did you mean phq-9"),
        (("score", "phq-9", "--total", "28"), "from 0 to 27"),
        (("score", "phq-9", "--answers", "0,1"), "has 9 items; 2 answers"),
        (("score", "phq-9", "--answers", "0,0,0,0,0,0,0,0,4"), "not an answer to item 9"),
        (("score", "phq-9", "--answers", "0,0,0,0,0,0,0,0,x"), "write a number"),
        (("change", "phq-9", "--baseline", "40", "--followup", "1"), "from 0 to 27"),
        (
            ("change", "phq-9", "--baseline", "4", "--followup", "1", "--signed-off", "nothing"),
            "no knowledge record",
        ),
    ],
)
def test_refusals(capsys: pytest.CaptureFixture[str], words: tuple[str, ...], reason: str) -> None:
    assert reason in refused(capsys, *words)


@pytest.mark.parametrize(
    "words",
    [
        ("score", "phq-9"), ("score", "phq-9", "--total", "three"),
        ("score", "phq-9", "--total", "3", "--answers", "1"),
    ],
)  # fmt: skip
def test_wrong_usage(words: tuple[str, ...]) -> None:
    with pytest.raises(SystemExit) as ended:
        main(["measures", *words])
    assert ended.value.code == 2


def test_a_screen_says_what_it_found_and_has_no_total(capsys: pytest.CaptureFixture[str]) -> None:
    scored = answer(capsys, "score", "asq", "--answers", "0,0,1,0,0")
    assert (scored["score"], scored["outcome"], scored["outcome_open"]) == (None, "non-acute-positive", False)
    assert answer(capsys, "score", "asq", "--answers", "0,0,NA,0,SKIP")["outcome_open"] is True


def test_a_mean_is_taken_with_its_decimals(capsys: pytest.CaptureFixture[str]) -> None:
    assert answer(capsys, "score", "mobility-inventory", "--total", "2.35")["score"] == 2.35
    assert "not a score of MADRS" in refused(capsys, "score", "madrs", "--total", "12.5")
    assert "not a score of MADRS" in refused(capsys, "score", "madrs", "--total", "nan")


def test_a_form_is_printed_as_fhir(capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["measures", "questionnaire", "phq-9", "--language", "es"]) == 0
    made = json.loads(capsys.readouterr().out)
    assert (made["resourceType"], made["language"], len(made["item"])) == ("Questionnaire", "es", 10)
    assert "not here in that language" in refused(capsys, "questionnaire", "madrs")
