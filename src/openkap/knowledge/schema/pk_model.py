"""A population pharmacokinetic model as a record: structure, numbers, variability, and for whom it was made.

Every number carries what was read (`verification`) and how it came about (`confidence`). Amounts are
milligrams of free base, volumes litres; `time_unit` says what rates and durations are in. Concentrations come
out in ng/mL.
"""

from enum import StrEnum
from typing import Annotated, Literal, Self

from pydantic import Field, FiniteFloat, model_validator

from openkap.knowledge.schema.expression import Expression
from openkap.knowledge.schema.record import Record, RecordId, StrictModel, Text, Verification
from openkap.units.dose import Drug, Route

Name = Annotated[str, Field(pattern=r"^[A-Za-z][A-Za-z0-9_]*$", max_length=40)]
Positive = Annotated[FiniteFloat, Field(gt=0)]
NotNegative = Annotated[FiniteFloat, Field(ge=0)]
Matrix = tuple[tuple[FiniteFloat, ...], ...]

RESERVED = frozenset({"DEVICE"})


class Confidence(StrEnum):
    """How a number came to us."""

    PRIMARY = "primary"  # an abstract or table of the paper was read
    TRANSCRIPTION = (
        "transcription"  # a transcription that names table and row, replayed against the paper's table
    )
    THIRD_PARTY = "third-party"  # somebody's number; the primary was not seen
    DERIVED = "derived"  # computed by us from other rows
    ASSUMED = "assumed"  # nobody published it
    UNCERTAIN = "uncertain"  # printed where its meaning is in doubt


class Analyte(StrEnum):
    """What is measured in plasma."""

    KETAMINE = "ketamine"  # both enantiomers
    S_KETAMINE = "S-ketamine"
    R_KETAMINE = "R-ketamine"
    NORKETAMINE = "norketamine"
    S_NORKETAMINE = "S-norketamine"
    S_HYDROXYNORKETAMINE = "S-hydroxynorketamine"


class Site(StrEnum):
    """Where the blood was taken. Early arterial and venous levels differ about twofold."""

    ARTERIAL = "arterial plasma"
    VENOUS = "venous plasma"
    UNSTATED = "plasma, site not stated"
    ARTERIAL_EFFECT = "effect site after arterial plasma"
    VENOUS_EFFECT = "effect site after venous plasma"


class Parent(StrEnum):
    """What the model's own dose is."""

    RACEMIC = "ketamine"
    S_ENANTIOMER = "S-ketamine"


class Evidence(StrictModel):
    """Where one number stands. `source` counts into the record's `sources`, from 0."""

    verification: Verification = Verification.SECONDARY
    confidence: Confidence = Confidence.TRANSCRIPTION
    source: Annotated[int, Field(ge=0)] = 0
    note: str = ""


class PowerOf(StrictModel):
    """times (covariate / reference) ** exponent"""

    kind: Literal["power"]
    covariate: Name
    reference: Positive
    exponent: FiniteFloat
    evidence: Evidence = Evidence()


class SlopeAbove(StrictModel):
    """plus slope x (covariate - above), where the covariate is above"""

    kind: Literal["slope-above"]
    covariate: Name
    above: FiniteFloat
    slope: FiniteFloat
    evidence: Evidence = Evidence()


class FactorIf(StrictModel):
    """times factor, where a yes-or-no covariate is yes"""

    kind: Literal["factor-if"]
    covariate: Name
    factor: Positive
    evidence: Evidence = Evidence()


CovariateEffect = Annotated[PowerOf | SlopeAbove | FactorIf, Field(discriminator="kind")]


class Parameter(StrictModel):
    """A typical value. `scale` is where its random effects add: the logarithm or the logit."""

    value: NotNegative
    unit: str
    scale: Literal["log", "logit"] = "log"
    covariates: tuple[CovariateEffect, ...] = ()
    standard_error: NotNegative | None = None
    relative_standard_error_percent: NotNegative | None = None  # where the paper prints that instead
    evidence: Evidence = Evidence()

    @model_validator(mode="after")
    def _logit_is_a_fraction(self) -> Self:
        if self.scale == "logit" and not 0 < self.value < 1:
            raise ValueError("a parameter on the logit scale lies between 0 and 1")
        return self


