"""An instrument's own worked examples: whether they hold, and what none of them would notice.

Authors run both on one file (`openkap knowledge check`), and so do the tests on every record.
"""

from openkap.core.psychometrics.mutants import mutants
from openkap.core.psychometrics.results import Score
from openkap.core.psychometrics.scoring import parse_answers, score, score_total
from openkap.errors import BadInput
from openkap.knowledge.schema.instrument import Example, Instrument


def failing_examples(instrument: Instrument) -> tuple[str, ...]:
    """What the examples say otherwise than the scoring does, in words; nothing when all hold."""
    return tuple(fault for example in instrument.examples for fault in _faults(instrument, example))


def unnoticed_changes(instrument: Instrument) -> tuple[str, ...]:
    """Small wrong turns of the record (a cut shifted, an item turned round) that no example would notice."""
    return tuple(
        what
        for what, changed in mutants(instrument)
        if not any(_faults(changed, example) for example in instrument.examples)
    )


def _faults(instrument: Instrument, example: Example) -> list[str]:
    shown = example.answers if example.answers is not None else example.entered
    name = f"{shown if shown is not None else example.parts}"
    try:
        scored = _scored(instrument, example)
    except BadInput as error:
        return [] if example.refused else [f"{name}: {error}"]
    if example.refused:
        return [f"{name}: is taken, and should be refused"]
    return [
        f"{name}: {what} is {came_out}, and should be {expected}"
        for what, came_out, expected in _compared(scored, example)
        if came_out != expected
    ]


def _scored(instrument: Instrument, example: Example) -> Score:
    if example.answers is not None:
        return score(instrument, parse_answers(example.answers))
    return score_total(instrument, example.entered, example.parts)


def _compared(scored: Score, example: Example) -> list[tuple[str, object, object]]:
    parts = {part.id: part.total for part in scored.subscales}
    expected = dict(example.subscales) if example.answers is not None else {**example.parts}
    compared: list[tuple[str, object, object]] = [
        ("total", scored.total, example.total if example.answers is not None else example.entered),
        ("band", scored.band.id if scored.band else None, example.band),
        ("outcome", scored.outcome.id if scored.outcome else None, example.outcome),
        ("parts", {name: parts[name] for name in parts if name in expected or example.answers}, expected),
    ]
    if example.part_bands:
        bands = {part.id: part.band.id for part in scored.subscales if part.band}
        compared.append(
            ("bands of parts", {name: bands.get(name) for name in example.part_bands}, example.part_bands)
        )
    if example.raised is not None:
        raised = sorted(flag.item for flag in scored.flags if flag.raised)
        compared.append(("raised", raised, sorted(example.raised)))
    return compared
