"""Whether a patient's course is off track by a main measure of what is treated."""

from collections.abc import Iterable
from typing import TYPE_CHECKING

from openkap.core import psychometrics
from openkap.core.psychometrics import DatedScore, EarlyCourse
from openkap.knowledge import KnowledgeSet
from openkap.knowledge.knowledge_set import State
from openkap.knowledge.schema.early_warning import EarlyWarning
from openkap.knowledge.schema.instrument import Instrument

if TYPE_CHECKING:
    from zoneinfo import ZoneInfo

    from openkap.apps.measures.induction import Induction


def warning_of(known: KnowledgeSet) -> EarlyWarning | None:
    """The early warning that may act here; none where the site has declined it."""
    warnings = known.early_warnings.values()
    return next((one for one in warnings if known.state(one.id) is State.ACTIVE), None)


def early_of(
    instrument: Instrument,
    scores: Iterable[DatedScore],
    known: KnowledgeSet,
    zone: "ZoneInfo",
    induction: "Induction | None",
) -> EarlyCourse | None:
    """How the course stands; none before the first dose, and for what is no main measure of the indication.

    `scores`: all of `instrument`, dated on the clock of `zone`.
    """
    warning = warning_of(known)
    if warning is None or induction is None or induction.indication not in instrument.main_for:
        return None
    doses = [at.astimezone(zone) for at in induction.doses]
    return psychometrics.early_course(
        instrument,
        warning,
        scores,
        doses,
        windows=next(iter(known.course_windows.values())),
        criteria=known.criteria_for(instrument.id),
    )
