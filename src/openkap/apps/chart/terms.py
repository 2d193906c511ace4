"""The terms one can enter: what the knowledge base has codes for."""

from collections.abc import Iterable
from dataclasses import dataclass

from openkap.core.assessment.concepts import recogniser
from openkap.core.assessment.facts import Fact
from openkap.fhir.values import Coding
from openkap.knowledge import KnowledgeSet

FOUND_IN = {"problem": "condition", "medicine": "medication", "allergy": "allergy", "procedure": "procedure"}


@dataclass(frozen=True, order=True)
class Term:
    """One term with its code; `display` is what is typed and shown."""

    display: str
    system: str
    code: str


def terms_for(knowledge: KnowledgeSet, kind: str) -> list[Term]:
    """The terms of one kind of entry, by name, each once. Codes that say 'not so' or 'once' are left out."""
    found: dict[str, Term] = {}
    for concept in knowledge.concept_maps.values():
        if FOUND_IN[kind] in {one.value for one in concept.found_in}:
            for code in concept.codes:
                if not (code.absent or code.history or code.prefix):
                    term = Term(code.display, code.uri.value, code.code)
                    found.setdefault(term.display.casefold(), term)
    return sorted(found.values())


def term_named(knowledge: KnowledgeSet, kind: str, text: str) -> Term | None:
    """The term of exactly that name, whatever its capitals."""
    wanted = " ".join(text.split()).casefold()
    return next((term for term in terms_for(knowledge, kind) if term.display.casefold() == wanted), None)


def codings_of(term: Term | None) -> list[Coding]:
    """The term's code as the chart keeps codes; none for free words."""
    return [Coding(system=term.system, code=term.code, display=term.display)] if term else []


def is_recognised(knowledge: KnowledgeSet, facts: Iterable[Fact]) -> bool:
    """Whether any rule could look at these facts."""
    known = recogniser(knowledge)
    return any(known.concepts_in(fact) for fact in facts)