class AssumedRange(StrictModel):
    """A number nobody has fitted: drawn evenly between `low` and `high` on the log scale; it has no typical
    value.
    """

    low: Positive
    high: Positive
    unit: str
    evidence: Evidence

    @model_validator(mode="after")
    def _low_below_high(self) -> Self:
        if self.low >= self.high:
            raise ValueError("low must be below high")
        return self


class RandomEffects(StrictModel):
    """One block of random effects: a covariance matrix, or one parameter's variance as the paper prints it."""

    parameters: Annotated[tuple[Name, ...], Field(min_length=1)]
    omega2: Matrix | NotNegative | None = None
    cv_percent: NotNegative | None = None
    sd: NotNegative | None = None
    standard_error: NotNegative | None = None
    relative_standard_error_percent: NotNegative | None = None
    evidence: Evidence = Evidence()

    @model_validator(mode="after")
    def _one_form(self) -> Self:
        if sum(form is not None for form in (self.omega2, self.cv_percent, self.sd)) != 1:
            raise ValueError("give exactly one of omega2, cv_percent and sd")
        size = len(self.parameters)
        if isinstance(self.omega2, tuple):
            if len(self.omega2) != size or any(len(row) != size for row in self.omega2):
                raise ValueError("omega2 needs one row and one column for each parameter")
            if any(self.omega2[i][j] != self.omega2[j][i] for i in range(size) for j in range(i)):
                raise ValueError("omega2 is not symmetric")
        elif size != 1:
            raise ValueError("several parameters need omega2 as a matrix")
        return self


class Variability(StrictModel):
    """What differs between people and between sessions. `unknown` says why there is none."""

    between_subject: tuple[RandomEffects, ...] = ()
    between_occasion: tuple[RandomEffects, ...] = ()
    unknown: Text | None = None
    borrowable: dict[RecordId, tuple[tuple[Name, Name], ...]] = {}  # record: (its parameter, ours)

    @model_validator(mode="after")
    def _known_or_said(self) -> Self:
        if not self.between_subject and not self.unknown:
            raise ValueError("a model without variances says why in 'unknown'")
        return self


class ResidualError(StrictModel):
    """Scatter of a measured value around the true one; never in a band unless asked for."""

    proportional_sd: NotNegative = 0.0
    log_sd: NotNegative = 0.0
    additive_ng_ml: NotNegative = 0.0
    proportional_standard_error: NotNegative | None = None
    additive_standard_error_ng_ml: NotNegative | None = None
    evidence: Evidence = Evidence()


class Flow(StrictModel):
    """First-order transfer: `rate` (1/time) of `source` goes to `to`; without `to` it leaves the body.

    One that `copies` takes nothing away: an effect site that follows the plasma.
    """

    source: Name
    to: Name | None = None
    rate: Expression
    copies: bool = False


class Measured(StrictModel):
    """An observable concentration: amount in `compartment` x `scale`, ng/mL."""

    analyte: Analyte
    site: Site
    compartment: Name
    scale: Expression
    residual: ResidualError | None = None


class Input(StrictModel):
    """Where a share of the dose enters. Without `duration` it enters as given (at once, or over the
    infusion).
    """

    compartment: Name
    fraction: Expression = Expression("1")
    duration: Expression | None = None


class Device(StrictModel):
    """A spray device: its content, and the parameter that multiplies uptake from the second one on."""

    amount_mg: Positive
    minutes_apart: Positive
    later_factor: Name
    evidence: Evidence = Evidence()


