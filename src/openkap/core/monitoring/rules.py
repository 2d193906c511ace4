"""The monitoring knowledge that concerns one session: chosen by drug and route, with what is not signed off."""

from collections.abc import Callable, Iterable
from dataclasses import dataclass
from typing import TypeVar

from openkap.knowledge.schema.monitoring import (
    AnswerTimes,
    EntryRanges,
    Gate,
    Leave,
    LeaveAfter,
    Limit,
    MonitoringRecord,
    Range,
    Schedule,
    Start,
    Symptom,
    Vital,
)

Content = TypeVar("Content", Schedule, Limit, Gate, Start, LeaveAfter, Leave, EntryRanges, AnswerTimes)
# Without one of each a session cannot run: what is due, who may start, who may leave.
NEEDED = (Schedule, Limit, Gate, Start, LeaveAfter, Leave)


@dataclass(frozen=True)
class Monitoring:
    """All records in scope. One that waits for its sign-off still acts, and is named in `undecided`."""

    records: tuple[MonitoringRecord, ...]
    undecided: tuple[MonitoringRecord, ...]

    def of(self, kind: type[Content]) -> list[tuple[MonitoringRecord, Content]]:
        """Records of one kind with their content."""
        return [(r, r.content) for r in self.records if isinstance(r.content, kind)]

    @property
    def absent(self) -> tuple[str, ...]:
        """Kinds that a session needs and that no record covers for this drug and route."""
        have = {type(r.content) for r in self.records}
        return tuple(kind.__name__ for kind in NEEDED if kind not in have)

    def ranges(self) -> dict[Vital, Range]:
        return {r.vital: r for _, ranges in self.of(EntryRanges) for r in ranges.ranges}

    def symptoms(self) -> dict[str, Symptom]:
        return {s.id: s for _, limit in self.of(Limit) for s in limit.symptoms}


def monitoring_for(
    records: Iterable[MonitoringRecord], drug: str, route: str, is_active: Callable[[str], bool]
) -> Monitoring:
    """The knowledge for a session; `is_active(id)` says whether the site may rely on a record."""
    scope = tuple(
        sorted((r for r in records if drug in r.drugs and route in r.routes), key=lambda record: record.id)
    )
    return Monitoring(scope, tuple(r for r in scope if not is_active(r.id)))
