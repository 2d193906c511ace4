"""Published ratios come out of the models again, and what was not published changes nothing."""

from datetime import date

import numpy as np
import pytest
from pydantic import ValidationError
from tests.factories.pharmacology import ADULT, dose, model, models

from openkap import knowledge
from openkap.core.pharmacology import Analyte, GivenDose, PkModel, Population, forecast, simulate
from openkap.core.pharmacology.interactions import Interacting, Outcome, taken_of, with_interactions
from openkap.core.pharmacology.metrics import summarise
from openkap.errors import BadInput
from openkap.knowledge.knowledge_set import SignOff, State
from openkap.knowledge.loader import read_kind
from openkap.knowledge.schema.pk_interaction import PkInteraction
from openkap.units import Route

RECORDS = read_kind("pk_interactions", PkInteraction)
TODAY = date(2026, 11, 21)
LONG = np.arange(0.0, 20_000.0, 2.0)  # minutes: until next to nothing is left

DOSES = {
    Route.IV: dose(20, "esketamine", "iv", span=20),
    Route.PO: dose(20, "esketamine", "po"),
    Route.IN: dose(56, "esketamine", "in"),
    Route.SC: dose(20, "esketamine", "sc"),
}
STATED = [
    (record.id, ratio.route, ratio.auc)
    for record in RECORDS.values()
    for ratio in record.published
    if ratio.auc is not None and record.changes
]


def together(name: str, doses: list[GivenDose], *agents: str) -> Interacting:
    return with_interactions(model(name), doses, taken_of(agents, RECORDS))


def parent(of: PkModel, given: GivenDose) -> tuple[float, float]:
    """(area, peak) of S-ketamine for the typical person."""
    found = simulate(of, [given], ADULT, LONG).concentration(Analyte.S_KETAMINE)
    whole = summarise(found.times_min, found.ng_ml)
    return whole.auc_ng_h_ml, whole.cmax


@pytest.mark.parametrize(("record_id", "route", "ratio"), STATED)
def test_the_fitted_route_gives_the_published_area(record_id: str, route: Route, ratio: float) -> None:
    record = RECORDS[record_id]
    changed = [c for c in record.changes if route in c.routes and c.model == "perez-ruixo-2021"]
    if not changed:  # a genotype with an oral ratio of 1: nothing to change
        assert ratio == 1
        return
    here = together("perez-ruixo-2021", [DOSES[route]], record.agent)
    without, with_it = parent(model("perez-ruixo-2021"), DOSES[route]), parent(here.model, DOSES[route])
    assert with_it[0] / without[0] == pytest.approx(ratio, rel=2e-3)
    assert [effect.outcome for effect in here.effects] == [Outcome.APPLIED]


@pytest.mark.parametrize("name", ["otto-2021", "simons-2022", "kamp-2020"])
def test_an_inducer_by_vein_gives_the_published_area_in_every_model(name: str) -> None:
    analyte = Analyte.KETAMINE if name == "kamp-2020" else Analyte.S_KETAMINE
    given = dose(20, "ketamine", "iv", span=20)
    areas = [
        summarise(LONG, simulate(of, [given], ADULT, LONG).concentration(analyte).ng_ml).auc_ng_h_ml
        for of in (model(name), together(name, [given], "rifampicin").model)
    ]
    assert areas[1] / areas[0] == pytest.approx(0.86, rel=2e-3)


def test_peaks_stay_within_a_quarter_of_the_published_or_the_record_says_why() -> None:
    for record in RECORDS.values():
        for ratio in record.published:
            if ratio.cmax is None or not record.changes:
                continue
            here = together("perez-ruixo-2021", [DOSES[ratio.route]], record.agent)
            found = (
                parent(here.model, DOSES[ratio.route])[1]
                / parent(model("perez-ruixo-2021"), DOSES[ratio.route])[1]
            )
            if not 0.8 <= found / ratio.cmax <= 1.25:
                assert "peak" in record.notes, (record.id, found)


def test_an_assumed_route_moves_its_range_and_never_takes_up_more_than_the_dose() -> None:
    given = [dose(50, "ketamine", "po")]
    here = together("otto-2021", given, "grapefruit")
    bounds, before = here.model.assumed["F_GUT"], model("otto-2021").assumed["F_GUT"]
    assert bounds.low == pytest.approx(3 * before.low)
    assert bounds.high == 1.0
    band = Population(size=200, seed=3)
    low, high = (
        simulate(of, given, ADULT, [60.0, 120.0], band).curve(Analyte.KETAMINE).p50
        for of in (model("otto-2021"), here.model)
    )
    assert low is not None
    assert high is not None
    assert (high > 2 * low).all()