class RouteInput(StrictModel):
    """How one route enters the model. An assumed route has no line, only a band."""

    drugs: Annotated[tuple[Drug, ...], Field(min_length=1)]
    inputs: Annotated[tuple[Input, ...], Field(min_length=1)]
    device: Device | None = None
    assumption: Text | None = None
    analytes: tuple[Analyte, ...] = ()
    session_mg: "Interval | None" = None  # given in one session, where uptake may change with the amount
    apparent: bool = False  # its fractions are scale factors and may add up to more than the dose

    @property
    def is_assumed(self) -> bool:
        """Whether nobody has fitted this route."""
        return self.assumption is not None


class DerivedEnantiomer(StrictModel):
    """The other enantiomer, as the model's own with some parameters multiplied, sharing its random effects."""

    analyte: Analyte
    of: Analyte
    total: Analyte
    factors: dict[Name, Positive]
    evidence: Evidence


class Interval(StrictModel):
    """Where the model's data came from; outside it, a prediction is extrapolated."""

    low: FiniteFloat
    high: FiniteFloat
    basis: str


class Structure(StrictModel):
    """Compartments and what flows between them."""

    compartments: Annotated[tuple[Name, ...], Field(min_length=1)]
    flows: tuple[Flow, ...]
    measured: Annotated[tuple[Measured, ...], Field(min_length=1)]
    routes: dict[Route, RouteInput]
    derived: DerivedEnantiomer | None = None

    @model_validator(mode="after")
    def _places_exist(self) -> Self:
        known = set(self.compartments)
        used = {flow.source for flow in self.flows} | {flow.to for flow in self.flows if flow.to is not None}
        used |= {m.compartment for m in self.measured}
        used |= {entry.compartment for route in self.routes.values() for entry in route.inputs}
        if used - known:
            raise ValueError(f"no compartment is named {', '.join(sorted(used - known))}")
        if any(flow.source == flow.to for flow in self.flows):
            raise ValueError("a flow leads to another compartment")
        return self

    @property
    def formulas(self) -> tuple[Expression, ...]:
        """Every formula of the structure."""
        entries = [entry for route in self.routes.values() for entry in route.inputs]
        durations = [entry.duration for entry in entries if entry.duration is not None]
        fractions = [entry.fraction for entry in entries]
        return (*(f.rate for f in self.flows), *(m.scale for m in self.measured), *fractions, *durations)


class PkModel(Record):
    """A published population pharmacokinetic model, as read."""

    time_unit: Literal["h", "min"]
    parent: Parent
    subjects: Annotated[int, Field(ge=1)] | None = None
    parameters: dict[Name, Parameter]
    assumed: dict[Name, AssumedRange] = {}
    structure: Structure
    variability: Variability
    range: dict[Name, Interval] = {}
    warnings: tuple[Text, ...] = ()

    @model_validator(mode="after")
    def _names_resolve(self) -> Self:
        known = set(self.parameters) | set(self.assumed) | RESERVED
        needed = {name for formula in self.structure.formulas for name in formula.names}
        derived = self.structure.derived
        needed |= set(derived.factors) if derived else set()
        needed |= {r.device.later_factor for r in self.structure.routes.values() if r.device}
        for block in (*self.variability.between_subject, *self.variability.between_occasion):
            needed |= set(block.parameters)
        if needed - known:
            raise ValueError(f"no parameter is named {', '.join(sorted(needed - known))}")
        return self

    @model_validator(mode="after")
    def _sources_exist(self) -> Self:
        if any(e.source >= len(self.sources) for e in self.evidence):
            raise ValueError("evidence counts past the end of 'sources'")
        return self

    @property
    def evidence(self) -> tuple[Evidence, ...]:
        """Where every number stands."""
        blocks = (*self.variability.between_subject, *self.variability.between_occasion)
        effects = [effect for p in self.parameters.values() for effect in p.covariates]
        residuals = [m.residual for m in self.structure.measured if m.residual is not None]
        derived = self.structure.derived
        holders = (*self.parameters.values(), *self.assumed.values(), *effects, *blocks, *residuals)
        return (*(h.evidence for h in holders), *((derived.evidence,) if derived else ()))

    @property
    def covariates(self) -> frozenset[str]:
        """The covariates the typical values use."""
        return frozenset(e.covariate for p in self.parameters.values() for e in p.covariates)
