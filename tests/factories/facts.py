"""Facts as rules' examples and tests need them: by concept, in the shape a chart would give."""

from datetime import date

from openkap.core.assessment import Code, Fact, FactKind, FactStatus, birth_date, clearance_fact, sex
from openkap.knowledge import KnowledgeSet
from openkap.knowledge.schema.rule import ExampleFact, RuleExample
from openkap.units import parse_quantity
from openkap.units.partial_dates import PartialDate


def entry(
    knowledge: KnowledgeSet,
    concept: str,
    status: FactStatus = FactStatus.ACTIVE,
    *,
    onset: str | None = None,
    recorded: date | None = None,
    value: str | None = None,
) -> Fact:
    """A chart entry that means `concept`: by its first code, else its words, else an answer when asked."""
    known = knowledge.concept_maps[concept]
    kind = FactKind(known.found_in[0].value)
    codes = tuple(
        Code(code.uri, code.code) for code in known.codes if not (code.history or code.absent or code.prefix)
    )[:1]
    said = status in {FactStatus.ABSENT, FactStatus.UNKNOWN}
    asked = said or not (codes or known.words)
    return Fact(
        kind=FactKind.ANSWER if asked else kind,
        text="" if asked or codes else known.title.en,
        codes=() if asked else codes,
        status=status,
        onset=PartialDate.parse(onset) if onset else None,
        recorded=recorded,
        value=parse_quantity(value) if value else None,
        source_ref=f"{kind}/{concept}",
        concept=concept if asked or not codes else "",
    )


def of_example(knowledge: KnowledgeSet, example: RuleExample) -> list[Fact]:
    """The facts of a rule's example."""
    facts = [_of(knowledge, fact) for fact in example.facts]
    if example.born is not None:
        facts.append(birth_date(example.born))
    if example.sex is not None:
        facts.append(sex(example.sex))
    return facts


def _of(knowledge: KnowledgeSet, fact: ExampleFact) -> Fact:
    status = FactStatus(fact.status)
    if fact.concept is None:
        return clearance_fact(fact.clearance or "", status, fact.on)
    return entry(knowledge, fact.concept, status, onset=fact.onset, recorded=fact.on, value=fact.value)
