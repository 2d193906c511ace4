"""Logs carry what happened and where, never what anybody told."""

import io
import json
import logging
from collections.abc import Iterator

import pytest
import structlog

from openkap.config.logs import formatter

CANARY = "canary-heard-voices-at-night"


@pytest.fixture
def stream() -> Iterator[io.StringIO]:
    text = io.StringIO()
    handler = logging.StreamHandler(text)
    handler.setFormatter(formatter())
    root = logging.getLogger()
    root.addHandler(handler)
    yield text
    root.removeHandler(handler)


def lines(stream: io.StringIO) -> list[dict[str, object]]:
    return [json.loads(line) for line in stream.getvalue().splitlines()]


def test_our_own_line_keeps_the_fields_it_may_have(stream: io.StringIO) -> None:
    structlog.get_logger("openkap.tests").info("request", route="web:today", status=200, ms=3.5)
    (line,) = lines(stream)
    assert line.pop("timestamp")
    assert line == {
        "event": "request",
        "route": "web:today",
        "status": 200,
        "ms": 3.5,
        "level": "info",
        "logger": "openkap.tests",
    }


def test_a_field_nobody_thought_of_is_dropped(stream: io.StringIO) -> None:
    structlog.get_logger("openkap.tests").info("saved", note=CANARY, patient_name=CANARY)
    assert CANARY not in stream.getvalue()
    assert len(lines(stream)) == 1


def test_an_exceptions_words_are_dropped_and_its_place_kept(stream: io.StringIO) -> None:
    try:
        int(CANARY)
    except ValueError:
        structlog.get_logger("openkap.tests").exception("failed")
    (line,) = lines(stream)
    assert line["exception"] == "builtins.ValueError"
    assert "test_logs.py" in str(line["frames"])
    assert CANARY not in stream.getvalue()


def test_a_chain_of_exceptions_is_as_silent(stream: io.StringIO) -> None:
    try:
        try:
            {}[CANARY]
        except KeyError as error:
            raise RuntimeError(CANARY) from error
    except RuntimeError:
        logging.getLogger("some.library").exception("failed with %s", CANARY)
    assert CANARY not in stream.getvalue()
    assert len(lines(stream)) == 1


def test_of_a_librarys_message_the_pattern_is_kept(stream: io.StringIO) -> None:
    logging.getLogger("some.library").warning("Internal Server Error: %s", f"/patients/{CANARY}/")
    (line,) = lines(stream)
    assert line["event"] == "Internal Server Error: %s"
    assert CANARY not in stream.getvalue()


def test_of_a_librarys_finished_message_only_the_place_is_kept(stream: io.StringIO) -> None:
    logging.getLogger("some.library").warning(f"could not read {CANARY}")  # noqa: G004 (what others do)
    (line,) = lines(stream)
    assert line["event"] == "message"
    assert "test_logs.py" in str(line["place"])
    assert CANARY not in stream.getvalue()