def test_studied_without_effect_changes_nothing_and_says_so() -> None:
    here = together("perez-ruixo-2021", [DOSES[Route.PO]], "itraconazole")
    assert here.model is model("perez-ruixo-2021")
    assert here.effects[0].outcome is Outcome.NO_CHANGE
    assert "did not change" in str(here.assumptions[0])


@pytest.mark.parametrize(("name", "given"), [
    ("otto-2021", dose(35, "ketamine", "im")),
    ("otto-2021", dose(35, "ketamine", "sl")),
    ("otto-2021", dose(35, "ketamine", "iv", span=40)),  # published by mouth and nose only
])  # fmt: skip
def test_a_route_nobody_studied_stays_unknown(name: str, given: GivenDose) -> None:
    here = together(name, [given], "ticlopidine")
    assert here.model is model(name)
    assert here.effects[0].outcome is Outcome.NO_FIGURE
    assert "not known" in str(here.assumptions[0])


def test_a_dose_by_another_route_makes_the_whole_unknown() -> None:
    doses = [dose(20, "ketamine", "po"), dose(20, "ketamine", "iv", start=60, span=20)]
    assert together("perez-ruixo-2021", doses, "ticlopidine").effects[0].outcome is Outcome.NO_FIGURE
    assert together("perez-ruixo-2021", doses, "rifampicin").effects[0].outcome is Outcome.APPLIED


def test_two_at_once_are_not_multiplied() -> None:
    here = together("perez-ruixo-2021", [DOSES[Route.PO]], "ticlopidine", "clarithromycin", "itraconazole")
    outcomes = {effect.taken.agent: effect.outcome for effect in here.effects}
    assert outcomes == {
        "ticlopidine": Outcome.NOT_COMBINED,
        "clarithromycin": Outcome.NOT_COMBINED,
        "itraconazole": Outcome.NO_CHANGE,
    }
    assert here.model is model("perez-ruixo-2021")


def test_the_changed_model_is_never_taken_for_the_plain_one() -> None:
    here = together("perez-ruixo-2021", [DOSES[Route.PO]], "ticlopidine")
    assert here.model.id != "perez-ruixo-2021"
    plain, changed = (
        forecast(of, [DOSES[Route.PO]], ADULT, [60.0, 120.0]).curve(Analyte.S_KETAMINE).typical
        for of in (model("perez-ruixo-2021"), here.model)
    )
    assert plain is not None
    assert changed is not None
    assert (changed > 1.5 * plain).all()
    assert here.effects[0].record is not None
    assert f"({here.effects[0].record.id}, version 1)" in str(here.assumptions[0])


def test_a_figure_from_memory_waits_for_sign_off() -> None:
    at_first = knowledge.load(TODAY)
    assert at_first.state("rifampicin-nasal") is State.INACTIVE
    assert at_first.state("ticlopidine-nasal") is State.ACTIVE
    signed = knowledge.load(TODAY, [SignOff("rifampicin-nasal", 1, adopted=True, decided_on=TODAY)])
    assert signed.state("rifampicin-nasal") is State.ACTIVE


def test_a_record_from_memory_may_not_call_itself_neutral() -> None:
    raw = RECORDS["rifampicin-nasal"].model_dump(mode="python") | {"effect": "neutral"}
    with pytest.raises(ValidationError, match="waits for sign-off"):
        PkInteraction.model_validate(raw)


def test_nobody_takes_what_no_record_is_about() -> None:
    with pytest.raises(BadInput, match="Nothing is known of 'liquorice'") as caught:
        taken_of(["liquorice"], RECORDS)
    assert caught.value.field == "taken"


def test_every_record_changes_parameters_its_models_have() -> None:
    for record in RECORDS.values():
        assert record.name.es, record.id
        for change in record.changes:
            of = models()[change.model]
            assert set(change.factors) <= set(of.parameters) | set(of.assumed), record.id
            for route in change.routes:
                assert route in of.structure.routes, (record.id, route)


def test_agents_of_one_name_are_named_alike() -> None:
    names: dict[str, set[str]] = {}
    for record in RECORDS.values():
        names.setdefault(record.agent, set()).add(record.name.en)
    assert all(len(found) == 1 for found in names.values())
