"""A record's values in words that people use."""

from datetime import date, timedelta

from openkap import knowledge
from openkap.apps.knowledge_base.words import Entry, entries_of

KNOWN = knowledge.load(date(2026, 11, 21))


def texts(entries: tuple[Entry, ...]) -> list[str]:
    return [text for entry in entries for text in (entry.text, *texts(entry.parts)) if text]


def test_spans_are_written_as_people_write_them() -> None:
    shown = texts(entries_of(KNOWN.protocols["ketamine-iv-twice-weekly"], "en"))

    assert "40 min" in shown
    assert "2 d" in shown
    assert not any("0:00:00" in text for text in shown)


def test_no_value_of_any_record_is_a_bare_python_value() -> None:
    records = [*KNOWN.protocols.values(), *KNOWN.monitoring.values(), *KNOWN.rules.values()]
    shown = [text for record in records for text in texts(entries_of(record, "en"))]

    bare = ("<class", "<Enum", "{", "datetime.")
    assert not [text for text in shown if text.startswith(bare) or ":00:00" in text]
    assert isinstance(KNOWN.protocols["ketamine-iv-twice-weekly"].integration_window.first_within, timedelta)
