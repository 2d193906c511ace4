"""All trended measures of a patient side by side: strips on one time axis, with where each stands."""

from collections.abc import Sequence
from dataclasses import dataclass
from itertools import groupby

from django.utils.functional import Promise
from django.utils.safestring import SafeString, mark_safe

from openkap.apps.measures import queries as measures
from openkap.apps.measures.words import DOMAIN_WORDS, Meaning, points_in_words, standing_of
from openkap.core.psychometrics import Early
from openkap.knowledge.schema.instrument import Domain, Instrument
from openkap.web.course_of import Reader, doses_of
from openkap.web.course_scores import panel_of
from openkap.web.figures.sparkline import draw_head, draw_strip, shared_by


@dataclass(frozen=True)
class Strip:
    """One measure: its picture, latest total, change since baseline and standing."""

    course: measures.Course
    svg: SafeString
    change: str
    standing: Meaning
    off_track: bool


@dataclass(frozen=True)
class Group:
    """The measures of one domain."""

    name: str | Promise
    strips: list[Strip]


@dataclass(frozen=True)
class Multiples:
    """The table: the axis over it, groups by domain, and what is filled in but has no course to draw."""

    head: SafeString
    groups: list[Group]
    others: list[measures.Course]
    warned: list[measures.Course]  # off track


def multiples_of(reader: Reader, courses: Sequence[measures.Course]) -> Multiples:
    """Side by side, by domain in its order; main measures of what is treated come first in each."""
    indication = reader.episode.indication if reader.episode else ""
    kept = {course.instrument_id: _instrument(course) for course in courses}
    drawn = [course for course in courses if kept[course.instrument_id].trended and _has_total(course)]
    drawn.sort(key=lambda course: _place(kept[course.instrument_id], indication))
    panels = {course.instrument_id: panel_of(course, reader.zone) for course in drawn}
    shared = shared_by(list(panels.values()), doses_of(reader), reader.today)

    def strip(course: measures.Course) -> Strip:
        svg = draw_strip(panels[course.instrument_id], shared)
        return _strip(course, mark_safe(svg))  # noqa: S308 - svg.py escapes every text

    groups = [
        Group(DOMAIN_WORDS[domain], [strip(course) for course in of_domain])
        for domain, of_domain in groupby(drawn, key=lambda course: kept[course.instrument_id].domain)
    ]
    others = [course for course in courses if course not in drawn]
    warned = [course for course in drawn if _is_off_track(course)]
    return Multiples(mark_safe(draw_head(shared)), groups, others, warned)  # noqa: S308


def _instrument(course: measures.Course) -> Instrument:
    return measures.packaged_instrument(course.instrument_id, course.latest.instrument_version)


def _has_total(course: measures.Course) -> bool:
    return any(score.total is not None for score in course.scores)


def _place(instrument: Instrument, indication: str) -> tuple[int, bool, str]:
    return (
        list(Domain).index(instrument.domain),
        indication not in instrument.main_for,
        instrument.abbreviation,
    )


def _strip(course: measures.Course, svg: SafeString) -> Strip:
    latest = course.latest
    standing = standing_of(
        latest.change, is_baseline=latest.is_baseline, has_baseline=course.baseline is not None
    )
    change = points_in_words(latest.change) if latest.change else ""
    return Strip(course, svg, change, standing, _is_off_track(course))


def _is_off_track(course: measures.Course) -> bool:
    return course.early is not None and course.early.standing is Early.OFF_TRACK
