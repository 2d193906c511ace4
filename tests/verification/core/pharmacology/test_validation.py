"""The validation list: complete, replayed, and its outcomes known by name, failures included."""

from collections import Counter

import pytest
from tests.verification.core.pharmacology.validation import PASSED, Outcome, replayed, rows

ALL = replayed()

# Known and explained in the records' notes and on the report page. A row that leaves this list, or joins it,
# is news.
KNOWN_FAILURES = {4, 8, 12, 68}
KNOWN_OFF = {47, 48}


def test_the_list_is_whole():
    assert [row["number"] for row in rows()] == list(range(1, 71))
    for row in rows():
        assert row["source"]
        assert row["verification"] in {"source", "secondary"}
        assert ("unpredicted" in row) != ("model" in row)


def test_an_interval_is_what_its_words_say():
    """A spread read in other units than its value would pass unseen in the interval alone."""
    for row in rows():
        words = row.get("spread", "").rsplit(" ", 1)
        if words[0] == "mean and SD":
            expected = row["value"] - float(words[1]), row["value"] + float(words[1])
        elif words[0] == "geometric mean and SD factor":
            expected = row["value"] / float(words[1]), row["value"] * float(words[1])
        else:
            continue
        assert (row["low"], row["high"]) == pytest.approx(expected, rel=1e-5), row["number"]


def test_failures_are_the_known_ones():
    assert {one.row["number"] for one in ALL if one.outcome is Outcome.FAILED} == KNOWN_FAILURES
    assert {one.row["number"] for one in ALL if one.outcome is Outcome.OFF} == KNOWN_OFF


@pytest.mark.parametrize("one", [o for o in ALL if "replay" in o.row], ids=lambda o: str(o.row["number"]))
def test_an_earlier_separate_replay_agrees(one):
    """Another person's implementation, printed to three digits or fewer, gave the same number."""
    printed = one.row["replay"]
    half_digit = 0.5 * 10.0 ** -len(str(printed).partition(".")[2])
    assert abs(one.predicted - printed) <= max(half_digit, 0.005 * printed) + 1e-9


def test_most_predictions_hold():
    counted = Counter(one.outcome for one in ALL)
    assert sum(counted[outcome] for outcome in PASSED) >= 50
