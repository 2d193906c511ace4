"""An answer in words, figures and rows, ready for the page."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass

from django.utils.safestring import SafeString, mark_safe
from django.utils.translation import gettext as _

from openkap.apps.dosing.substances import ANALYTES, DRUGS, ROUTES, SITES
from openkap.apps.knowledge_base.words import VERIFICATION_NAMES, text_in
from openkap.core.pharmacology import Covariates, Curve, GivenDose, RangeState
from openkap.core.pharmacology.assumptions import Kind
from openkap.core.pharmacology.covariates import amounts_outside
from openkap.core.pharmacology.effects.blood_pressure import Rise
from openkap.core.pharmacology.effects.dissociation import EffectArea
from openkap.core.pharmacology.spread import Quantiles
from openkap.web.exposure.answer import Answer, Prediction
from openkap.web.exposure.asking import Regimen
from openkap.web.exposure.words import COVARIATES, assumption_words, effect_words
from openkap.web.figures.exposure import NARROW, WIDE, BandPlot, DoseBar, exposure, scale_top

ROWS = 12  # of the table


@dataclass(frozen=True)
class Figure:
    """A drawn prediction."""

    svg: SafeString
    heading: str


@dataclass(frozen=True)
class Measure:
    """One line of the figures in numbers: a cell (typical, '5 to 95') for each regimen."""

    name: str
    unit: str
    cells: tuple[tuple[str, str], ...]


@dataclass(frozen=True)
class Row:
    """One moment of the table: a cell (typical, '5 to 95') for each regimen."""

    minute: str
    cells: tuple[tuple[str, str], ...]


@dataclass(frozen=True)
class About:
    """What one prediction is and rests on."""

    regimen: str
    model: str
    model_id: str
    version: int
    verification_words: str
    shown: str
    assumed: bool
    in_range: bool
    range_reasons: tuple[str, ...]
    taken: tuple[str, ...]
    unknown: tuple[str, ...]
    assumptions: tuple[str, ...]
    warnings: tuple[str, ...]
    band: str


@dataclass(frozen=True)
class EffectShown:
    """An effect as an area: what it is, its largest value in words, and what it is not."""

    name: str
    figure: Figure
    peak: str
    note: str


@dataclass(frozen=True)
class Shown:
    """The whole result."""

    figures: tuple[Figure, ...]
    rows: tuple[Row, ...]
    measures: tuple[Measure, ...]
    about: tuple[About, ...]
    effects: tuple[EffectShown, ...]
    compared: bool
    offset: bool  # a level was named, so that there is a predicted offset

    @property
    def pairs(self) -> list[tuple[Figure, About]]:
        """Each figure with what it rests on."""
        return list(zip(self.figures, self.about, strict=True))


def shown(answer: Answer, language: str) -> Shown:
    """All of an answer for the page."""
    plots = [_plot(prediction, answer, language) for prediction in answer.predictions]
    top = scale_top(*plots)
    return Shown(
        figures=tuple(_drawn(plot, top) for plot in plots),
        rows=tuple(_rows(answer)),
        measures=tuple(_measures(answer)),
        about=tuple(_about(prediction, answer.question.person, language) for prediction in answer.predictions),
        effects=tuple(_effects(answer)),
        compared=answer.other is not None,
        offset=answer.question.level is not None,
    )


def _drawn(plot: BandPlot, top: float) -> Figure:
    svg = exposure(BandPlot(**{**vars(plot), "top": top}))
    return Figure(mark_safe(svg), plot.heading)  # noqa: S308 - svg.py escapes every text


def _plot(prediction: Prediction, answer: Answer, language: str) -> BandPlot:
    curve, exposed = prediction.curve, prediction.exposure
    low, high = _edges(curve)
    substance = {"substance": ANALYTES[curve.analyte], "site": SITES.get(curve.site, curve.site)}
    what = _("%(substance)s in %(site)s, predicted") % substance
    model = text_in(prediction.regimen.model.title, language)
    return BandPlot(
        heading=_("Predicted, not measured: %(what)s. %(model)s") % {"what": what, "model": model},
        lines=(what, model),
        unit=curve.unit,
        times=_plain(exposed.times_min),
        low=low,
        high=high,
        middle=None if curve.typical is None else _plain(curve.typical),
        doses=tuple(_bar(dose) for dose in prediction.regimen.doses),
        level=answer.question.level,
        width=WIDE if answer.other is None else NARROW,
    )


def _bar(dose: GivenDose) -> DoseBar:
    return DoseBar(dose.start_min, dose.end_min, f"{dose.amount_mg:.4g} mg")


def _edges(curve: Curve) -> tuple[tuple[float, ...], tuple[float, ...]]:
    if curve.p05 is None or curve.p95 is None:
        raise AssertionError("every answer is asked with a population")
    return _plain(curve.p05), _plain(curve.p95)


def regimen_words(regimen: Regimen) -> str:
    """Such as 'Ketamine (racemic) by vein: 35 mg over 40 min; 10 mg at minute 60'."""
    return doses_words(regimen.doses)


def doses_words(given: Sequence[GivenDose]) -> str:
    """The same for doses without a model."""
    first = given[0]
    doses = "; ".join(_dose_words(dose) for dose in given)
    return f"{DRUGS[first.drug]} {ROUTES[first.route]}: {doses}"


def _dose_words(dose: GivenDose) -> str:
    parts = {"mg": f"{dose.amount_mg:.4g}", "over": f"{dose.span_min:.3g}", "at": f"{dose.start_min:.4g}"}
    over = _("%(mg)s mg over %(over)s min") if dose.span_min else _("%(mg)s mg")
    words = over % parts
    return _("%(dose)s at minute %(at)s") % {"dose": words, "at": parts["at"]} if dose.start_min else words


def _rows(answer: Answer) -> Iterable[Row]:
    """Evenly through the time, each regimen's typical level and interval."""
    times = answer.first.exposure.times_min
    step = times[-1] / ROWS
    for n in range(ROWS + 1):
        at = int(abs(times - n * step).argmin())
        cells = tuple(_level(prediction.curve, at) for prediction in answer.predictions)
        yield Row(f"{times[at]:.0f}", cells)


