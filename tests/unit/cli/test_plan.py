"""`openkap plan` as a script sees it."""

import json
from datetime import date, datetime, timedelta

import pytest

from openkap.cli import main

COMPILE = ("compile", "ketamine-iv-twice-weekly", "--start")
EVERY_DAY = "mon,tue,wed,thu,fri,sat,sun"


def printed(capsys: pytest.CaptureFixture[str], *arguments: str) -> str:
    assert main(["plan", *arguments]) == 0
    return capsys.readouterr().out


def test_the_protocols_are_listed_with_what_they_rest_on(capsys: pytest.CaptureFixture[str]) -> None:
    listed = json.loads(printed(capsys, "protocols", "--json"))
    first = next(one for one in listed if one["id"] == "ketamine-iv-twice-weekly")
    assert first["dose"] == "0.5 mg/kg over 40 min"
    assert first["doses"] == 6
    assert first["needs_sign_off"]
    assert first["sources"]
    assert "ketamine-iv-twice-weekly" in printed(capsys, "protocols")


def test_a_compiled_protocol(capsys: pytest.CaptureFixture[str]) -> None:
    plan = json.loads(
        printed(
            capsys,
            "compile",
            "ketamine-iv-twice-weekly",
            "--start",
            "2026-11-23",
            "--closed",
            "sat,sun",
            "--json",
        )
    )
    days = [date.fromisoformat(dose["date"]) for dose in plan["doses"]]
    assert len(days) == 6
    assert all(day.weekday() < 5 for day in days)
    for visit in plan["visits"]:
        assert datetime.fromisoformat(visit["earliest"]) <= datetime.fromisoformat(visit["latest"])
        assert visit["date"] >= "2026-11-23"
    integration = [visit for visit in plan["visits"] if visit["visit"] == "integration-1"]
    assert all(
        date.fromisoformat(visit["date"]) - day <= timedelta(days=2)
        for visit, day in zip(integration, days, strict=True)
    )
    assert plan["integration_window"]["status"] == "hypothesis"


def test_in_plain_words(capsys: pytest.CaptureFixture[str]) -> None:
    text = printed(capsys, *COMPILE, "2026-11-23", "--prefer", "tue,fri")
    assert "Tue 2026-11-24 09:00  dose 1" in text


@pytest.mark.parametrize(
    ("arguments", "code"),
    [
        (("compile", "no-such", "--start", "2026-11-23"), 1),
        ((*COMPILE, "2026-11-23", "--zone", "Mars/Base"), 1),
        ((*COMPILE, "2026-11-23", "--closed", "someday"), 1),
        (
            (
                "compile",
                "ketamine-iv-twice-weekly",
                "--start",
                "2026-11-23",
                "--closed",
                "mon,tue,wed,thu,fri,sat,sun",
            ),
            1,
        ),
        ((*COMPILE, "2026-02-30"), 2),
        ((*COMPILE, "9999-12-31"), 2),
        (("compile", "ketamine-iv-twice-weekly"), 2),
    ],
)
def test_what_is_wrong_is_said_on_stderr(
    capsys: pytest.CaptureFixture[str], arguments: tuple[str, ...], code: int
) -> None:
    try:
        given = main(["plan", *arguments])
    except SystemExit as ended:
        given = int(ended.code or 0)
    assert given == code
    captured = capsys.readouterr()
    assert captured.out == ""
    assert captured.err
