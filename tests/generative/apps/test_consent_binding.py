"""One changed character anywhere changes what a signature is bound to."""

from copy import deepcopy
from datetime import UTC, date, datetime
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from openkap import knowledge
from openkap.apps.consent.binding import canonical, digest_of, seal_of
from openkap.apps.consent.texts import compose
from openkap.knowledge import SignOff
from openkap.knowledge.schema.consent_template import Blank

DAY = date(2026, 11, 21)
PLAIN = knowledge.load(DAY)
KNOWN = knowledge.load(DAY, [SignOff(t.id, t.version, True, DAY) for t in PLAIN.consent_templates.values()])
WORDS = {blank.value: {"en": f"words for {blank.value}", "es": f"palabras de {blank.value}"} for blank in Blank}
TEXT = compose(KNOWN, drug="ketamine", route="iv", addenda=[], language="en", words=WORDS)


def strings_in(value: Any, path: tuple[Any, ...] = ()) -> list[tuple[Any, ...]]:
    """Where every string of a document is."""
    if isinstance(value, str):
        return [path]
    inner = value.items() if isinstance(value, dict) else enumerate(value) if isinstance(value, list) else ()
    return [found for key, part in inner for found in strings_in(part, (*path, key))]


PLACES = strings_in(TEXT.document)


@given(st.sampled_from(PLACES), st.data())
@settings(max_examples=150, deadline=None)
def test_any_changed_character_changes_the_binding(place: tuple[Any, ...], data: st.DataObject) -> None:
    document = deepcopy(dict(TEXT.document))
    holder: Any = document
    for key in place[:-1]:
        holder = holder[key]
    text = holder[place[-1]]
    at = data.draw(st.integers(0, len(text)))
    new = data.draw(st.characters(codec="ascii", categories=("L", "N", "P", "Z")))
    how = data.draw(st.sampled_from(["add", "drop", "change"]))
    changed = text[:at] + ("" if how == "drop" else new) + text[at + (how != "add") :]
    holder[place[-1]] = changed
    assert (digest_of(document) == TEXT.digest) is (changed == text)


@given(st.sampled_from(sorted(WORDS)), st.text(st.characters(codec="ascii", categories=("L", "N")), min_size=1))
@settings(max_examples=50, deadline=None)
def test_the_sites_own_words_are_part_of_it(blank: str, said: str) -> None:
    words = WORDS | {blank: {"en": said, "es": said}}
    text = compose(KNOWN, drug="ketamine", route="iv", addenda=[], language="en", words=words)
    assert (text.digest == TEXT.digest) is (said == WORDS[blank]["en"])


SIGNED: dict[str, Any] = {
    "text_digest": TEXT.digest,
    "consent_id": "c",
    "patient_id": "p",
    "party": "patient",
    "printed_name": "Ada Own",
    "meaning": "I agree",
    "signed_at": datetime(2026, 9, 1, 8, 0, tzinfo=UTC),
    "method": "tablet",
    "user_id": "u",
    "witness_id": None,
    "drawn": "",
    "note": "",
}


@pytest.mark.parametrize("field", sorted(set(SIGNED) - {"signed_at"}))
@given(said=st.text(min_size=1, max_size=40))
@settings(max_examples=20, deadline=None)
def test_nothing_a_signature_says_can_change_under_its_seal(field: str, said: str) -> None:
    same = canonical({"": str(SIGNED[field] or "")}) == canonical({"": said})
    assert (seal_of(**SIGNED | {field: said}) == seal_of(**SIGNED)) is same


@given(st.permutations(sorted(TEXT.document)))
def test_the_order_of_keys_does_not_matter(order: list[str]) -> None:
    assert digest_of({key: TEXT.document[key] for key in order}) == TEXT.digest


def test_composed_and_decomposed_letters_are_the_same_text() -> None:
    assert digest_of({"a": "Se\u0301"}) == digest_of({"a": "S\u00e9"})
