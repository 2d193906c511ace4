"""The decision aid: which published figures are about people like this patient, and which can be compared.

A figure is used only when it may act here: read in its source, or signed off.
Pictures stand side by side only when stage, setting, endpoint, its definition, the horizon and the kind of
comparison are the same.
"""

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from enum import StrEnum

from openkap.knowledge import KnowledgeSet, State
from openkap.knowledge.schema.evidence import Endpoint, Evidence, Setting
from openkap.knowledge.schema.options import Claim, Expectation, Treatment
from openkap.knowledge.schema.record import Verification

DEPRESSION = frozenset({"trd", "mdd", "mdd-si"})
COUNTED = (Endpoint.RESPONSE, Endpoint.REMISSION)
SHOWN_PER_HUNDRED = 100
# Definitions that differ from study to study: figures with one of them compare within their study only.
OWN_TO_A_STUDY = ("cut-off not stated", "as each", "as the study", "judged by")


class Fit(StrEnum):
    """Whether a figure is about people like this patient."""

    YES = "yes"
    UNKNOWN = "unknown"
    NO = "no"


@dataclass(frozen=True, slots=True)
class Circumstances:
    """What of a patient decides which figures are about them. None is not known.

    `or_more`: at least so many medicines have failed; further ones may have.
    """

    indication: str
    failed_trials: int | None = None
    or_more: bool = False
    setting: Setting = Setting.OUTPATIENT
    age: int | None = None
    drug: str | None = None

    @property
    def programme(self) -> str:
        """Which version of the aid: 'depression' or 'anxiety'."""
        return "depression" if self.indication in DEPRESSION else "anxiety"


@dataclass(frozen=True, slots=True)
class Fitted:
    """A figure with how it fits, and in which respects it does not or nobody knows."""

    figure: Evidence
    fit: Fit
    differs: tuple[str, ...] = ()  # of 'indication', 'stage', 'setting', 'age'
    unsure: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class OptionFigures:
    """One option with what may be shown of it. `response` and `remission` are None for 'no figure found'."""

    option: Treatment
    response: Fitted | None
    remission: Fitted | None
    others: tuple[Fitted, ...]  # listed with their sources, never shown large
    waiting: int  # figures that wait for the medical director
    claims: dict[str, tuple[Claim, ...]]
    adopted: bool

    @property
    def rated(self) -> bool:
        """Whether there is a figure to be sure or unsure of."""
        return self.response is not None or self.remission is not None


@dataclass(frozen=True, slots=True)
class Arm:
    """One picture of a comparison: of an option, or of what it was measured against."""

    figure: Evidence
    option: Treatment | None


@dataclass(frozen=True, slots=True)
class Comparison:
    """Figures of the same stage, setting, endpoint, definition, horizon and kind of comparison."""

    arms: tuple[Arm, ...]
    fit: Fit
    missing: tuple[Treatment, ...]  # options without a comparable figure

    @property
    def endpoint(self) -> Endpoint:
        """What was counted."""
        return self.arms[0].figure.endpoint


@dataclass(frozen=True, slots=True)
class Aid:
    """The whole decision aid for one patient."""

    circumstances: Circumstances
    options: tuple[OptionFigures, ...]
    comparisons: tuple[Comparison, ...]
    expectations: tuple["Expected", ...]


@dataclass(frozen=True, slots=True)
class Expected:
    """One expectation with the figures behind it; `figures` is None when one of them may not be shown."""

    expectation: Expectation
    figures: dict[str, Evidence] | None

    @property
    def drawn(self) -> Evidence | None:
        """The figure that is drawn as people."""
        if self.figures is None or self.expectation.draws is None:
            return None
        return self.figures.get(self.expectation.draws)


def aid_for(circumstances: Circumstances, known: KnowledgeSet) -> Aid:
    """The decision aid for a patient, by what may be shown at this site today."""
    of_programme = [one for one in known.options.values() if one.programme == circumstances.programme]
    options = sorted(of_programme, key=lambda one: one.order)
    return Aid(
        circumstances=circumstances,
        options=tuple(_figures_of(option, circumstances, known) for option in options),
        comparisons=tuple(_comparisons(options, circumstances, known)),
        expectations=tuple(expectations_for(circumstances, known)),
    )


def usable(record_id: str, known: KnowledgeSet) -> bool:
    """Whether a figure may be shown to a patient here: read in its source, or signed off."""
    return known.state(record_id) is State.ACTIVE


