"""Finding the clinical concepts in a chart's entries, by code and by words."""

import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, replace
from enum import StrEnum
from functools import lru_cache
from typing import Final

from openkap.core.assessment.facts import Code, Fact, FactKind, FactStatus
from openkap.core.assessment.person import clearance_key
from openkap.knowledge import KnowledgeSet
from openkap.knowledge.schema.concept_map import ConceptMap, MappedCode

# An entry about a relative, or one that says 'not so', is not an entry about the patient's condition.
_OF_ANOTHER: Final = re.compile(
    r"\b(family history|fh:|father|mother|sibling|antecedentes familiares)\b", re.IGNORECASE
)
_DENIED: Final = re.compile(
    r"\b(no (known |personal )?(history|evidence) of|denies|ruled out|absence of)\b", re.IGNORECASE
)
_DENIED_OF_ANOTHER: Final = re.compile(r"\b(no (known )?family history|sin antecedentes)\b", re.IGNORECASE)
_PAST: Final = re.compile(r"\b(history of|status post|h/o|past|previous)\b", re.IGNORECASE)

_FOUND_BY_CODE: Final = frozenset(
    {FactKind.CONDITION, FactKind.MEDICATION, FactKind.ALLERGY, FactKind.OBSERVATION, FactKind.PROCEDURE}
)
_REMEMBERED: Final = 16384  # different entries whose meaning is kept; charts repeat the same few thousand


class _Says(StrEnum):
    """How an entry counts for a concept."""

    AS_IT_IS = "as it is"
    PAST = "past"  # active becomes resolved
    ABSENT = "absent"


@dataclass(frozen=True, slots=True)
class _Pattern:
    concept: str
    kinds: frozenset[str]
    words: re.Pattern[str] | None
    not_words: re.Pattern[str] | None
    about_relatives: bool


class Recogniser:
    """The concept maps of a knowledge set, indexed."""

    def __init__(self, maps: Mapping[str, ConceptMap]) -> None:
        self._exact: dict[tuple[str, str], list[tuple[str, frozenset[str], MappedCode]]] = {}
        self._prefixes: list[tuple[str, frozenset[str], MappedCode]] = []
        self._patterns: list[_Pattern] = []
        self._denials: list[tuple[str, frozenset[str], re.Pattern[str]]] = []
        for concept in maps.values():
            self._add(concept)
        self._meaning = lru_cache(maxsize=_REMEMBERED)(self._find)

    def _add(self, concept: ConceptMap) -> None:
        kinds = frozenset(kind.value for kind in concept.found_in)
        for code in concept.codes:
            if code.prefix:
                self._prefixes.append((concept.id, kinds, code))
            self._exact.setdefault((code.uri.value, code.code), []).append((concept.id, kinds, code))
        if denial := _either(concept.absent_words):
            self._denials.append((concept.id, kinds, denial))
        if concept.words:
            self._patterns.append(
                _Pattern(
                    concept.id,
                    kinds,
                    _either(concept.words),
                    _either(concept.not_words),
                    concept.about_relatives,
                )
            )

    def concepts_in(self, fact: Fact) -> dict[str, Fact]:
        """The concepts a fact is about, each with the fact as it counts for that concept.

        A code that says 'history of' makes an entry a past one, whatever its status; so do such words.
        """
        if fact.kind is FactKind.CLEARANCE:
            return {clearance_key(fact.concept): fact}
        if fact.kind in {FactKind.ANSWER, FactKind.DEMOGRAPHIC} or (fact.concept and not fact.codes):
            return {fact.concept: fact} if fact.concept else {}
        found = {
            concept: _as_said(fact, says)
            for concept, says in self._meaning(fact.kind, fact.text, fact.codes).items()
        }
        if fact.concept:
            found.setdefault(fact.concept, fact)
        return found

    def _find(self, kind: FactKind, text: str, codes: tuple[Code, ...]) -> Mapping[str, _Says]:
        """What an entry with these words and codes is about: codes before words, denials before both."""
        if kind not in _FOUND_BY_CODE:
            return {}
        if _OF_ANOTHER.search(text):
            said = _Says.ABSENT if _DENIED_OF_ANOTHER.search(text) else _Says.AS_IT_IS
            return dict.fromkeys(self._by_words(kind, text, about_relatives=True), said)
        found = self._by_code(kind, codes)
        worded = _worded(kind, text)
        for concept in self._by_words(kind, text):
            found.setdefault(concept, worded)
        found.update(dict.fromkeys(self._denied(kind, text), _Says.ABSENT))
        return found

    def _by_code(self, kind: FactKind, codes: tuple[Code, ...]) -> dict[str, _Says]:
        found: dict[str, _Says] = {}
        for code in codes:
            matches = list(self._exact.get((str(code.system), code.code), ()))
            matches += [
                match for match in self._prefixes
                if match[2].uri.value == code.system and code.code.startswith(match[2].code)
            ]  # fmt: skip
            for concept, kinds, mapped in matches:
                if kind in kinds:
                    found[concept] = _mapped(mapped)
        return found

    def _denied(self, kind: FactKind, text: str) -> list[str]:
        """Concepts the entry says are absent, such as 'no known allergies'."""
        return [concept for concept, kinds, words in self._denials if kind in kinds and words.search(text)]

    def _by_words(self, kind: FactKind, text: str, *, about_relatives: bool = False) -> list[str]:
        return [
            pattern.concept
            for pattern in self._patterns
            if kind in pattern.kinds
            and pattern.about_relatives is about_relatives
            and pattern.words is not None
            and pattern.words.search(text)
            and not (pattern.not_words and pattern.not_words.search(text))
        ]


