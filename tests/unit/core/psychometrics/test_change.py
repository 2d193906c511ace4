"""What a change means, table by table, and which scores count."""

from datetime import date, datetime, timedelta
from typing import Any

import pytest
from tests.unit.core.psychometrics.instruments import GAD_7, KNOWN, PHQ_9, SOURCE, instrument

from openkap import knowledge
from openkap.core.psychometrics import DatedScore, baseline, change, reliable_change_points, response_endpoint
from openkap.errors import BadInput
from openkap.knowledge import SignOff
from openkap.knowledge.schema.criterion import Criterion
from openkap.knowledge.schema.instrument import Instrument

TODAY = date(2026, 11, 21)
SIGNED = knowledge.load(
    TODAY,
    [SignOff(record.id, record.version, adopted=True, decided_on=TODAY) for record in KNOWN.criteria.values()],
)
WINDOWS = KNOWN.course_windows["course-windows"]
DOSE = datetime(2026, 9, 15, 10, 0)  # local time
DAY = timedelta(days=1)


def criterion(**changes: Any) -> Criterion:
    plain = {
        "id": "test-criterion", "title": {"en": "Test"}, "version": 1, "effective_from": "2026-01-01",
        "population": "tests", "sources": [SOURCE], "licence": "own", "verification": "source",
        "effect": "permissive", "authored_by": "tests", "next_review_on": "2027-01-01",
        "instrument": "test-scale", "kind": "reliable-change",
    }  # fmt: skip
    return Criterion.model_validate({**plain, **changes})


@pytest.mark.parametrize(
    # response, remission, reliable change, reliably better, reliably worse
    ("form", "first", "then", "expected"),
    [
        (PHQ_9, 20, 10, (True, False, True, True, False)),
        (PHQ_9, 20, 11, (False, False, True, True, False)),
        (PHQ_9, 10, 5, (True, False, False, False, False)),
        (PHQ_9, 10, 4, (True, True, True, True, False)),
        (PHQ_9, 9, 4, (None, True, False, False, False)),  # below caseness: not eligible for response
        (PHQ_9, 20, 14, (False, False, True, True, False)),
        (PHQ_9, 20, 15, (False, False, False, False, False)),
        (PHQ_9, 12, 18, (False, False, True, False, True)),
        (PHQ_9, 12, 17, (False, False, False, False, False)),
        (PHQ_9, 0, 0, (None, True, False, False, False)),
        (GAD_7, 16, 8, (True, False, True, True, False)),
        (GAD_7, 8, 4, (True, True, True, True, False)),
        (GAD_7, 7, 3, (None, True, True, True, False)),
        (GAD_7, 10, 7, (False, False, False, False, False)),
        (GAD_7, 10, 14, (False, False, True, False, True)),
    ],
)
def test_what_a_change_means(
    form: Instrument, first: int, then: int, expected: tuple[bool | None, ...]
) -> None:
    judged = change(form, first, then, SIGNED.criteria_for(form.id))
    parts = (judged.response, judged.remission, judged.reliable, judged.improved, judged.deteriorated)
    assert tuple(part.met for part in parts) == expected


def test_without_sign_off_a_figure_from_memory_establishes_nothing() -> None:
    judged = change(PHQ_9, 20, 5, KNOWN.criteria_for("phq-9"))
    assert judged.reliable.met is None
    assert "not established" in (judged.reliable.reason or "")
    assert judged.deteriorated.met is None
    assert judged.remission.met is False  # its figure was read in a source


def test_a_judgement_names_the_record_it_rests_on() -> None:
    judged = change(PHQ_9, 20, 5, SIGNED.criteria_for("phq-9"))
    assert (judged.response.criterion_id, judged.response.criterion_version) == ("phq-9-response", 1)
    assert judged.reliable.verification == "secondary"


