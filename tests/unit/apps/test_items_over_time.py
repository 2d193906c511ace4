"""Question by question: how severe each answer is, whichever way it counts, and what rose."""

from datetime import UTC, datetime, timedelta

from tests.unit.core.psychometrics.instruments import PHQ_9, instrument

from openkap.apps.measures.items import items_over_time
from openkap.apps.measures.models import Response
from openkap.knowledge.schema.instrument import Instrument

AT = datetime(2026, 9, 1, tzinfo=UTC)


def filled(form: Instrument, week: int, *answers: object) -> Response:
    """Not stored: the table is made of values."""
    given = {item.id: answer for item, answer in zip(form.items, answers, strict=True)}
    at = AT + timedelta(weeks=week)
    return Response(
        instrument_id=form.id, instrument_version=form.version, administered_at=at, answers=given, total=1
    )


def test_darker_is_more_severe_also_where_the_question_counts_the_other_way() -> None:
    form = instrument()  # three questions from 1 to 5, the second reversed
    one = filled(form, 0, 5, 5, 1)
    found = items_over_time(form, [one], None, "en", "asked")
    assert found is not None
    assert [row.cells[0].shade for row in found.rows] == [4, 0, 0]
    assert [row.cells[0].shown for row in found.rows] == ["5", "5", "1"]
    assert [row.change for row in found.rows] == [None, None, None]


def test_change_is_since_baseline_and_unknown_where_an_answer_is_missing() -> None:
    before, after = filled(PHQ_9, 0, *[2] * 9), filled(PHQ_9, 3, 3, 1, "REFUSED", *[2] * 6)
    found = items_over_time(PHQ_9, [before, after], before.public_id, "en", "change")
    assert found is not None
    assert [row.item.id for row in found.rows[:1]] == ["1"]
    assert [row.change for row in found.rows] == [1, 0, 0, 0, 0, 0, 0, -1, None]
    assert (found.rows[-2].fell, found.rows[-1].cells[1].shade) == (1, None)
    assert [filling.is_baseline for filling in found.fillings] == [True, False]


def test_the_worst_now_come_first_when_asked_for() -> None:
    one = filled(PHQ_9, 0, 0, 3, *[1] * 7)
    found = items_over_time(PHQ_9, [one], None, "es", "now")
    assert found is not None
    assert found.rows[0].item.id == "2"
    assert found.rows[0].text != PHQ_9.items[1].id


def test_without_answers_there_is_no_table() -> None:
    assert (
        items_over_time(PHQ_9, [Response(instrument_version=PHQ_9.version, total=4)], None, "en", "x") is None
    )


def test_many_fillings_keep_the_baseline_and_the_newest() -> None:
    rows = [filled(PHQ_9, week, *[1] * 9) for week in range(20)]
    found = items_over_time(PHQ_9, rows, rows[0].public_id, "en", "asked")
    assert found is not None
    assert (len(found.fillings), found.left_out) == (16, 4)
    assert found.fillings[0].at == rows[0].administered_at
    assert found.fillings[-1].at == rows[-1].administered_at