def fitted(figure: Evidence, circumstances: Circumstances) -> Fitted:
    """How a figure fits a patient, respect by respect."""
    answers = {
        "indication": _fits_indication(figure, circumstances.indication),
        "stage": _fits_stage(figure, circumstances),
        "setting": _fits_setting(figure, circumstances.setting),
        "age": _fits_age(figure, circumstances.age),
    }
    differs = tuple(name for name, fit in answers.items() if fit is Fit.NO)
    unsure = tuple(name for name, fit in answers.items() if fit is Fit.UNKNOWN)
    fit = Fit.NO if differs else Fit.UNKNOWN if unsure else Fit.YES
    return Fitted(figure, fit, differs, unsure)


def _fits_indication(figure: Evidence, indication: str) -> Fit:
    if indication in figure.indications:
        return Fit.YES
    if indication not in DEPRESSION or DEPRESSION.isdisjoint(figure.indications):
        return Fit.NO
    if indication == "mdd-si":
        return Fit.UNKNOWN  # not said whether people in acute danger took part
    return Fit.YES if figure.stage is not None else Fit.NO  # its stage decides better than the name


def _fits_stage(figure: Evidence, circumstances: Circumstances) -> Fit:
    failed, stage = circumstances.failed_trials, figure.stage
    if DEPRESSION.isdisjoint(figure.indications):
        return Fit.YES  # stages are of depression
    if stage is None or failed is None:
        return Fit.UNKNOWN
    if not circumstances.or_more:
        return Fit.YES if stage.covers(failed) else Fit.NO
    if stage.at_most is not None:
        return Fit.NO if stage.at_most < failed else Fit.UNKNOWN
    return Fit.YES if stage.at_least <= failed else Fit.UNKNOWN


def _fits_setting(figure: Evidence, setting: Setting) -> Fit:
    return Fit.YES if figure.setting in (setting, Setting.MIXED) else Fit.NO


def _fits_age(figure: Evidence, age: int | None) -> Fit:
    if figure.ages is None:
        return Fit.YES
    if age is None:
        return Fit.UNKNOWN
    return Fit.YES if figure.ages.covers(age) else Fit.NO


def _figures_of(option: Treatment, circumstances: Circumstances, known: KnowledgeSet) -> OptionFigures:
    named = (*option.figures, *option.also)
    may_act = [name for name in named if usable(name, known)]
    all_fitted = {name: fitted(known.evidence[name], circumstances) for name in may_act}
    leading = [all_fitted[name] for name in option.figures if name in all_fitted]
    response, remission = (_headline(leading, endpoint, circumstances) for endpoint in COUNTED)
    return OptionFigures(
        option=option,
        response=response,
        remission=remission,
        others=tuple(one for one in all_fitted.values() if one not in (response, remission)),
        waiting=len(named) - len(may_act),
        claims=claims_of(option, known),
        adopted=known.decision(option.id) is True,
    )


def _headline(leading: list[Fitted], endpoint: Endpoint, circumstances: Circumstances) -> Fitted | None:
    """The figure shown large: in hospital its own setting first; a fitting one before an unsure one; as listed.

    Of a study that goes step by step no figure leads while it is not known at which step the patient is.
    """

    def rank(one: Fitted) -> tuple[bool, bool]:
        in_hospital = circumstances.setting is Setting.INPATIENT
        return in_hospital and one.figure.setting is not Setting.INPATIENT, one.fit is not Fit.YES

    of_endpoint = [one for one in leading if one.figure.endpoint is endpoint]
    candidates = [one for one in of_endpoint if one.fit is not Fit.NO and not _step_open(one, of_endpoint)]
    return min(candidates, key=rank, default=None)


def _step_open(one: Fitted, others: list[Fitted]) -> bool:
    """Whether another step of the same study may be the patient's."""
    if "stage" not in one.unsure:
        return False
    return any(
        other.figure.study == one.figure.study and other.figure.stage != one.figure.stage for other in others
    )


def claims_of(option: Treatment, known: KnowledgeSet) -> dict[str, tuple[Claim, ...]]:
    """The statements on an option that may be shown: read in their source, or the option was signed off."""
    adopted = known.decision(option.id) is True
    return {
        name: tuple(
            claim for claim in getattr(option, name) if adopted or claim.verification is Verification.SOURCE
        )
        for name in ("onset", "course", "notice", "visits")
    }


Frame = tuple[object, ...]


