"""Whatever the bytes are, reading them gives a chart or says what is wrong."""

import copy
import json
from functools import cache
from typing import Any

from hypothesis import given
from hypothesis import strategies as st
from tests.factories import chart as fhir

from openkap.errors import BadInput
from openkap.fhir.bundle import read_bundle
from openkap.fhir.facts import facts_of
from openkap.fhir.values import ChartImport
from openkap.units.partial_dates import PartialDate

TODAY = PartialDate.parse("2026-11-21").first
RICH = fhir.bundle(
    fhir.condition(),
    fhir.order(),
    fhir.statement(),
    fhir.allergy(),
    fhir.weight(),
    fhir.pressure(),
    fhir.procedure(),
)
ODD_TEXTS = ["", " ", "\x00", "\ud800", "2026-13-45", "9999", "active", fhir.PATIENT, "x" * 3000, "#m", "é́"]
VALUES = st.one_of(
    st.none(),
    st.booleans(),
    st.integers(),
    st.floats(),
    st.text(max_size=8),
    st.sampled_from(ODD_TEXTS),
    st.just([]),
    st.just({}),
    st.just([None]),
    st.just([{}]),
)


def attempt(raw: bytes) -> ChartImport | None:
    """Read it; anything that is raised but `BadInput` is a defect."""
    try:
        chart = read_bundle(raw)
    except BadInput:
        return None
    assert 1 + sum(part.n for part in chart.skipped if "." not in part.type) <= chart.entries
    assert list(facts_of(chart, TODAY))
    return chart


@cache
def paths(raw: bytes) -> list[tuple[Any, ...]]:
    """The way to every place of a document."""

    def below(node: Any, way: tuple[Any, ...]) -> list[tuple[Any, ...]]:
        items = node.items() if isinstance(node, dict) else enumerate(node) if isinstance(node, list) else ()
        return [way, *(deeper for key, child in items for deeper in below(child, (*way, key)))]

    return below(json.loads(raw), ())[1:]


def changed(raw: bytes, way: tuple[Any, ...], value: Any) -> bytes:
    """The document with another value at one place."""
    document = copy.deepcopy(json.loads(raw))
    node = document
    for key in way[:-1]:
        node = node[key]
    node[way[-1]] = value
    return json.dumps(document).encode("utf-8", "surrogatepass")


@given(st.binary(max_size=200))
def test_any_bytes(raw: bytes) -> None:
    attempt(raw)


@given(st.data())
def test_one_place_holds_something_else(data: st.DataObject) -> None:
    way = data.draw(st.sampled_from(paths(RICH)))
    attempt(changed(RICH, way, data.draw(VALUES)))


@given(st.data())
def test_two_places_hold_something_else(data: st.DataObject) -> None:
    raw = RICH
    for _ in range(2):
        raw = changed(raw, data.draw(st.sampled_from(paths(raw))), data.draw(VALUES))
        if attempt(raw) is None:
            return


@given(st.integers(min_value=0), st.integers(min_value=0, max_value=255))
def test_one_byte_of_a_real_bundle_is_another(place: int, byte: int) -> None:
    raw = bytearray(fhir.synthea("edward-gulgowski"))
    raw[place % len(raw)] = byte
    attempt(bytes(raw))


@given(st.integers(min_value=0))
def test_a_real_bundle_that_is_cut_off_is_refused(length: int) -> None:
    raw = fhir.synthea("edward-gulgowski").rstrip()
    assert attempt(raw[: length % len(raw)]) is None


@given(st.randoms(use_true_random=False))
def test_entries_in_any_order_say_the_same(shuffle: Any) -> None:
    document = json.loads(fhir.synthea("edward-gulgowski"))
    expected = read_bundle(json.dumps(document).encode())
    shuffle.shuffle(document["entry"])
    shuffled = read_bundle(json.dumps(document).encode())
    assert set(shuffled.observations) == set(expected.observations)
    assert set(shuffled.conditions) == set(expected.conditions)
    assert shuffled.skipped == expected.skipped