@lru_cache(maxsize=8)
def recogniser(knowledge: KnowledgeSet) -> Recogniser:
    """The recogniser of a knowledge set; kept for the sets in use."""
    return Recogniser(knowledge.concept_maps)


def by_concept(facts: Iterable[Fact], recognise: Recogniser) -> tuple[dict[str, list[Fact]], tuple[Fact, ...]]:
    """Facts grouped by concept, and the clinical entries no concept map knows."""
    found: dict[str, list[Fact]] = {}
    unrecognised: list[Fact] = []
    for fact in facts:
        concepts = recognise.concepts_in(fact)
        for concept, as_counted in concepts.items():
            found.setdefault(concept, []).append(as_counted)
        if not concepts and fact.kind in {FactKind.CONDITION, FactKind.MEDICATION, FactKind.ALLERGY}:
            unrecognised.append(fact)
    return found, tuple(sorted(unrecognised, key=order))


def order(fact: Fact) -> tuple[str, ...]:
    """A total order of facts, so that results do not depend on the order they came in."""
    onset = fact.onset.text if fact.onset else ""
    codes = "|".join(sorted(f"{code.system}:{code.code}" for code in fact.codes))
    recorded = fact.recorded.isoformat() if fact.recorded else ""
    return (
        fact.source_ref,
        fact.kind,
        fact.concept,
        fact.text,
        fact.status,
        onset,
        recorded,
        codes,
        str(fact.value),
    )


def _either(patterns: tuple[str, ...]) -> re.Pattern[str] | None:
    if not patterns:
        return None
    return re.compile("|".join(rf"\b(?:{pattern})\b" for pattern in patterns), re.IGNORECASE)


def _mapped(code: MappedCode) -> _Says:
    if code.absent:
        return _Says.ABSENT
    return _Says.PAST if code.history else _Says.AS_IT_IS


def _worded(kind: FactKind, text: str) -> _Says:
    if kind is not FactKind.CONDITION:
        return _Says.AS_IT_IS
    if _DENIED.search(text):
        return _Says.ABSENT
    return _Says.PAST if _PAST.search(text) else _Says.AS_IT_IS


def _as_said(fact: Fact, says: _Says) -> Fact:
    match says:
        case _Says.ABSENT:
            return replace(fact, status=FactStatus.ABSENT)
        case _Says.PAST if fact.status is FactStatus.ACTIVE:
            return replace(fact, status=FactStatus.RESOLVED)
        case _:
            return fact
