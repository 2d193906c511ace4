"""What else somebody takes, or how somebody is, as factors on a model's parameters: published ratios only.

A thin layer before the engine: it returns a model with other typical values and a name of its own. What nobody
published for a route or a model changes nothing and is said to be unknown; two effects are never multiplied.
"""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from enum import StrEnum

from openkap.core.pharmacology.assumptions import Assumption, Kind
from openkap.core.pharmacology.given_dose import GivenDose
from openkap.errors import BadInput
from openkap.knowledge.schema.pk_interaction import Change, PkInteraction
from openkap.knowledge.schema.pk_model import AssumedRange, Name, Parameter, PkModel
from openkap.knowledge.schema.record import Text


class Outcome(StrEnum):
    """What became of one agent."""

    APPLIED = "applied"
    NO_CHANGE = "no-change"  # studied by this route, and nothing changed
    NO_FIGURE = "no-figure"  # nothing is published for this route, or nothing that this model can take
    NOT_COMBINED = "not-combined"  # several act at once; together their effect is not known


@dataclass(frozen=True)
class Taken:
    """An agent that somebody takes or is, and its records in force; none where no figure exists at all."""

    agent: str
    name: Text
    records: tuple[PkInteraction, ...] = ()


@dataclass(frozen=True)
class Effect:
    """What became of one agent, by which record."""

    taken: Taken
    outcome: Outcome
    record: PkInteraction | None = None

    def __str__(self) -> str:
        name = self.taken.name.en
        match self.outcome:
            case Outcome.APPLIED if self.record is not None:
                return (
                    f"{name}: its published effect on the drug itself is applied ({self.record.id}, "
                    f"version {self.record.version}); of the metabolites it says nothing."
                )
            case Outcome.NO_CHANGE:
                return f"{name}: studied by this route, and the exposure did not change."
            case Outcome.NOT_COMBINED:
                return f"{name}: its effect together with the others is not known; none of them is applied."
            case _:
                return f"{name}: its effect by this route is not known in this model; nothing is applied."


@dataclass(frozen=True)
class Interacting:
    """The model to predict with, and what became of each agent."""

    model: PkModel
    effects: tuple[Effect, ...]

    @property
    def assumptions(self) -> tuple[Assumption, ...]:
        """In words, for an `Exposure`'s list."""
        return tuple(Assumption(Kind.TAKEN, text=Text(en=str(effect))) for effect in self.effects)


def taken_of(agents: Iterable[str], records: Mapping[str, PkInteraction]) -> tuple[Taken, ...]:
    """The agents by their records in force. Raises `BadInput` for one that no record is about."""
    found = []
    for agent in dict.fromkeys(agents):
        own = tuple(record for record in records.values() if record.agent == agent)
        if not own:
            raise BadInput("Nothing is known of '%(agent)s'.", field="taken", agent=agent)
        found.append(Taken(agent, own[0].name, own))
    return tuple(found)


def with_interactions(model: PkModel, doses: Sequence[GivenDose], taken: Sequence[Taken]) -> Interacting:
    """The model as it is for somebody who takes this, for doses by these routes.

    Published ratios of one agent are applied; of several that would act at once none is.
    """
    found = [_effect(one, model, doses) for one in taken]
    acting = [effect for effect in found if effect.outcome is Outcome.APPLIED]
    if len(acting) > 1:
        found = [Effect(e.taken, Outcome.NOT_COMBINED, e.record) if e in acting else e for e in found]
    elif acting and acting[0].record is not None:
        model = _changed(model, acting[0].record, doses)
    return Interacting(model, tuple(found))


def _effect(taken: Taken, model: PkModel, doses: Sequence[GivenDose]) -> Effect:
    for record in taken.records:
        published = {ratio.route: ratio for ratio in record.published}
        if not all(dose.route in published and dose.drug in record.drugs for dose in doses):
            continue
        if _change(record, model, doses) is not None:
            return Effect(taken, Outcome.APPLIED, record)
        if all(published[dose.route].auc == 1 for dose in doses):
            return Effect(taken, Outcome.NO_CHANGE, record)
    return Effect(taken, Outcome.NO_FIGURE)


def _change(record: PkInteraction, model: PkModel, doses: Sequence[GivenDose]) -> Change | None:
    routes = {dose.route for dose in doses}
    for change in record.changes:
        if change.model == model.id and routes <= set(change.routes):
            return change
    return None


def _changed(model: PkModel, record: PkInteraction, doses: Sequence[GivenDose]) -> PkModel:
    """A copy with other typical values. Its name differs, so that nothing takes one for the other."""
    change = _change(record, model, doses)
    if change is None:
        raise BadInput("%(record)s says nothing of %(model)s.", field="taken", record=record.id, model=model.id)
    unknown = set(change.factors) - set(model.parameters) - set(model.assumed)
    if unknown:
        raise BadInput(
            "%(record)s: %(model)s has no %(parameters)s.",
            field="taken",
            record=record.id,
            model=model.id,
            parameters=", ".join(sorted(unknown)),
        )
    parameters = {name: _scaled(value, name, change) for name, value in model.parameters.items()}
    assumed = {name: _widened(bounds, name, change) for name, bounds in model.assumed.items()}
    name = f"{model.id}-with-{record.id}-v{record.version}"
    return model.model_copy(update={"id": name, "parameters": parameters, "assumed": assumed})


def _scaled(parameter: Parameter, name: Name, change: Change) -> Parameter:
    if name not in change.factors:
        return parameter
    return parameter.model_copy(update={"value": _capped(parameter.value, name, change)})


def _widened(bounds: AssumedRange, name: Name, change: Change) -> AssumedRange:
    if name not in change.factors:
        return bounds
    low, high = _capped(bounds.low, name, change), _capped(bounds.high, name, change)
    return bounds.model_copy(update={"low": low, "high": high})


def _capped(value: float, name: Name, change: Change) -> float:
    scaled = value * change.factors[name]
    return min(scaled, change.at_most[name]) if name in change.at_most else scaled
