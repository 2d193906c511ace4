"""Every instrument's worked examples hold, and would notice a record that went wrong in any small way."""

import pytest
from tests.unit.core.psychometrics.instruments import instrument

from openkap.core.psychometrics.examples import failing_examples, unnoticed_changes
from openkap.core.psychometrics.mutants import mutants
from openkap.knowledge.loader import read_whole
from openkap.knowledge.schema.instrument import Example, Instrument

RECORDS = [pytest.param(record, id=record.id) for record in read_whole("instruments", Instrument)]

# No answers there are could tell these from the record.
MAKE_NO_DIFFERENCE = {
    "asq": (
        "acute-positive: values -1",  # question 5 is only asked after one of the four was reached
        "negative: count -1",  # a yes or a gap among the four is caught by the outcomes above
    ),
}


@pytest.mark.parametrize("record", RECORDS)
def test_the_examples_hold_and_notice_what_goes_wrong(record: Instrument) -> None:
    assert failing_examples(record) == ()
    assert unnoticed_changes(record) == MAKE_NO_DIFFERENCE.get(record.id, ())


@pytest.mark.parametrize("record", RECORDS)
def test_the_examples_tell_what_is_refused_and_what_happens_when_something_is_missing(
    record: Instrument,
) -> None:
    assert any(example.refused for example in record.examples)
    if record.items:
        left_out = [
            e for e in record.examples if any(word in (e.answers or "") for word in ("NA", "SKIP", "REF"))
        ]
        assert left_out


def example(**given: object) -> Example:
    return Example.model_validate(given)


@pytest.mark.parametrize(
    ("wrong", "says"),
    [
        (example(answers="1,1,1", total=8, subscales={"front": 6, "back": 1}), "total is 7, and should be 8"),
        (example(answers="1,1,1", total=7), "parts is"),
        (example(answers="9,1,1", total=7), "choose 1, 2, 3, 4, 5"),
        (example(answers="1,1,1", refused=True), "is taken, and should be refused"),
        (example(answers="1,1,1", total=7, subscales={"front": 6, "back": 1}, raised=()), "raised is"),
        (
            example(answers="1,1,1", total=7, subscales={"front": 6, "back": 1}, part_bands={"back": "high"}),
            "bands",
        ),
        (example(entered=16), "it goes from 3 to 15"),
        (example(entered=15, band="high"), "band is None, and should be high"),
        (example(entered=15, parts={"middle": 1}), "has no part 'middle'"),
    ],
)
def test_an_example_that_does_not_hold_is_named_with_what_came_out(wrong: Example, says: str) -> None:
    faults = failing_examples(instrument().model_copy(update={"examples": (wrong,)}))
    assert len(faults) == 1
    assert says in faults[0]


def test_a_record_without_examples_notices_nothing() -> None:
    bare = instrument()
    assert len(unnoticed_changes(bare)) == len(list(mutants(bare))) > 20


@pytest.mark.parametrize("given", [{}, {"answers": "1", "entered": 1}, {"answers": "1", "parts": {"front": 1}}])
def test_an_example_is_of_one_kind(given: dict[str, object]) -> None:
    with pytest.raises(ValueError, match="either answers or what was entered"):
        example(**given)
