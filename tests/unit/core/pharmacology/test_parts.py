"""The parts a prediction is put together from: doses, entries, timelines, steady states."""

from datetime import timedelta

import numpy as np
import pytest
from tests.factories.pharmacology import ADULT, dose, inputs, model, rates_of

from openkap.core.pharmacology import Covariates, GivenDose, RangeState
from openkap.core.pharmacology.assembly import entries_of, inputs_of, kept_compartments, measured_of, system_of
from openkap.core.pharmacology.covariates import amounts_outside, check_range
from openkap.core.pharmacology.individuals import typical_values
from openkap.core.pharmacology.linear_system import Inputs
from openkap.core.pharmacology.steady_state import carry, plateau, still_running, trough
from openkap.core.pharmacology.timeline import timeline
from openkap.errors import BadInput
from openkap.units import parse_dose_instruction


def test_a_written_dose_becomes_a_given_one():
    found = GivenDose.from_instruction(parse_dose_instruction("35 mg ketamine iv over 40 min at 1 h 30 min"))
    assert (found.amount_mg, found.start_min, found.span_min, found.end_min) == (35.0, 90.0, 40.0, 130.0)
    assert timedelta(minutes=found.span_min) == timedelta(minutes=40)


@pytest.mark.parametrize(("start", "session"), [(0.0, 0), (1439.0, 0), (1440.0, 1), (-5.0, -1), (10_080.0, 7)])
def test_each_day_from_zero_is_a_session_unless_numbered(start, session):
    assert dose(1, start=start).session == session
    assert GivenDose(**{**vars(dose(1, start=start)), "occasion": 12}).session == 12


def test_a_spray_is_split_into_devices_and_their_two_ways():
    entries = entries_of(model("perez-ruixo-2021"), [dose(84, "esketamine", "in")])
    assert [(e.device, round(e.start * 60), e.form.compartment) for e in entries] == [
        (1, 0, "nose"), (1, 0, "swallowed"), (2, 5, "nose"), (2, 5, "swallowed"),
        (3, 10, "nose"), (3, 10, "swallowed"),
    ]  # fmt: skip
    assert {e.amount for e in entries} == {28.0}


def test_a_device_splits_its_whole_content_by_its_fractions():
    record = model("perez-ruixo-2021")
    entries = entries_of(record, [dose(56, "esketamine", "in")])
    values = typical_values(record, [ADULT])
    found = inputs_of(record, entries, {0: values}, record.structure.compartments)
    later = 0.54 * 0.62
    assert found.amounts[0] == pytest.approx([28 * 0.54, 28 * 0.46 * 0.64, 28 * later, 28 * (1 - later) * 0.64])
    assert found.spans[0] == pytest.approx([0.0, 0.53, 0.0, 0.53])


def test_half_a_racemate_goes_into_an_s_model_and_all_of_it_into_a_racemic_one():
    assert entries_of(model("otto-2021"), [dose(35)])[0].amount == 17.5
    assert entries_of(model("otto-2021"), [dose(35, "esketamine")])[0].amount == 35.0
    assert entries_of(model("kamp-2020"), [dose(35)])[0].amount == 35.0


def test_a_film_enters_both_depots_in_full():
    record = model("simons-2022")
    entries = entries_of(record, [dose(50, "esketamine", "sl")])
    found = inputs_of(record, entries, {0: typical_values(record, [ADULT])}, record.structure.compartments)
    assert found.amounts[0] == pytest.approx([50 * 0.263, 50 * 1.16])
    assert found.amounts.sum() > 50
    assert record.structure.routes["sl"].apparent


def test_compartments_nobody_reaches_are_left_out():
    record = model("simons-2022")
    entries = entries_of(record, [dose(20, "esketamine", span=20)])
    kept = kept_compartments(record.structure, entries, measured_of(record, entries))
    assert not {"mucosa", "gut", "gut_transit"} & set(kept)
    parent = [m for m in record.structure.measured if m.compartment == "central"]
    assert set(kept_compartments(record.structure, entries, parent)) == {"central", "shallow", "deep"}


def test_what_leaves_for_an_unkept_compartment_still_leaves():
    record = model("otto-2021")
    values = typical_values(record, [ADULT])
    measured = record.structure.measured[:1]
    system = system_of(record.structure, values, ("central", "shallow", "deep"), measured, 1)
    assert -system.rates[0].sum(axis=0) == pytest.approx([95.2 / 133, 0.0, 0.0])