def _level(curve: Curve, at: int) -> tuple[str, str]:
    low, high = _edges(curve)
    typical = "" if curve.typical is None else _digits(float(curve.typical[at]))
    return typical, _between(_digits(low[at]), _digits(high[at]))


def _measures(answer: Answer) -> Iterable[Measure]:
    yield _measure(_("Highest level (Cmax)"), answer, "cmax", answer.first.curve.unit)
    yield _measure(_("Time of it (tmax)"), answer, "tmax_min", "min")
    yield _measure(_("Area under the curve"), answer, "auc_ng_h_ml", "ng·h/mL")
    if answer.question.level is not None:
        level = f"{answer.question.level:g} {answer.first.curve.unit}"
        yield _measure(_("Time above %(level)s") % {"level": level}, answer, "minutes_above", "min")
        below = _("Below %(level)s for good (predicted offset)") % {"level": level}
        yield _measure(below, answer, "offset_min", "min")


def _measure(name: str, answer: Answer, part: str, unit: str) -> Measure:
    end = float(answer.first.exposure.times_min[-1])
    return Measure(name, unit, tuple(_cell(prediction, part, end) for prediction in answer.predictions))


def _cell(prediction: Prediction, part: str, end: float) -> tuple[str, str]:
    of_people: Quantiles = getattr(prediction.spread, part)
    low, high = _figure(of_people.p05, part, end), _figure(of_people.p95, part, end)
    if prediction.typical is None:
        return "", _between(low, high)
    return _figure(getattr(prediction.typical, part), part, end), _between(low, high)


def _figure(value: float | None, part: str, end: float) -> str:
    if value is None:
        return _("after %(end)s") % {"end": f"{end:.0f}"}
    return f"{value:.0f}" if part.endswith("_min") or part == "minutes_above" else _digits(value)


def _digits(value: float) -> str:
    """Three digits, which is more than a prediction knows."""
    return f"{value:.0f}" if value >= 100 else f"{value:.3g}"


def _between(low: str, high: str) -> str:
    return _("%(low)s to %(high)s") % {"low": low, "high": high}


