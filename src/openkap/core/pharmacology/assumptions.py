"""What a prediction takes for granted: by kind, so that a page can say it in its reader's language."""

from collections.abc import Iterator
from dataclasses import dataclass
from enum import StrEnum

from openkap.core.pharmacology.covariates import Covariates
from openkap.core.pharmacology.plan import Plan, analytes_of
from openkap.knowledge.schema.pk_model import PkModel
from openkap.knowledge.schema.record import Text
from openkap.units.dose import Drug


class Kind(StrEnum):
    """What is assumed."""

    FREE_BASE = "free-base"
    HALF = "half-of-racemate"
    DERIVED = "derived-enantiomer"
    ROUTE = "route"  # the record's own sentence
    REFERENCE = "reference-value"
    BORROWED = "borrowed-variances"
    RESIDUAL = "no-residual-error"
    TAKEN = "taken-with-it"  # what an interaction says of itself


ENGLISH = {
    Kind.FREE_BASE: "Amounts are free base.",
    Kind.HALF: "Half of racemic ketamine is S-ketamine; the two do not influence each other.",
    Kind.DERIVED: "{analyte} is derived from {of} ({factors}).",
    Kind.REFERENCE: "{covariate} is not known; its reference value is used.",
    Kind.BORROWED: "Between-subject variances are borrowed from {model}.",
}


@dataclass(frozen=True)
class Assumption:
    """One sentence: its kind and what it names, or the record's own words."""

    kind: Kind
    named: tuple[tuple[str, str], ...] = ()
    text: Text | None = None

    def __str__(self) -> str:
        return self.text.en if self.text is not None else ENGLISH[self.kind].format(**dict(self.named))


def assumptions_of(plan: Plan, covariates: Covariates, lender: PkModel | None) -> tuple[Assumption, ...]:
    """What a run takes for granted. `lender`: whose variances are borrowed."""
    return tuple(_assumed(plan, covariates, lender))


def without_residual(plan: Plan) -> tuple[Assumption, ...]:
    """That nobody estimated a measurement error for some of what a run yields, if so."""
    estimated = {m.analyte for m in plan.model.structure.measured if m.residual is not None}
    others = ", ".join(analyte for analyte in analytes_of(plan) if analyte not in estimated)
    words = f"No residual error was estimated for {others}; the band leaves it out there."
    spanish = f"No se estimó ningún error residual de {others}; ahí la banda no lo incluye."
    return (Assumption(Kind.RESIDUAL, text=Text(en=words, es=spanish)),) if others else ()


def _assumed(plan: Plan, covariates: Covariates, lender: PkModel | None) -> Iterator[Assumption]:
    model, derived = plan.model, plan.derived
    yield Assumption(Kind.FREE_BASE)
    if any(e.dose.drug is Drug.KETAMINE for e in plan.entries) and model.parent != Drug.KETAMINE.value:
        yield Assumption(Kind.HALF)
    if derived is not None:
        factors = ", ".join(f"{name} x {factor:g}" for name, factor in derived.factors.items())
        named = (("analyte", str(derived.analyte)), ("of", str(derived.of)), ("factors", factors))
        yield Assumption(Kind.DERIVED, named)
    said = {e.route.assumption.en: e.route.assumption for e in plan.entries if e.route.assumption is not None}
    for _, text in sorted(said.items()):
        yield Assumption(Kind.ROUTE, text=text)
    for name in sorted(model.covariates):
        if covariates.get(name) is None:
            yield Assumption(Kind.REFERENCE, (("covariate", name),))
    if lender is not None:
        yield Assumption(Kind.BORROWED, (("model", lender.id),))
