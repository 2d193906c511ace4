"""Instruments for tests: the package's own, and one with everything the schema allows."""

from datetime import date
from typing import Any

from openkap import knowledge
from openkap.knowledge.schema.instrument import Instrument

KNOWN = knowledge.load(date(2026, 11, 21))
PHQ_9, GAD_7 = KNOWN.instruments["phq-9"], KNOWN.instruments["gad-7"]
SOURCE = {"citation": "a test", "locator": "here"}


def described(**changes: Any) -> dict[str, Any]:
    """An instrument as a file would have it: three items 1-5, the second reversed, two subscales."""
    plain = {
        "id": "test-scale", "title": {"en": "Test scale"}, "abbreviation": "TS", "version": 1,
        "effective_from": "2026-01-01", "population": "tests", "sources": [SOURCE], "licence": "own",
        "verification": "convention", "effect": "neutral", "authored_by": "tests",
        "next_review_on": "2027-01-01", "wording": "score-only", "respondent": "patient", "recall_days": 7,
        "domain": "global", "minutes": 1,
        "choices": {"five": [{"value": n, "label": {"en": str(n)}} for n in range(1, 6)]},
        "items": [
            {"id": "1", "choices": "five"},
            {"id": "2", "choices": "five", "reverse": True},
            {"id": "3", "choices": "five", "safety": True},
        ],
        "range": {"lowest": 3, "highest": 15},
        "missing": {"at_most": 1, "required": ["3"]},
        "subscales": [
            {"id": "front", "title": {"en": "Front"}, "items": ["1", "2"],
             "range": {"lowest": 2, "highest": 10}, "missing": {"at_most": 0}},
            {"id": "back", "title": {"en": "Back"}, "items": ["3"],
             "range": {"lowest": 1, "highest": 5}, "missing": {"at_most": 0},
             "bands": {"source": SOURCE, "verification": "convention", "of": [
                 {"id": "low", "at_least": 1, "label": {"en": "Low"}},
                 {"id": "high", "at_least": 4, "label": {"en": "High"}}]}},
        ],
    }  # fmt: skip
    return {**plain, **changes}


def instrument(**changes: Any) -> Instrument:
    """The described instrument, read as the loader reads it."""
    return Instrument.model_validate(described(**changes))
