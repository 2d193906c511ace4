"""From the form to what the engine takes: doses, a person, a model. Faults go to the field they come from."""

import re
from collections.abc import Mapping
from dataclasses import dataclass
from decimal import Decimal
from typing import Any

from django.utils.translation import gettext as _

from openkap.apps.dosing.predicting import SHOWN, fitting, is_assumed, just_before, refusal_words
from openkap.apps.dosing.substances import ANALYTES
from openkap.apps.dosing.wording import said
from openkap.core.pharmacology import Analyte, Covariates, Drug, GivenDose, PkModel, Route, Sex
from openkap.core.pharmacology.interactions import Taken
from openkap.core.pharmacology.plan import analytes_of, plan_of
from openkap.errors import BadInput
from openkap.web.exposure.forms import BOOSTERS, DEVICES, MG_PER_KG

SAMPLES = 120  # stretches of the time looked at
OCCASION = 1  # all of it is one session

_OF_DOSE = {"amount_mg": "amount", "span_min": "duration", "start_min": "at"}
_ENGINE_FIELD = re.compile(r"doses\[(\d+)\]\.(\w+)")


@dataclass(frozen=True)
class Regimen:
    """Doses in order of time, where each came from ('', 'booster_1', 'session', 'other_'), and their model."""

    doses: tuple[GivenDose, ...]
    origins: tuple[str, ...]
    model: PkModel

    @property
    def is_assumed(self) -> bool:
        """Whether nobody has fitted one of its routes."""
        return is_assumed(self.model, self.doses)


@dataclass(frozen=True)
class Question:
    """All of what was asked."""

    person: Covariates
    regimen: Regimen
    other: Regimen | None
    analyte: Analyte
    times_min: tuple[float, ...]
    level: float | None
    taken: tuple[Taken, ...]


class Asking:
    """Puts a question together. Raises `BadInput` with the form's own field."""

    def __init__(
        self,
        said: Mapping[str, Any],
        person: Covariates,
        models: Mapping[str, PkModel],
        taken: tuple[Taken, ...],
        given: tuple[GivenDose, ...] = (),
    ) -> None:
        self._said, self._person, self._models, self._taken, self._given = said, person, models, taken, given

    def question(self) -> Question:
        """The question, checked against its models."""
        regimen = self._regimen("")
        other = self._regimen("other_") if self._said.get("compare") else None
        both = [regimen, *([other] if other else [])]
        until = self._said["hours"] * 60
        return Question(
            person=self._person,
            regimen=regimen,
            other=other,
            analyte=self._analyte(both),
            times_min=times_of(both, until),
            level=None if self._said.get("level") is None else float(self._said["level"]),
            taken=self._taken,
        )

    def _regimen(self, prefix: str) -> Regimen:
        pairs = self._first(prefix)
        if not prefix:
            drug, route = pairs[0][0].drug, pairs[0][0].route
            pairs += [pair for n in BOOSTERS if (pair := self._booster(f"booster_{n}", drug, route))]
        pairs.sort(key=lambda pair: pair[0].start_min)
        doses = tuple(dose for dose, _origin in pairs)
        origins = tuple(origin for _dose, origin in pairs)
        model = self._model(prefix, doses)
        try:
            plan_of(model, doses, [0.0])
        except BadInput as error:
            raise BadInput(refusal_words(error), field=_form_field(error.field, prefix, origins)) from error
        return Regimen(doses, origins, model)

    def _first(self, prefix: str) -> list[tuple[GivenDose, str]]:
        if not prefix and self._said.get("from_session"):
            return [(dose, "session") for dose in self._given]
        drug, route = Drug(self._said[f"{prefix}drug"]), Route(self._said[f"{prefix}route"])
        unit = self._said[f"{prefix}unit"]
        span = self._said.get(f"{prefix}duration") or Decimal(0)
        amount = self._mg(self._said[f"{prefix}amount"], unit, route, f"{prefix}amount")
        return [(_dose(amount, drug, route, Decimal(0), span), prefix)]

    def _booster(self, name: str, drug: Drug, route: Route) -> tuple[GivenDose, str] | None:
        amount = self._said.get(f"{name}_amount")
        if amount is None:
            return None
        mg = self._mg(amount, self._said["unit"], route, f"{name}_amount")
        over = self._said.get(f"{name}_over") or Decimal(0)
        return _dose(mg, drug, route, self._said[f"{name}_at"], over), name

    def _mg(self, amount: Decimal, unit: str, route: Route, field: str) -> float:
        if unit == MG_PER_KG:
            return float(amount) * self._person.weight_kg
        if unit != DEVICES:
            return float(amount)
        contents = {
            form.device.amount_mg
            for model in self._models.values()
            if (form := model.structure.routes.get(route)) is not None and form.device is not None
        }
        if amount != int(amount):
            raise BadInput(_("Devices come whole."), field=field)
        if len(contents) != 1:
            raise BadInput(_("No model knows devices by this route."), field=field)
        return float(amount) * contents.pop()

    def _model(self, prefix: str, doses: tuple[GivenDose, ...]) -> PkModel:
        """The one asked for if it takes these doses, else the first that was fitted for them."""
        found = fitting(self._models.values(), doses)
        wanted, field = self._said.get(f"{prefix}model"), f"{prefix}model"
        if not found:
            raise BadInput(_("No model in force here has this drug by this route."), field=f"{prefix}route")
        if not wanted:
            return found[0]
        for model in found:
            if model.id == wanted:
                return model
        names = {"names": ", ".join(said(model.title) for model in found)}
        words = _("This model does not have this drug by this route. Those that do: %(names)s.")
        raise BadInput(words % names, field=field)

    def _analyte(self, regimens: list[Regimen]) -> Analyte:
        has = [set(analytes_of(plan_of(r.model, r.doses, [0.0]))) for r in regimens]
        shared = set.intersection(*has)
        if self._said.get("analyte"):
            wanted = Analyte(self._said["analyte"])
            if wanted not in shared:
                names = {"names": ", ".join(str(ANALYTES[one]) for one in sorted(shared)) or "-"}
                raise BadInput(_("Not predicted here. There is: %(names)s.") % names, field="analyte")
            return wanted
        for analyte in SHOWN:
            if analyte in shared:
                return analyte
        raise BadInput(_("These two models have no substance in common to compare."), field="other_model")