def test_a_timeline_lands_a_bolus_once_and_ends_an_infusion_exactly():
    line = timeline(
        inputs((0, 1.0, 0.0, 5.0), (0, 1.0, 0.0, 3.0), (1, 0.1, 0.2, 7.0), (1, 0.3, 0.2, 7.0)), 2, 0.0
    )
    assert line.is_shared
    assert line.jumps.sum(axis=1)[0].tolist() == [8.0, 0.0]
    assert line.flows[0, -1].tolist() == [0.0, 0.0]
    assert line.index_of(np.array([0.0, 0.05, 1.0, 9.0]))[0].tolist()[-1] == line.moments.shape[1] - 1


def test_inputs_are_cut_at_an_edge_without_losing_anything():
    whole = Inputs(np.array([0, 0]), np.array([[1.0, 2.0]]), np.array([[4.0, 0.0]]), np.array([[8.0, 3.0]]))
    early, late = whole.between(0.0, 2.0), whole.between(2.0, 9.0)
    assert early.amounts.tolist() == [[2.0, 0.0]]
    assert late.amounts.tolist() == [[6.0, 3.0]]
    assert late.spans.tolist() == [[3.0, 0.0]]


def test_a_plateau_is_input_over_clearance():
    rates = rates_of(2, (0, 1, 0.5), (1, 0, 0.2), (0, None, 0.1))
    assert plateau(rates, 0, 4.0)[0] == pytest.approx(40.0)
    settled = carry(rates, np.zeros(2), np.array([4.0, 0.0]), 2000.0)
    assert settled == pytest.approx(plateau(rates, 0, 4.0), rel=1e-9)


def test_a_trough_repeats_itself():
    rates = rates_of(2, (0, 1, 0.5), (1, 0, 0.2), (0, None, 0.1))
    before = trough(rates, 0, 100.0, 0.0, 12.0)
    after = carry(rates, before + np.array([100.0, 0.0]), np.zeros(2), 12.0)
    assert after == pytest.approx(before, rel=1e-12)


@pytest.mark.parametrize(
    ("duration", "interval", "rest"),
    [(2.0, 8.0, []), (8.0, 8.0, []), (10.0, 8.0, [2.0]), (24.0, 8.0, [16.0, 8.0])],
)
def test_earlier_infusions_run_on_for_what_is_left(duration, interval, rest):
    assert still_running(duration, interval) == rest


def test_what_never_leaves_has_no_plateau():
    with pytest.raises(BadInput):
        plateau(rates_of(1), 0, 1.0)


@pytest.mark.parametrize(
    ("weight", "age", "state"),
    [(70, 25, RangeState.IN_RANGE), (52.9, 25, RangeState.EXTRAPOLATED), (70, 33, RangeState.EXTRAPOLATED),
     (93, 32, RangeState.IN_RANGE), (70, None, RangeState.EXTRAPOLATED)],
)  # fmt: skip
def test_the_edges_of_a_range_belong_to_it(weight, age, state):
    assert check_range(model("simons-2022"), Covariates(weight_kg=weight, age_years=age)).state is state


def test_an_unknown_covariate_name_is_refused():
    with pytest.raises(BadInput, match="shoe_size"):
        ADULT.get("shoe_size")


@pytest.mark.parametrize(
    ("record", "route", "amounts", "outside"),
    [
        ("perez-ruixo-2021", "in", (112,), []),
        ("perez-ruixo-2021", "in", (140,), [140.0]),
        ("perez-ruixo-2021", "in", (84, 84), [168.0]),
        ("perez-ruixo-2021", "iv", (500,), []),
        ("simons-2022", "sl", (25,), [25.0]),
        ("simons-2022", "buccal", (100,), []),
    ],
)
def test_an_amount_nobody_was_given_is_extrapolated(record, route, amounts, outside):
    """Only where uptake may change with it: elsewhere the models are linear, and say so."""
    given = [dose(amount, "esketamine", route, start=30.0 * i) for i, amount in enumerate(amounts)]
    found = check_range(model(record), Covariates(weight_kg=70, age_years=30), given)
    assert [one.amount_mg for one in amounts_outside(model(record), given)] == outside
    assert (found.state is RangeState.EXTRAPOLATED) == bool(outside)
    assert len(found.reasons) == len(outside)
    assert all(f"by route '{route}' in one session" in words for words in found.reasons)
    apart = [dose(84, "esketamine", "in"), dose(84, "esketamine", "in", start=2_880.0)]
    assert not amounts_outside(model("perez-ruixo-2021"), apart)
