"""The stages of a history as its page shows them: each figure with its working and its source."""

from dataclasses import dataclass, field

from django.utils.functional import Promise
from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from openkap.apps.assessment.history_words import DIMENSIONS, RESISTANCE, STATES, listed, one_or_span
from openkap.apps.assessment.naming import Names
from openkap.apps.assessment.shown import VERIFICATIONS
from openkap.apps.chart.forms import in_language
from openkap.core.assessment.history import JudgedHistory
from openkap.core.assessment.staging import MaudsleyStage, Points
from openkap.knowledge import KnowledgeSet
from openkap.knowledge.schema.staging import Maudsley, Staging

Words = str | Promise
SCALE_UNIT = 20  # of the drawing, per point


@dataclass(frozen=True)
class ShownPoints:
    """One dimension of the Maudsley sum."""

    title: Words
    label: str
    points: str
    needs: str


@dataclass(frozen=True)
class ScaleBand:
    """One band of the sum as a drawing: where it begins and how wide it is, in its units."""

    label: str
    first: int
    last: int
    x: int
    width: int
    middle: float


@dataclass(frozen=True)
class ShownSum:
    """The Maudsley sum with its parts."""

    record: Staging
    parts: list[ShownPoints]
    total: str
    working: str
    band: str
    needs: str
    scale: list[ScaleBand]
    marker: float | None  # where the sum stands on the scale
    width: int
    verification_word: str
    cut_offs: list[str] = field(default_factory=list)


@dataclass(frozen=True)
class ShownLadder:
    """The Thase-Rush stage."""

    record: Staging
    stage: str
    label: str
    classes: str
    limits: str
    needs: str
    verification_word: str


@dataclass(frozen=True)
class ShownAnxiety:
    """The working rule for anxiety."""

    record: Staging
    word: str
    state: str
    medicines: str
    courses: str
    needs: str
    verification_word: str


def sum_shown(stage: MaudsleyStage | None, knowledge: KnowledgeSet) -> ShownSum | None:
    """The Maudsley sum; None when the method is not in force."""
    record = next((one for one in knowledge.staging.values() if one.maudsley), None)
    if stage is None or record is None or record.maudsley is None:
        return None
    method, scale = record.maudsley, _scale(record.maudsley)
    known = stage.total is not None
    both = one_or_span(stage.least, stage.most)
    return ShownSum(
        record=record,
        parts=[_points(part) for part in stage.parts],
        total=str(stage.total) if known else both,
        working=" + ".join(_range(part) for part in stage.parts),
        band=in_language(stage.band) if stage.band else "",
        needs=listed(stage.needs),
        scale=scale,
        marker=_place(method, stage.least) + SCALE_UNIT / 2 if known else None,
        width=int(method.range.highest - method.range.lowest + 1) * SCALE_UNIT,
        verification_word=str(VERIFICATIONS[record.verification]),
        cut_offs=[
            _("%(n)s or more: %(source)s (%(read)s)")
            % {"n": f"{one.at_least:g}", "source": one.source.citation, "read": VERIFICATIONS[one.verification]}
            for one in method.cut_offs
        ],
    )


def _place(method: Maudsley, total: int) -> int:
    return int(total - method.range.lowest) * SCALE_UNIT


def _scale(method: Maudsley) -> list[ScaleBand]:
    edges = [band.at_least for band in method.bands] + [int(method.range.highest) + 1]
    return [
        ScaleBand(
            label=in_language(band.label),
            first=int(first),
            last=int(after) - 1,
            x=_place(method, int(first)),
            width=int(after - first) * SCALE_UNIT - 2,
            middle=_place(method, int(first)) + (after - first) * SCALE_UNIT / 2,
        )
        for band, first, after in zip(method.bands, edges, edges[1:], strict=False)
    ]


def _points(part: Points) -> ShownPoints:
    label = in_language(part.label) if part.label else ""
    if part.dimension == "duration" and part.count is not None:
        label = _together(_months(part.count), label)
    if part.dimension == "failures" and part.count is not None and part.known:
        label = _together(ngettext("%(n)d failed", "%(n)d failed", part.count[0]) % {"n": part.count[0]}, label)
    if part.dimension in {"augmentation", "ect"} and part.known:
        label = _("used") if part.least else _("not used")
    return ShownPoints(DIMENSIONS[part.dimension], label, _range(part), listed(part.needs))


def _months(count: tuple[int, int | None]) -> str:
    least, most = count
    last = least if most is None else most
    return ngettext("%(n)s month", "%(n)s months", last) % {"n": one_or_span(least, last)}


def _together(first: str, second: str) -> str:
    return f"{first}; {second}" if second else first


def _range(part: Points) -> str:
    return one_or_span(part.least, part.most)


def ladder_shown(judged: JudgedHistory, knowledge: KnowledgeSet, names: Names) -> ShownLadder | None:
    """The Thase-Rush stage; None when the method is not in force."""
    record = next((one for one in knowledge.staging.values() if one.thase_rush), None)
    result = judged.ladder
    if record is None or record.thase_rush is None or result is None:
        return None
    reached = result.reached
    stage = reached.id if reached else ""
    if reached and not result.decided:
        stage = _("at least %(stage)s") % {"stage": stage}
    return ShownLadder(
        record=record,
        stage=stage,
        label=in_language(reached.label) if reached else "",
        classes=", ".join(names.class_of(one) for one in result.classes),
        limits=in_language(record.thase_rush.limits),
        needs=listed(result.needs),
        verification_word=str(VERIFICATIONS[record.verification]),
    )


def anxiety_shown(judged: JudgedHistory, knowledge: KnowledgeSet) -> ShownAnxiety | None:
    """The working rule for anxiety; None when it is not in force."""
    record = next((one for one in knowledge.staging.values() if one.anxiety), None)
    result = judged.anxiety
    if record is None or record.anxiety is None or result is None:
        return None
    rule = record.anxiety
    return ShownAnxiety(
        record=record,
        word=str(RESISTANCE[result.resistance]),
        state=STATES[result.resistance],
        medicines=_of_needed(result.medicines, rule.drug_trials),
        courses=_of_needed(result.courses, rule.full_courses),
        needs=listed(result.needs),
        verification_word=str(VERIFICATIONS[record.verification]),
    )


def _of_needed(count: tuple[int, int], needed: int) -> str:
    return _("%(found)s of %(needed)d") % {"found": one_or_span(*count), "needed": needed}
