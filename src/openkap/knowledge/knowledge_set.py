"""What is known at a site on a day: the records in force, and whether each may act.

A record waits for the medical director when it changes care and nobody here has read its source. Until then
what restricts fails closed and what permits stays inactive (DEFINITIONS: Knowledge and rules).
"""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, replace
from datetime import date
from enum import StrEnum
from types import MappingProxyType
from typing import Final, TypeVar

from openkap.errors import NotFound
from openkap.knowledge.loader import versions_of
from openkap.knowledge.packs import with_words
from openkap.knowledge.schema.adequacy import FailureDefinition
from openkap.knowledge.schema.cadence import Cadence
from openkap.knowledge.schema.candidacy_question import CandidacyQuestion
from openkap.knowledge.schema.clearance_item import ClearanceItem
from openkap.knowledge.schema.concept_map import ConceptMap
from openkap.knowledge.schema.consent_template import ConsentRules, ConsentTemplate
from openkap.knowledge.schema.course_windows import CourseWindows
from openkap.knowledge.schema.criterion import Criterion
from openkap.knowledge.schema.early_warning import EarlyWarning
from openkap.knowledge.schema.evidence import Evidence
from openkap.knowledge.schema.instrument import Instrument
from openkap.knowledge.schema.method_match import MethodMatch
from openkap.knowledge.schema.monitoring import MonitoringRecord
from openkap.knowledge.schema.options import Expectation, Treatment
from openkap.knowledge.schema.past_treatment import TreatmentClass
from openkap.knowledge.schema.pd_model import PdModel
from openkap.knowledge.schema.pk_interaction import PkInteraction
from openkap.knowledge.schema.pk_model import PkModel
from openkap.knowledge.schema.protocol import Protocol
from openkap.knowledge.schema.record import Authority, Effect, Record, RecordId
from openkap.knowledge.schema.risk_pathway import RiskPathway
from openkap.knowledge.schema.risk_response import RiskResponse
from openkap.knowledge.schema.rule import Rule
from openkap.knowledge.schema.screen import Screen
from openkap.knowledge.schema.staging import Staging

SomeRecord = TypeVar("SomeRecord", bound=Record)
WARN_UNTIL_ADOPTED: Final = frozenset({Authority.TRIAL_EXCLUSION, Authority.SERVICE_POLICY})


class State(StrEnum):
    """Whether a record may act."""

    ACTIVE = "active"
    NEEDS_SIGN_OFF = "needs-sign-off"  # restrictive and undecided: holds until the director decides
    INACTIVE = "inactive"


@dataclass(frozen=True, slots=True)
class SignOff:
    """The medical director's decision on one version of a record. A later decision replaces an earlier one."""

    record_id: RecordId
    version: int
    adopted: bool
    decided_on: date


@dataclass(frozen=True, slots=True, eq=False, repr=False)
class KnowledgeSet:
    """The records in force at one site on one day. Immutable; what the core is handed."""

    at: date
    site: str | None
    instruments: Mapping[str, Instrument]
    criteria: Mapping[str, Criterion]
    course_windows: Mapping[str, CourseWindows]
    early_warnings: Mapping[str, EarlyWarning]
    cadences: Mapping[str, Cadence]
    risk_responses: Mapping[str, RiskResponse]
    risk_pathways: Mapping[str, RiskPathway]
    rules: Mapping[str, Rule]
    concept_maps: Mapping[str, ConceptMap]
    clearance_items: Mapping[str, ClearanceItem]
    candidacy_questions: Mapping[str, CandidacyQuestion]
    protocols: Mapping[str, Protocol]
    monitoring: Mapping[str, MonitoringRecord]
    pk_models: Mapping[str, PkModel]
    consent_templates: Mapping[str, ConsentTemplate]
    consent_rules: Mapping[str, ConsentRules]
    past_treatments: Mapping[str, TreatmentClass]
    adequacy: Mapping[str, FailureDefinition]
    staging: Mapping[str, Staging]
    screens: Mapping[str, Screen]
    evidence: Mapping[str, Evidence]
    options: Mapping[str, Treatment]
    expectations: Mapping[str, Expectation]
    method_match: Mapping[str, MethodMatch]
    pk_interactions: Mapping[str, PkInteraction]
    pd_models: Mapping[str, PdModel]
    _decisions: Mapping[tuple[str, int], bool]
    _others: Mapping[str, Record]  # by id: every version not in force that has no other in force

    def record(self, record_id: str) -> Record:
        """The record of that id, in force or not. Raises `NotFound`."""
        for kind in self._kinds():
            if record_id in kind:
                return kind[record_id]
        if record_id in self._others:
            return self._others[record_id]
        raise NotFound("There is no knowledge record '%(record_id)s'.", record_id=record_id)

    def in_force(self, record_id: str) -> bool:
        """Whether the record's dates cover the day."""
        return any(record_id in kind for kind in self._kinds())

    def decision(self, record_id: str) -> bool | None:
        """What the director decided on the version in force: adopted, declined, or nothing yet."""
        record = self.record(record_id)
        return self._decisions.get((record.id, record.version))

    def state(self, record_id: str) -> State:
        """Whether the record may act here today. Raises `NotFound`."""
        record, decision = self.record(record_id), self.decision(record_id)
        if not self.in_force(record_id):
            return State.INACTIVE
        if not record.needs_sign_off or decision:
            return State.ACTIVE
        if decision is None and record.effect is Effect.RESTRICTIVE:
            # Another programme's exclusion warns until adopted, so there is nothing of it to fail closed.
            return State.ACTIVE if _authority(record) in WARN_UNTIL_ADOPTED else State.NEEDS_SIGN_OFF
        return State.INACTIVE

    def with_wordings(self, packs: Iterable[Instrument]) -> "KnowledgeSet":
        """The same knowledge with the words a site has licensed; a pack of another version is not used."""
        licensed = {
            pack.id: with_words(self.instruments[pack.id], pack)
            for pack in packs
            if pack.id in self.instruments and pack.version == self.instruments[pack.id].version
        }
        return replace(self, instruments=MappingProxyType({**self.instruments, **licensed}))

    def may_restrict(self, record_id: str) -> bool:
        """Whether an active rule may block or hold: a label's may, another's once the site has adopted it."""
        return _authority(self.record(record_id)) is Authority.LABEL or self.decision(record_id) is True

    def criteria_for(self, instrument_id: str) -> tuple[Criterion, ...]:
        """The criteria of an instrument that are active here."""
        return tuple(
            criterion
            for criterion in self.criteria.values()
            if criterion.instrument == instrument_id and self.state(criterion.id) is State.ACTIVE
        )

    def _kinds(self) -> tuple[Mapping[str, Record], ...]:
        return (
            self.instruments, self.criteria, self.course_windows, self.early_warnings,
            self.cadences, self.risk_responses,
            self.risk_pathways, self.rules,
            self.concept_maps, self.clearance_items, self.candidacy_questions, self.protocols,
            self.monitoring, self.pk_models,
            self.past_treatments, self.adequacy, self.staging, self.screens,
            self.evidence, self.options,
            self.expectations, self.method_match,
            self.pk_interactions, self.pd_models, self.consent_templates, self.consent_rules,
        )  # fmt: skip


