"""The predicted concentration of a session: from the doses really given and what is still to run.

A prediction for people like this one, never a measurement; it counts toward nothing (DESIGN: four ideas, 4).
"""

from dataclasses import dataclass
from datetime import date, timedelta
from zoneinfo import ZoneInfo

from django.utils.translation import gettext as _

from openkap.apps.dosing.interacting import taken_by
from openkap.apps.dosing.models import Session
from openkap.apps.dosing.ordering import knowledge_of
from openkap.apps.dosing.wording import said
from openkap.core.monitoring.dose import Dose
from openkap.core.monitoring.order import Order
from openkap.core.monitoring.state import SessionState
from openkap.core.pharmacology import Analyte, Covariates, GivenDose, Sex, forecast
from openkap.core.pharmacology.interactions import Interacting, Outcome, with_interactions
from openkap.errors import OpenkapError
from openkap.knowledge.schema.pk_model import PkModel
from openkap.units import Drug

MODEL = "otto-2021"  # of the models read, the nearest to venous samples of others (see its notes)
EVERY_MIN = 2
AHEAD_MIN = 240
MINUTE = timedelta(minutes=1)
ANALYTES = {Drug.KETAMINE: Analyte.KETAMINE, Drug.ESKETAMINE: Analyte.S_KETAMINE}

Point = tuple[int, float, float, float]


@dataclass(frozen=True)
class Forecast:
    """What the axis draws: (milliseconds since 1970, typical, 5 %, 95 %) in `unit`, or why there is nothing."""

    available: bool
    reason: str = ""
    model: str = ""
    about: str = ""
    unit: str = ""
    band: str = ""
    points: tuple[Point, ...] = ()


def forecast_key(state: SessionState) -> str:
    """Changes when, and only when, the forecast does: with each stretch of the dose and the weight."""
    if state.dose is None:
        return ""
    parts = [f"{s.since.isoformat()}/{s.until and s.until.isoformat()}/{s.rate}" for s in state.dose.stretches]
    over = state.dose.over_at.isoformat() if state.dose.over_at else ""
    return "|".join([*parts, str(state.weight_kg), over, str(state.dose.read_mg or "")])


def forecast_of(session: Session, state: SessionState, order: Order) -> Forecast:
    """The prediction for the session as it stands; plainly none where it cannot be made."""
    if state.dose is None:
        return Forecast(False, _("The prediction begins with the dose."))
    if state.weight_kg is None:
        return Forecast(False, _("No prediction without today's weight."))
    model = knowledge_of(session, state.at).pk_models.get(MODEL)
    if not isinstance(model, PkModel):
        return Forecast(False, _("No prediction: the model is not in force here."))
    try:
        return _predicted(session, state, state.dose, order, model)
    except OpenkapError as error:
        return Forecast(False, _("No prediction: %(reason)s") % {"reason": error})


def _predicted(session: Session, state: SessionState, dose: Dose, order: Order, model: PkModel) -> Forecast:
    covariates = Covariates(
        weight_kg=float(state.weight_kg or 0), age_years=order.age, sex=_sex(session.patient.sex)
    )
    times = [float(m) for m in range(0, AHEAD_MIN + 1, EVERY_MIN)]
    doses = given_doses(dose, order, session.dose_number)
    here = with_interactions(
        model, doses, taken_by(session.patient, knowledge_of(session, state.at), _day(session))
    )
    exposure = forecast(here.model, doses, covariates, times)
    curve = exposure.curve(ANALYTES[order.drug])
    if curve.p05 is None or curve.p50 is None or curve.p95 is None:
        return Forecast(False, _("No prediction: this model gives no interval here."))
    middle = curve.p50 if curve.typical is None else curve.typical
    points = tuple(
        (int((dose.started_at + t * MINUTE).timestamp() * 1000), float(m), float(low), float(high))
        for t, m, low, high in zip(times, middle, curve.p05, curve.p95, strict=True)
    )
    outside = "" if exposure.range_state == "in_range" else _(", outside the people it was made from")
    return Forecast(
        available=True,
        model=said(model.title),
        about=_("predicted, population, %(site)s%(outside)s") % {"site": curve.site, "outside": outside}
        + _interacting(here),
        unit=curve.unit,
        band=_("band: 5 to 95 of 100 people"),
        points=points,
    )


def _interacting(here: Interacting) -> str:
    """What else is taken: whether its effect is in the prediction, or not known."""
    words = []
    for effect in here.effects:
        name = {"name": said(effect.taken.name)}
        if effect.outcome is Outcome.APPLIED:
            words.append(_("; with %(name)s") % name)
        elif effect.outcome is not Outcome.NO_CHANGE:
            words.append(_("; effect of %(name)s not known") % name)
    return "".join(words)


def _day(session: Session) -> date:
    """The local date of the session."""
    return session.opened_at.astimezone(ZoneInfo(session.site.time_zone)).date()


def given_doses(dose: Dose, order: Order, occasion: int) -> tuple[GivenDose, ...]:
    """The dose as the model takes it: each stretch as it ran, the running one as it will end."""
    if dose.at_once:
        amounts = [(float(dose.given_mg(dose.started_at)), 0.0, 0.0)]
    else:
        ends = [(s, s.until or dose.full_at() or s.since) for s in dose.stretches]
        amounts = [
            (float(s.amount(end)), (s.since - dose.started_at) / MINUTE, (end - s.since) / MINUTE)
            for s, end in ends
            if end > s.since
        ]
    return tuple(
        GivenDose(
            amount_mg=mg, drug=order.drug, route=order.route, start_min=at, span_min=span, occasion=occasion
        )
        for mg, at, span in amounts
        if mg > 0
    )


def _sex(administrative: str) -> Sex | None:
    return Sex(administrative) if administrative in {"female", "male"} else None
