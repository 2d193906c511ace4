"""Wording packs gone wrong in any way: each is taken or refused in plain words, and nothing else happens."""

import copy
import re
from datetime import date
from pathlib import Path
from typing import Any

import yaml
from hypothesis import given, settings
from hypothesis import strategies as st

from openkap import knowledge
from openkap.core.psychometrics import failing_examples, parse_answers, score
from openkap.errors import BadInput
from openkap.knowledge.packs import check_pack, read_pack, with_words
from openkap.knowledge.schema.instrument import Instrument

GUIDE = Path(__file__).parents[3] / "docs" / "how-to" / "license-a-wording.md"
RAW = next(re.finditer(r"```yaml\n(.*?)```", GUIDE.read_text(encoding="utf-8"), re.DOTALL)).group(1)
WHOLE: dict[str, Any] = yaml.safe_load(RAW)
KNOWN = knowledge.load(date(2026, 11, 21)).instruments["wsas"]
JUNK = st.one_of(
    st.none(), st.booleans(), st.integers(-(10**6), 10**6), st.floats(), st.text(max_size=20), st.dates(),
    st.just([]), st.just({}), st.lists(st.integers(0, 9), max_size=3),
    st.sampled_from(["wsas", "8,8,8,8,8", "shipped", "eight", "<script>", "\u0000", "1e999", "٣"]),
)  # fmt: skip


def places(node: Any, before: tuple[Any, ...] = ()) -> list[tuple[Any, ...]]:
    """Every key and index there is in the record."""
    inside = node.items() if isinstance(node, dict) else enumerate(node) if isinstance(node, list) else ()
    return [place for key, part in inside for place in ((*before, key), *places(part, (*before, key)))]


PLACES = places(WHOLE)


def taken(raw: bytes) -> Instrument | None:
    """The instrument as a site would use it; none when it is refused, in words a person can act on."""
    try:
        pack = read_pack(raw)
        check_pack(pack, KNOWN)
    except BadInput as error:
        said = str(error)
        assert 10 < len(said) < 1500
        assert not re.search(r"Traceback|pydantic|object at 0x|Value error", said)
        return None
    return with_words(KNOWN, pack).model_copy(update={"examples": pack.examples})


def check_use(instrument: Instrument | None) -> None:
    """What is taken keeps what the record says a score is, and scores without fault."""
    if instrument is None:
        return
    assert (instrument.id, instrument.version, instrument.range) == (KNOWN.id, KNOWN.version, KNOWN.range)
    assert (instrument.bands, instrument.domain, instrument.title) == (KNOWN.bands, KNOWN.domain, KNOWN.title)
    failing_examples(instrument)
    lowest = ",".join(str(min(c.value for c in instrument.choices_of(item))) for item in instrument.items)
    total = score(instrument, parse_answers(lowest)).total
    assert total is None or total in KNOWN.range


@settings(max_examples=70, deadline=None)
@given(
    st.lists(st.tuples(st.sampled_from(PLACES), st.sampled_from(["cut", "junk", "extra"]), JUNK), max_size=3)
)
def test_a_record_with_parts_cut_or_replaced(changes: list[tuple[tuple[Any, ...], str, Any]]) -> None:
    record = copy.deepcopy(WHOLE)
    for place, what, junk in changes:
        _change(record, place, what, junk)
    check_use(taken(yaml.safe_dump(record, allow_unicode=True).encode()))


def _change(record: Any, place: tuple[Any, ...], what: str, junk: Any) -> None:
    node = record
    try:
        for key in place[:-1]:
            node = node[key]
        if what == "cut":
            del node[place[-1]]
        elif what == "junk":
            node[place[-1]] = junk
        elif isinstance(node, dict):
            node[str(junk)] = junk
    except (KeyError, IndexError, TypeError):
        return  # an earlier change took the place away


@settings(max_examples=40, deadline=None)
@given(st.integers(0, len(RAW)), st.integers(0, 60), st.binary(max_size=12))
def test_a_file_with_bytes_lost_or_put_in(at: int, lost: int, put: bytes) -> None:
    raw = RAW.encode()
    check_use(taken(raw[:at] + put + raw[at + lost :]))


@settings(max_examples=40, deadline=None)
@given(st.binary(max_size=200))
def test_no_bytes_are_taken_for_a_pack(raw: bytes) -> None:
    assert taken(raw) is None


def test_depth_and_references_are_refused_before_they_cost_anything() -> None:
    wide = "".join(
        f"{b}: &{b} [*{a},*{a},*{a},*{a},*{a},*{a},*{a},*{a}]\n"
        for a, b in zip("abcdef", "bcdefg", strict=True)
    )
    for raw in (b"[" * 190_000, b"{a: " * 40_000, f"a: &a [x]\n{wide}".encode(), b"x" * 200_001):
        assert taken(raw) is None


def test_the_pack_itself_is_taken() -> None:
    instrument = taken(RAW.encode())
    assert instrument is not None
    assert failing_examples(instrument) == ()
