"""The list of records as the browse screen shows and narrows it."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date

from django.utils.functional import Promise

from openkap.apps.knowledge_base import queries, words
from openkap.knowledge import KnowledgeSet, State
from openkap.knowledge.schema.record import Record


@dataclass(frozen=True)
class Listed:
    """One record in the list."""

    kind: str
    record: Record
    title: str
    state: State
    waiting: bool
    overdue: bool

    @property
    def kind_name(self) -> str | Promise:
        return words.KIND_NAMES.get(self.kind, self.kind)

    @property
    def state_name(self) -> str | Promise:
        return words.STATE_NAMES[self.state]

    @property
    def verification_name(self) -> str | Promise:
        return words.VERIFICATION_NAMES[self.record.verification]

    @property
    def effect_name(self) -> str | Promise:
        return words.EFFECT_NAMES[self.record.effect]

    @property
    def authority_name(self) -> str | Promise:
        authority = getattr(self.record, "authority", None)
        return words.AUTHORITY_NAMES[authority] if authority else ""


def listed(known: KnowledgeSet, today: date, language: str) -> list[Listed]:
    """Every record in force; those that wait for the director first."""
    found = [
        Listed(
            kind,
            record,
            words.text_in(record.title, language),
            known.state(record.id),
            queries.waits_for_decision(known, record),
            record.next_review_on < today,
        )
        for kind, record in queries.records_of(known)
    ]
    return sorted(found, key=lambda item: (not item.waiting, item.title.casefold()))


def narrowed(items: list[Listed], wanted: Mapping[str, str]) -> list[Listed]:
    """The items `wanted` (the cleaned `FindForm`) asks for."""
    return [item for item in items if _fits(item, wanted)]


def _fits(item: Listed, wanted: Mapping[str, str]) -> bool:
    record = item.record
    held = {
        "kind": item.kind,
        "verification": record.verification.value,
        "authority": str(getattr(record, "authority", "")),
    }
    if any(wanted.get(name) and wanted[name] != value for name, value in held.items()):
        return False
    return _fits_state(item, wanted.get("state", "")) and _mentions(item, wanted.get("q", ""))


def _fits_state(item: Listed, state: str) -> bool:
    if state == "waiting":
        return item.waiting
    if state == "overdue":
        return item.overdue
    return not state or item.state.value == state


def _mentions(item: Listed, text: str) -> bool:
    record = item.record
    said = " ".join(
        [
            record.id, item.title, record.population, record.authored_by, record.reviewed_by or "",
            record.notes,
            *(f"{source.citation} {source.locator}" for source in record.sources),
            *(str(drug) for drug in getattr(record, "drugs", ())),
        ]
    ).casefold()  # fmt: skip
    return all(word in said for word in text.casefold().split())
