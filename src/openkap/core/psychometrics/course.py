"""Which scores of a course count: the baseline, and the response endpoint (DEFINITIONS: Measures)."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime

from openkap.knowledge.schema.course_windows import CourseWindows
from openkap.knowledge.schema.instrument import Points


@dataclass(frozen=True, slots=True)
class DatedScore:
    """A total, as far as choosing among scores needs it. `at`: site-local time. `ref`: the caller's own."""

    instrument_id: str
    instrument_version: int
    at: datetime
    total: Points | None
    ref: object = None


def baseline(
    scores: Iterable[DatedScore], first_induction_dose: datetime | None, windows: CourseWindows
) -> DatedScore | None:
    """The last score before the first induction dose, if it is recent enough by `windows`.

    While there is no dose, the latest score so far is the baseline to be. Boosters never reset it: pass the
    first dose of the induction. Scores without a total are passed over. All `scores` are of one instrument.
    """
    usable = [score for score in scores if score.total is not None]
    if first_induction_dose is not None:
        usable = [
            score
            for score in usable
            if score.at < first_induction_dose
            and days_between(score.at, first_induction_dose) <= windows.baseline_at_most_days
        ]
    return max(usable, key=lambda score: score.at, default=None)


def response_endpoint(
    scores: Iterable[DatedScore], start: DatedScore, last_induction_dose: datetime, windows: CourseWindows
) -> DatedScore | None:
    """The score nearest to the endpoint day after the last induction dose; in its window, same form as `start`.

    Of two equally near the earlier counts.
    """
    usable = [
        (abs(days - windows.endpoint_days), score.at, score)
        for score in same_form(scores, start)
        if score.total is not None
        and (days := days_between(last_induction_dose, score.at)) >= windows.endpoint_from_days
        and days <= windows.endpoint_until_days
    ]
    return min(usable, key=lambda found: found[:2])[2] if usable else None


def same_form(scores: Iterable[DatedScore], start: DatedScore) -> Sequence[DatedScore]:
    """The scores that may be compared with `start`: same instrument, same version."""
    form = (start.instrument_id, start.instrument_version)
    return [score for score in scores if (score.instrument_id, score.instrument_version) == form]


def days_between(earlier: datetime, later: datetime) -> int:
    """Local dates apart, as the windows count."""
    return (later.date() - earlier.date()).days