def _about(prediction: Prediction, person: Covariates, language: str) -> About:
    exposed, regimen = prediction.exposure, prediction.regimen
    band = exposed.band
    substance = {
        "substance": ANALYTES[prediction.curve.analyte],
        "site": SITES.get(prediction.curve.site, prediction.curve.site),
    }
    return About(
        regimen=regimen_words(regimen),
        model=text_in(regimen.model.title, language),
        model_id=regimen.model.id,
        version=regimen.model.version,
        verification_words=str(VERIFICATION_NAMES[regimen.model.verification]),
        shown=_("%(substance)s in %(site)s") % substance,
        assumed=regimen.is_assumed,
        in_range=exposed.range_state is RangeState.IN_RANGE,
        range_reasons=tuple(_outside(regimen, person)),
        taken=tuple(effect_words(effect, language) for effect in prediction.effects),
        unknown=tuple(_unknown(regimen, person)),
        assumptions=tuple(
            assumption_words(one, language)
            for one in exposed.assumptions
            if one.kind is not Kind.REFERENCE  # said by `unknown`
        ),
        warnings=tuple(text_in(words, language) for words in exposed.warnings),
        band=_("%(n)s people drawn by the model's variances, without measurement error")
        % {"n": band.subjects if band else 0},
    )


def _outside(regimen: Regimen, person: Covariates) -> Iterable[str]:
    """In what the person is none of those the model was made from."""
    if not regimen.model.range:
        yield _("Which people this model was made from was not read.")
    for name, interval in regimen.model.range.items():
        value = person.get(name)
        words = {"what": COVARIATES.get(name, name), "low": f"{interval.low:g}", "high": f"{interval.high:g}"}
        if value is None:
            yield _("%(what)s is not known; the model saw %(low)s to %(high)s.") % words
        elif not interval.low <= value <= interval.high:
            yield _("%(what)s %(value)s is outside %(low)s to %(high)s.") % (words | {"value": f"{value:g}"})
    for one in amounts_outside(regimen.model, regimen.doses):
        yield _("%(what)s %(value)s is outside %(low)s to %(high)s.") % {
            "what": f"{DRUGS[one.drug]} {ROUTES[one.route]}:",
            "value": f"{one.amount_mg:g} mg",
            "low": f"{one.seen.low:g}",
            "high": f"{one.seen.high:g} mg",
        }


def _unknown(regimen: Regimen, person: Covariates) -> Iterable[str]:
    """What the model would use if it were known."""
    for name in sorted(regimen.model.covariates):
        if person.get(name) is None:
            yield _("%(what)s: not asked, taken as in most of its people.") % {
                "what": COVARIATES.get(name, name)
            }


def _effects(answer: Answer) -> Iterable[EffectShown]:
    if answer.high is not None:
        yield _high(answer.high)
    for rise in answer.rises:
        yield _rise(rise)


def _high(area: EffectArea) -> EffectShown:
    name = _("Dissociation, share of the largest effect")
    plot = BandPlot(
        heading=_("Predicted: %(name)s") % {"name": name},
        lines=(name, _("area between assumed ends; no line")),
        unit="%", times=_plain(area.times_min), low=_plain(area.low * 100), high=_plain(area.high * 100),
        middle=None, top=100.0, width=NARROW,
    )  # fmt: skip
    note = _("For the typical person. It is not a CADSS score, and no dose is chosen by it.")
    return EffectShown(name, _drawn(plot, 100.0), _peak(plot), note)


def _rise(rise: Rise) -> EffectShown:
    names = {"systolic": _("Rise of systolic pressure"), "diastolic": _("Rise of diastolic pressure")}
    name = names.get(rise.outcome, rise.outcome)
    plot = BandPlot(
        heading=_("Predicted: %(name)s") % {"name": name}, lines=(name, _("5 to 95 of 100 people")),
        unit="mmHg", times=_plain(rise.times_min), low=_plain(rise.p05), high=_plain(rise.p95),
        middle=_plain(rise.typical), width=NARROW,
    )  # fmt: skip
    note = _("For a group, not for a person. Measure the pressure; nothing is decided by this.")
    if rise.extrapolated:
        note += " " + _("The level goes beyond those that were looked at.")
    return EffectShown(name, _drawn(plot, scale_top(plot)), _peak(plot), note)


def _peak(plot: BandPlot) -> str:
    """The widest of the picture in words, for who does not see it."""
    at = max(range(len(plot.times)), key=plot.high.__getitem__)
    span = _between(_digits(plot.low[at]), _digits(plot.high[at]))
    return _("Largest at minute %(minute)s: %(span)s %(unit)s.") % {
        "minute": f"{plot.times[at]:.0f}",
        "span": span,
        "unit": plot.unit,
    }


def _plain(values: Iterable[float]) -> tuple[float, ...]:
    return tuple(float(value) for value in values)
