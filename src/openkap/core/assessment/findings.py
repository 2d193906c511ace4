"""What the assessment says: findings with their reasons and sources, and one verdict."""

from dataclasses import dataclass
from enum import StrEnum

from openkap.core.assessment.facts import Fact
from openkap.knowledge.schema.record import Authority, Source, Text, Verification


class FindingAction(StrEnum):
    """What a finding does, strictest first."""

    BLOCK = "block"
    HOLD = "hold"
    NEEDS = "needs"  # something must be known or decided first
    WARN = "warn"
    TASK = "task"
    INFORM = "inform"


class Verdict(StrEnum):
    BLOCKED = "blocked"
    NEEDS = "needs"
    CLEAR = "clear"


@dataclass(frozen=True, slots=True)
class Finding:
    """One rule's result on this person.

    `facts`: what it rests on, empty when nothing is recorded. `needs`: what must be known or decided, for the
    action `needs`. `asks`: concepts whose question would settle it. `override_roles` is empty when nobody may
    set it aside.
    """

    rule_id: str
    rule_version: int
    title: Text
    action: FindingAction
    reason: Text
    facts: tuple[Fact, ...]
    sources: tuple[Source, ...]
    verification: Verification
    authority: Authority
    override_roles: tuple[str, ...]
    override_days: int | None
    next_step: Text | None = None
    needs: Text | None = None
    asks: tuple[str, ...] = ()

    @property
    def overridable(self) -> bool:
        """Whether somebody may set it aside, with a reason."""
        return bool(self.override_roles)


@dataclass(frozen=True, slots=True)
class RuleRef:
    """A rule and what became of it: 'met', 'not met', 'not known', 'declined by the site' ..."""

    rule_id: str
    rule_version: int
    outcome: str


@dataclass(frozen=True, slots=True)
class Assessment:
    """The verdict and what it rests on. Every rule is in one of evaluated, inactive, inapplicable."""

    verdict: Verdict
    findings: tuple[Finding, ...]
    evaluated: tuple[RuleRef, ...]
    inactive: tuple[RuleRef, ...]
    inapplicable: tuple[RuleRef, ...]
    unrecognised: tuple[Fact, ...]
