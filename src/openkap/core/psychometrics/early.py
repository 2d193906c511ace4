"""Whether a course is off track: too little improvement after so many doses (DEFINITIONS: Measures)."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from enum import StrEnum

from openkap.core.psychometrics.change import change
from openkap.core.psychometrics.course import DatedScore, baseline, days_between, response_endpoint, same_form
from openkap.knowledge.schema.course_windows import CourseWindows
from openkap.knowledge.schema.criterion import Criterion
from openkap.knowledge.schema.early_warning import EarlyWarning
from openkap.knowledge.schema.instrument import Instrument


class Early(StrEnum):
    """How a course stands by an early warning. Only `OFF_TRACK` warns; only `ON_TRACK` clears."""

    TOO_EARLY = "too-early"  # fewer doses than the warning asks for
    NO_BASELINE = "no-baseline"
    NOT_ELIGIBLE = "not-eligible"  # the baseline was below caseness, or nothing could improve
    NOT_MEASURED = "not-measured"  # no total of the same form since that dose
    ON_TRACK = "on-track"
    OFF_TRACK = "off-track"
    OVER = "over"  # the time of the response endpoint has come: response is judged instead


@dataclass(frozen=True, slots=True)
class EarlyCourse:
    """The verdict, the two scores it compares, and the warning in its version.

    `percent_improvement` is negative when it got worse; none where nothing was compared.
    """

    standing: Early
    warning_id: str
    warning_version: int
    start: DatedScore | None = None
    score: DatedScore | None = None
    percent_improvement: float | None = None


def early_course(
    instrument: Instrument,
    warning: EarlyWarning,
    scores: Iterable[DatedScore],
    doses: Sequence[datetime],
    *,
    windows: CourseWindows,
    criteria: Iterable[Criterion],
) -> EarlyCourse:
    """Judge the newest of `scores`, all of `instrument`, against the baseline of the induction.

    `doses`: when those of the induction began, in order, on the same site-local clock as the scores. A baseline
    whose caseness is not established is judged: not knowing must not silence a warning.
    """
    found = list(scores)
    start = baseline(found, doses[0], windows) if doses else None
    latest = _latest(warning, found, doses, start)
    verdict = EarlyCourse(Early.TOO_EARLY, warning.id, warning.version, start, latest)
    if len(doses) < warning.after_dose:
        return verdict
    if start is None:
        return replace(verdict, standing=Early.NO_BASELINE)
    if latest is None:
        return replace(verdict, standing=Early.NOT_MEASURED)
    past = days_between(doses[-1], latest.at) > windows.endpoint_until_days
    if past or response_endpoint(found, start, doses[-1], windows) is not None:
        return replace(verdict, standing=Early.OVER)
    return _compared(verdict, instrument, warning, criteria)


def _latest(
    warning: EarlyWarning, scores: Sequence[DatedScore], doses: Sequence[datetime], start: DatedScore | None
) -> DatedScore | None:
    """The newest total of the form of `start` that was taken after the dose the warning counts to."""
    if start is None or len(doses) < warning.after_dose:
        return None
    after = doses[warning.after_dose - 1]
    since = [one for one in same_form(scores, start) if one.total is not None and one.at > after]
    return max(since, key=lambda one: one.at, default=None)


def _compared(
    verdict: EarlyCourse, instrument: Instrument, warning: EarlyWarning, criteria: Iterable[Criterion]
) -> EarlyCourse:
    start, latest = verdict.start, verdict.score
    assert start is not None and start.total is not None  # noqa: S101, PT018 - the caller has chosen both
    assert latest is not None and latest.total is not None  # noqa: S101, PT018
    judged = change(instrument, start.total, latest.total, criteria)
    percent = judged.percent_improvement
    if judged.eligible.met is False or percent is None:
        return replace(verdict, standing=Early.NOT_ELIGIBLE)
    off = percent < warning.improvement_below_percent
    return replace(verdict, standing=Early.OFF_TRACK if off else Early.ON_TRACK, percent_improvement=percent)
