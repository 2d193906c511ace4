"""The access log as a patient reads it."""

from datetime import UTC, datetime

from openkap.web.trail import Line, stretches_of


def a_line(minute: int, who: str = "Lucie", what: str = "recorded in a session", day: int = 22) -> Line:
    return Line(datetime(2026, 11, day, 10, minute, tzinfo=UTC), who, what, "", None)


def test_what_only_repeats_is_told_once_with_its_beginning_and_number() -> None:
    lines = [a_line(50), a_line(40), a_line(30), a_line(20, "Dana"), a_line(10), a_line(5, day=21)]
    told = stretches_of(lines)
    assert [(one.latest.who, one.count) for one in told] == [
        ("Lucie", 3),
        ("Dana", 1),
        ("Lucie", 1),
        ("Lucie", 1),
    ]
    assert (told[0].began_at, told[0].latest.occurred_at) == (lines[2].occurred_at, lines[0].occurred_at)