def test_without_caseness_response_is_not_established() -> None:
    only = [c for c in SIGNED.criteria_for("phq-9") if c.kind != "caseness"]
    judged = change(PHQ_9, 20, 5, only)
    assert judged.response.met is None
    assert "caseness" in (judged.response.reason or "")


def test_figures_of_another_instrument_are_not_used() -> None:
    judged = change(PHQ_9, 20, 5, SIGNED.criteria_for("gad-7"))
    assert judged.response.met is None
    assert judged.remission.met is None


def test_percent_of_nothing_is_nothing() -> None:
    assert change(PHQ_9, 0, 3, ()).percent_improvement is None
    assert change(PHQ_9, 8, 6, ()).percent_improvement == 25
    assert change(PHQ_9, 8, 12, ()).percent_improvement == -50


def test_totals_out_of_range_are_refused() -> None:
    for first, then in ((28, 3), (3, -1)):
        with pytest.raises(BadInput):
            change(PHQ_9, first, then, ())


def test_reliable_change_from_sd_and_r_must_be_exceeded() -> None:
    error = {"sd": 6.0, "reliability": 0.84, "kind_of_reliability": "test-retest"}
    computed = criterion(measurement_error=error)
    # 1.96 x 6 x sqrt 2 x sqrt 0.16
    assert reliable_change_points(computed) == pytest.approx(6.6525, abs=1e-4)
    scale = instrument()
    assert change(scale, 13, 6, [computed]).reliable.met is True
    assert change(scale, 13, 7, [computed]).reliable.met is False


def test_a_published_figure_counts_when_it_is_reached() -> None:
    published = criterion(value=6)
    assert change(instrument(), 13, 7, [published]).reliable.met is True
    assert change(instrument(), 13, 8, [published]).reliable.met is False


def test_where_higher_is_better_the_directions_turn_round() -> None:
    better = instrument(higher_is_worse=False)
    figures = [
        criterion(value=4),
        criterion(id="test-caseness", kind="caseness", value=6),
        criterion(id="test-remission", kind="remission", value=12),
        criterion(id="test-response", kind="response", value=50),
    ]
    judged = change(better, 6, 12, figures)
    assert judged.eligible.met is True
    assert judged.remission.met is True
    assert judged.improved.met is True
    assert judged.deteriorated.met is False
    assert change(better, 7, 12, figures).eligible.met is False


def dated(day: float, total: int | None = 12, version: int = 1) -> DatedScore:
    return DatedScore("phq-9", version, DOSE + day * DAY, total, day)


@pytest.mark.parametrize(
    ("days", "expected"),
    [
        ([-20, -3, -1], -1),
        ([-14], -14),
        ([-15], None),
        ([-0.1], -0.1),
        ([0.1], None),
        ([-3, 5], -3),
        ([], None),
    ],
)
def test_the_baseline_is_the_last_score_of_the_fortnight_before(
    days: list[float], expected: float | None
) -> None:
    found = baseline([dated(day) for day in days], DOSE, WINDOWS)
    assert (found.ref if found else None) == expected


def test_a_score_without_total_is_no_baseline() -> None:
    found = baseline([dated(-3), dated(-1, None)], DOSE, WINDOWS)
    assert found is not None
    assert found.ref == -3


@pytest.mark.parametrize(
    ("days", "expected"),
    [([13, 14, 20], 14), ([15, 16], 15), ([31], 31), ([32], None), ([13], None), ([], None), ([30, 16], 16)],
)
def test_the_endpoint_is_nearest_to_day_fourteen_in_its_window(
    days: list[float], expected: float | None
) -> None:
    found = response_endpoint([dated(day) for day in days], dated(-1), DOSE, WINDOWS)
    assert (found.ref if found else None) == expected


def test_the_endpoint_is_of_the_same_form_and_has_a_total() -> None:
    scores = [dated(14, version=2), dated(15, None), dated(16)]
    found = response_endpoint(scores, dated(-1), DOSE, WINDOWS)
    assert found is not None
    assert found.ref == 16