def frame_of(figure: Evidence) -> Frame:
    """What has to be the same for two figures to stand side by side."""
    own = figure.threshold.en.startswith(OWN_TO_A_STUDY) or figure.after_days is None
    return (
        figure.endpoint, figure.measure, figure.threshold.en, figure.after_days, figure.stage, figure.setting,
        figure.ages, figure.control, figure.design, figure.study if own else None,
    )  # fmt: skip


def _comparisons(
    options: list[Treatment], circumstances: Circumstances, known: KnowledgeSet
) -> Iterator[Comparison]:
    found: dict[Frame, dict[str, Arm]] = {}
    for option in options:
        for name in option.figures:
            if not usable(name, known) or known.evidence[name].endpoint not in COUNTED:
                continue
            figure = known.evidence[name]
            if fitted(figure, circumstances).fit is not Fit.NO:
                _put(found.setdefault(frame_of(figure), {}), figure, option, known)
    for arms in sorted(found.values(), key=_most_options_first):
        if len(arms) > 1:
            yield _comparison(arms.values(), options, circumstances)


def _put(arms: dict[str, Arm], figure: Evidence, option: Treatment, known: KnowledgeSet) -> None:
    """The figure and, unless an option of its own shows it, what it was measured against."""
    arms[figure.id] = Arm(figure, option)
    control = figure.control_arm
    if control and control not in arms and usable(control, known):
        against = known.evidence[control]
        if frame_of(against) == frame_of(figure):
            arms[control] = Arm(against, None)


def _most_options_first(arms: dict[str, Arm]) -> int:
    return -len({arm.option.id for arm in arms.values() if arm.option})


def _comparison(arms: Iterable[Arm], options: list[Treatment], circumstances: Circumstances) -> Comparison:
    ordered = tuple(sorted(arms, key=lambda arm: arm.option is None))
    shown = {arm.option.id for arm in ordered if arm.option}
    fits = {fitted(arm.figure, circumstances).fit for arm in ordered}
    return Comparison(
        arms=ordered,
        fit=Fit.UNKNOWN if Fit.UNKNOWN in fits else Fit.YES,
        missing=tuple(option for option in options if option.id not in shown),
    )


def telling_first(comparisons: Iterable[Comparison]) -> list[Comparison]:
    """What this clinic would give against another option first, then against a dummy; what fits comes first.

    Otherwise in their order. Two forms of the same drug tell less than a drug and its alternative.
    """

    def rank(one: Comparison) -> tuple[bool, bool, bool]:
        given = {arm.option is not None and arm.option.drug is not None for arm in one.arms}
        between_options = given == {True, False} and all(arm.option for arm in one.arms)
        return not between_options, True not in given, one.fit is not Fit.YES

    return sorted(comparisons, key=rank)


def expectations_for(circumstances: Circumstances, known: KnowledgeSet) -> Iterator[Expected]:
    """What this patient should know beforehand, in its order."""
    for one in sorted(known.expectations.values(), key=lambda one: (one.order, one.id)):
        of_programme = one.programme in (circumstances.programme, "both")
        of_indication = not one.indications or circumstances.indication in one.indications
        of_drug = one.drug is None or one.drug == (circumstances.drug or "ketamine")
        if of_programme and of_indication and of_drug:
            yield Expected(one, _behind(one, known))


def _behind(one: Expectation, known: KnowledgeSet) -> dict[str, Evidence] | None:
    if not all(usable(record_id, known) for record_id in one.figures.values()):
        return None
    return {name: known.evidence[record_id] for name, record_id in one.figures.items()}


def of_hundred(value: float) -> int:
    """A percentage as people of a hundred; halves go up."""
    return int(value + 0.5)


def places_of(figure: Evidence) -> dict[str, int | str]:
    """What a text can say of a figure: value, low, high, n, rest and ten. See `Expectation`."""
    value = of_hundred(figure.value)
    interval = figure.interval
    return {
        "value": value,
        "rest": SHOWN_PER_HUNDRED - value,
        "ten": of_hundred(figure.value / 10),
        "low": of_hundred(interval.low) if interval else "?",
        "high": of_hundred(interval.high) if interval else "?",
        "n": figure.n or "?",
    }


def said(expected: Expected, language: str) -> str:
    """An expectation in words, its figures in their places; what stands instead when they may not be shown."""
    one = expected.expectation
    text = one.words if expected.figures is not None else one.without_figures or one.words
    words = text.es if language.startswith("es") and text.es else text.en
    for name, figure in (expected.figures or {}).items():
        for place, value in places_of(figure).items():
            words = words.replace(f"{{{name}.{place}}}", str(value))
    return words
