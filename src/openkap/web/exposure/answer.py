"""What the models answer: the band, people's own peaks and times, and effects where site and analyte fit."""

from collections.abc import Mapping
from dataclasses import dataclass
from functools import lru_cache

import numpy as np
from django.utils.translation import gettext as _

from openkap.apps.dosing.substances import SITES
from openkap.core.pharmacology import (
    Analyte,
    Covariates,
    Curve,
    Exposure,
    GivenDose,
    PkModel,
    Population,
)
from openkap.core.pharmacology.concentration import WrongConcentration
from openkap.core.pharmacology.effects.blood_pressure import Rise, blood_pressure_rise
from openkap.core.pharmacology.effects.dissociation import EffectArea, dissociation
from openkap.core.pharmacology.interactions import Effect, with_interactions
from openkap.core.pharmacology.metrics import CurveSummary, summarise
from openkap.core.pharmacology.spread import Spread, predict
from openkap.errors import BadInput
from openkap.knowledge.schema.pd_model import PdModel, Sigmoid, Slope
from openkap.web.exposure.asking import Question, Regimen

PEOPLE = 300
MOST_KEPT = 128


@dataclass(frozen=True)
class Prediction:
    """One regimen's answer. `typical` is None on an assumed route, where only a band is honest."""

    regimen: Regimen
    exposure: Exposure
    curve: Curve
    spread: Spread
    typical: CurveSummary | None
    effects: tuple[Effect, ...]  # what became of each agent taken


@dataclass(frozen=True)
class Answer:
    """What is predicted for a question; `high` and `rises` only where the model's site and analyte allow."""

    question: Question
    first: Prediction
    other: Prediction | None
    high: EffectArea | None
    rises: tuple[Rise, ...]

    @property
    def predictions(self) -> tuple[Prediction, ...]:
        return (self.first,) if self.other is None else (self.first, self.other)


def answer(question: Question, models: Mapping[str, PkModel], effects: Mapping[str, PdModel]) -> Answer:
    """Predict. Equal questions are answered from memory. Raises `BadInput` with the form's field."""
    first = _prediction(question, question.regimen, models)
    other = _prediction(question, question.other, models) if question.other else None
    if other is not None and other.curve.site is not first.curve.site:
        one, two = first.curve.site, other.curve.site
        words = {"one": SITES.get(one, one), "two": SITES.get(two, two)}
        raise BadInput(
            _("These models predict %(one)s and %(two)s; levels of different sites are not compared.") % words,
            field="other_model",
        )
    return Answer(question, first, other, _high(first, question, effects), _rises(first, effects))


class _Held:
    """A model as a key: equal when id and version are; one that an interaction changed has its own id."""

    def __init__(self, model: PkModel) -> None:
        self.model = model
        self._key = (model.id, model.version)

    def __hash__(self) -> int:
        return hash(self._key)

    def __eq__(self, other: object) -> bool:
        return isinstance(other, _Held) and other._key == self._key


def _prediction(question: Question, regimen: Regimen, models: Mapping[str, PkModel]) -> Prediction:
    here = with_interactions(regimen.model, regimen.doses, question.taken)
    lender = next((models[name] for name in regimen.model.variability.borrowable if name in models), None)
    if not regimen.model.variability.between_subject and lender is None:
        raise BadInput(_("This model has no variances, so that it makes no band."), field="model")
    borrowed = None if regimen.model.variability.between_subject or lender is None else _Held(lender)
    exposure, people = _predicted(
        _Asked(
            model=_Held(here.model),
            borrowed=borrowed,
            doses=regimen.doses,
            person=question.person,
            times_min=question.times_min,
            analyte=question.analyte,
            level=question.level,
        )
    )
    curve = exposure.curve(question.analyte)
    typical = None
    if curve.typical is not None:
        typical = summarise(exposure.times_min, curve.typical, question.level)
    return Prediction(regimen, exposure, curve, people, typical, here.effects)


@dataclass(frozen=True, kw_only=True)
class _Asked:
    """All that a prediction depends on."""

    model: _Held
    borrowed: _Held | None
    doses: tuple[GivenDose, ...]
    person: Covariates
    times_min: tuple[float, ...]
    analyte: Analyte
    level: float | None


@lru_cache(maxsize=MOST_KEPT)
def _predicted(asked: _Asked) -> tuple[Exposure, Spread]:
    people = Population(size=PEOPLE, borrow=asked.borrowed.model if asked.borrowed else None)
    model, doses, person, times = asked.model.model, asked.doses, asked.person, asked.times_min
    return predict(model, doses, person, times, people, analyte=asked.analyte, level_ng_ml=asked.level)


def _high(first: Prediction, question: Question, effects: Mapping[str, PdModel]) -> EffectArea | None:
    """Dissociation, from arterial S-ketamine by a fitted route only."""
    effect = next((e for e in effects.values() if isinstance(e.form, Sigmoid)), None)
    if effect is None or first.typical is None:
        return None
    model = with_interactions(first.regimen.model, first.regimen.doses, question.taken).model
    times = np.asarray(question.times_min)
    try:
        return dissociation(effect, model, first.regimen.doses, question.person, times)
    except WrongConcentration:
        return None


def _rises(first: Prediction, effects: Mapping[str, PdModel]) -> tuple[Rise, ...]:
    """The rise of blood pressure, from venous racemic ketamine by a fitted route only."""
    effect = next((e for e in effects.values() if isinstance(e.form, Slope)), None)
    if effect is None or not isinstance(effect.form, Slope):
        return ()
    try:
        level = first.exposure.concentration(Analyte.KETAMINE)
        return tuple(blood_pressure_rise(effect, level, outcome) for outcome in effect.form.outcomes)
    except WrongConcentration:
        return ()