def _authority(record: Record) -> Authority | None:
    """Whose word a rule or a limit is; other records have none."""
    authority = getattr(record, "authority", None)
    return authority if isinstance(authority, Authority) else None


def load(at: date, sign_offs: Iterable[SignOff] = (), site: str | None = None) -> KnowledgeSet:
    """The package's knowledge on a day, after a site's sign-offs. Files are read once per process.

    Raises `BadRecord` when a file cannot be used: OpenKAP does not start on knowledge it cannot trust.
    """
    decisions: dict[tuple[str, int], bool] = {}
    for sign_off in sorted(sign_offs, key=lambda s: s.decided_on):
        if sign_off.decided_on <= at:
            decisions[sign_off.record_id, sign_off.version] = sign_off.adopted
    others: dict[str, Record] = {}
    return KnowledgeSet(
        at=at,
        site=site,
        instruments=_current("instruments", Instrument, at, others),
        criteria=_current("criteria", Criterion, at, others),
        course_windows=_current("course_windows", CourseWindows, at, others),
        early_warnings=_current("early_warnings", EarlyWarning, at, others),
        cadences=_current("cadences", Cadence, at, others),
        risk_responses=_current("risk_responses", RiskResponse, at, others),
        risk_pathways=_current("risk_pathways", RiskPathway, at, others),
        rules=_current("rules", Rule, at, others),
        concept_maps=_current("concept_maps", ConceptMap, at, others),
        clearance_items=_current("clearance_items", ClearanceItem, at, others),
        candidacy_questions=_current("candidacy_questions", CandidacyQuestion, at, others),
        protocols=_current("protocols", Protocol, at, others),
        monitoring=_current("monitoring", MonitoringRecord, at, others),
        pk_models=_current("pk_models", PkModel, at, others),
        consent_templates=_current("consent_templates", ConsentTemplate, at, others),
        consent_rules=_current("consent_rules", ConsentRules, at, others),
        past_treatments=_current("past_treatments", TreatmentClass, at, others),
        adequacy=_current("adequacy", FailureDefinition, at, others),
        staging=_current("staging", Staging, at, others),
        screens=_current("screens", Screen, at, others),
        evidence=_current("evidence", Evidence, at, others),
        options=_current("options", Treatment, at, others),
        expectations=_current("expectations", Expectation, at, others),
        method_match=_current("method_match", MethodMatch, at, others),
        pk_interactions=_current("pk_interactions", PkInteraction, at, others),
        pd_models=_current("pd_models", PdModel, at, others),
        _decisions=MappingProxyType(decisions),
        _others=MappingProxyType(others),
    )


def _current(
    directory: str, kind: type[SomeRecord], at: date, others: dict[str, Record]
) -> Mapping[str, SomeRecord]:
    current: dict[str, SomeRecord] = {}
    for record in versions_of(directory, kind):
        if record.effective_from <= at and (record.effective_until is None or at < record.effective_until):
            current[record.id] = record
        else:
            others[record.id] = record
    return MappingProxyType(current)