def times_of(regimens: list[Regimen], until_min: float) -> tuple[float, ...]:
    """An even grid, the moments at which something starts or stops, and just before what is given at once."""
    step = until_min / SAMPLES
    grid = {step * n for n in range(SAMPLES + 1)}
    moments = {moment for r in regimens for dose in r.doses for moment in (dose.start_min, dose.end_min)}
    moments |= {moment for r in regimens for moment in just_before(r.doses)}
    return tuple(sorted(grid | {moment for moment in moments if 0 <= moment <= until_min}))


def person_of(weight_kg: Decimal, age_years: Decimal | int | None, sex: str) -> Covariates:
    """Whom it is for. Raises `BadInput` naming the field."""
    return Covariates(
        weight_kg=float(weight_kg),
        age_years=None if age_years is None else float(age_years),
        sex=Sex(sex) if sex in {Sex.FEMALE, Sex.MALE} else None,
    )


def _dose(mg: float, drug: Drug, route: Route, at: Decimal, span: Decimal) -> GivenDose:
    return GivenDose(
        amount_mg=mg, drug=drug, route=route, start_min=float(at), span_min=float(span), occasion=OCCASION
    )


def _form_field(field: str | None, prefix: str, origins: tuple[str, ...]) -> str:
    """The form's name for what the engine found wrong."""
    found = _ENGINE_FIELD.fullmatch(field or "")
    if found is None:
        return field if field in {"weight_kg", "age_years"} else f"{prefix}model"
    origin, part = origins[int(found[1])], found[2]
    if part in {"route", "drug"}:
        return f"{prefix}{part}"
    if origin.startswith("booster"):
        return f"{origin}_{'over' if part == 'span_min' else _OF_DOSE.get(part, 'amount')}"
    return f"{prefix}{'amount' if part == 'start_min' else _OF_DOSE.get(part, 'amount')}"
