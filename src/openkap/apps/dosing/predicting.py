"""Which model answers for doses, and what of it is shown: one choice for the console and for trying a dose."""

from collections.abc import Iterable, Iterator, Sequence

from openkap.core.pharmacology import Analyte, GivenDose, PkModel
from openkap.errors import OpenkapError
from openkap.knowledge.knowledge_set import KnowledgeSet, State

PREFERRED = "otto-2021"  # of the models read, the nearest to venous samples of others (see its notes)
SHOWN = (Analyte.KETAMINE, Analyte.S_KETAMINE)  # the drug itself: both enantiomers where both were given

JUST_BEFORE_MIN = 0.01


def usable_models(knowledge: KnowledgeSet) -> dict[str, PkModel]:
    """The models that may be used at the site today, by id."""
    found = knowledge.pk_models.items()
    return {name: model for name, model in found if knowledge.state(name) is State.ACTIVE}


def fitting(models: Iterable[PkModel], doses: Sequence[GivenDose]) -> list[PkModel]:
    """Those that take these doses: fitted for the route first, then those with variances of their own."""
    return sorted((model for model in models if _takes(model, doses)), key=lambda model: _rank(model, doses))


def is_assumed(model: PkModel, doses: Sequence[GivenDose]) -> bool:
    """Whether nobody has fitted one of the routes: then only a band is honest, never a line."""
    return any(model.structure.routes[dose.route].is_assumed for dose in doses)


def just_before(doses: Sequence[GivenDose]) -> Iterator[float]:
    """A moment (minutes) just before what is given at once: a curve drawn through points steps there."""
    yield from (dose.start_min - JUST_BEFORE_MIN for dose in doses if not dose.span_min)


def refusal_words(error: OpenkapError) -> str:
    """What the engine refuses, without its own name of the field ('start_min'): it means nothing on a page."""
    of_dose, _, field = (error.field or "").rpartition(".")
    return str(error).replace(f" {field}:", "", 1) if of_dose else str(error)


def _takes(model: PkModel, doses: Sequence[GivenDose]) -> bool:
    routes = model.structure.routes
    return all(dose.route in routes and dose.drug in routes[dose.route].drugs for dose in doses)


def _rank(model: PkModel, doses: Sequence[GivenDose]) -> tuple[bool, bool, bool, str]:
    own = bool(model.variability.between_subject)
    return is_assumed(model, doses), not own, model.id != PREFERRED, model.id
