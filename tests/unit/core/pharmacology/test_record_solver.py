"""Dosing records: each rule of the field, against a result written down another way."""

import io
import math

import pandas as pd
import pytest

from openkap.core.pharmacology.generic_models import generic_model
from openkap.core.pharmacology.record_solver import Carry, RecordModel, solve_records
from openkap.core.pharmacology.records import from_frame, read_csv
from openkap.errors import BadInput
from openkap.knowledge.schema.expression import Expression

CL, V, KA = 5.0, 50.0, 1.2
K = CL / V


def solved(text: str, structure: str = "1cmt", carried: Carry = Carry.FORWARD, **more: str) -> list[float]:
    """Amounts at the observation records. Commas and a header as in a file; blanks between rows are line
    ends.
    """
    stream = io.StringIO("\n".join(text.split()))
    needed = {"CL": str(CL), "V1": str(V)} | ({"KA": str(KA)} if "depot" in structure else {}) | more
    model = RecordModel(generic_model(structure), {k: Expression(v) for k, v in needed.items()})
    return [row.amount for row in solve_records(model, read_csv(stream), carried)]


def bolus(amount: float, since: float) -> float:
    return amount * math.exp(-K * since) if since >= 0 else 0.0


def infusion(rate: float, duration: float, since: float) -> float:
    during = min(max(since, 0.0), duration)
    return rate / K * -math.expm1(-K * during) * math.exp(-K * max(since - during, 0.0))


def near(value: float):
    return pytest.approx(value, rel=1e-11)


def test_a_bolus_is_there_at_once_when_its_row_comes_first():
    assert solved("TIME,AMT 0,100 0,. 3,.") == [near(100.0), near(bolus(100, 3))]
    assert solved("TIME,AMT 0,. 0,100 3,.") == [0.0, near(bolus(100, 3))]


def test_an_infusion_runs_for_its_amount_over_its_rate():
    assert solved("TIME,AMT,RATE 0,100,50 1,.,. 2,.,. 5,.,.") == [near(infusion(50, 2, t)) for t in (1, 2, 5)]


def test_bioavailability_shortens_a_rated_infusion_and_thins_a_timed_one():
    assert solved("TIME,AMT,RATE 0,100,50 1,.,. 4,.,.", F1="0.5") == [near(infusion(50, 1, t)) for t in (1, 4)]
    assert solved("TIME,AMT,RATE 0,100,-2 1,.,. 4,.,.", F1="0.5", D1="2") == [
        near(infusion(25, 2, t)) for t in (1, 4)
    ]


def test_a_modelled_rate_gives_the_duration():
    assert solved("TIME,AMT,RATE 0,100,-1 3,.,. 9,.,.", R1="25") == [near(infusion(25, 4, t)) for t in (3, 9)]


def test_lag_delays_a_dose_past_later_rows():
    assert solved("TIME,AMT 0,100 1,. 2,. 3,.", ALAG1="1.5") == [
        0.0,
        near(bolus(100, 0.5)),
        near(bolus(100, 1.5)),
    ]


def test_a_lagged_dose_lands_at_the_moment_before_a_later_row():
    assert solved("TIME,AMT 0,100 2,.", ALAG1="2") == [near(100.0)]


def test_additional_doses_follow_at_the_interval():
    found = solved("TIME,AMT,ADDL,II 0,100,3,6 17.9,.,.,. 18,.,.,. 30,.,.,.")
    assert found == [near(sum(bolus(100, t - 6 * i) for i in range(4))) for t in (17.9, 18, 30)]


def test_additional_infusions_may_overlap():
    found = solved("TIME,AMT,RATE,ADDL,II 0,100,10,2,4 9,.,.,.,. 20,.,.,.,.")
    assert found == [near(sum(infusion(10, 10, t - 4 * i) for i in range(3))) for t in (9, 20)]


def test_a_dose_has_the_fraction_in_force_when_it_enters():
    """NONMEM takes F and D of an additional or lagged dose from the next record, unless told otherwise."""
    text = "TIME,AMT,ADDL,II,F1 0,100,1,6,1 3,.,.,.,0.5 9,.,.,.,0.25"
    assert solved(text)[-1] == near(bolus(100, 9) + bolus(50, 3))
    assert solved(text, carried=Carry.BACKWARD)[-1] == near(bolus(100, 9) + bolus(25, 3))
    lagged = "TIME,AMT,F1,ALAG1 0,100,1,4 3,.,0.5,9 9,.,0.25,9"
    assert solved(lagged)[-1] == near(bolus(50, 5))
    assert solved(lagged, carried=Carry.BACKWARD)[-1] == near(bolus(25, 5))


def test_an_infusion_keeps_the_duration_it_began_with():
    text = "TIME,AMT,RATE,ADDL,II,D1 0,100,-2,1,6,10 2,.,.,.,.,4 20,.,.,.,.,1"
    assert solved(text)[-1] == near(infusion(10, 10, 20) + infusion(25, 4, 14))
    assert solved(text, carried=Carry.BACKWARD)[-1] == near(infusion(10, 10, 20) + infusion(100, 1, 14))


@pytest.mark.parametrize(("rate", "repeats"), [("0", 400), ("40", 400), ("5", 600)])
def test_steady_state_is_the_limit_of_many_doses(rate, repeats):
    head = "TIME,AMT,RATE,ADDL,II,SS"
    times = ("0", "3", "7.9", "20", "40")
    rows = " ".join(f"{t},.,.,.,.,." for t in times)
    settled = solved(f"{head} 0,100,{rate},0,8,1 {rows}", "2cmt+depot", Q2="3", V2="70")
    start = repeats * 8
    late = " ".join(f"{start + float(t)},.,.,.,.,." for t in times)
    limit = solved(f"{head} 0,100,{rate},{repeats},8,0 {late}", "2cmt+depot", Q2="3", V2="70")
    assert settled == [pytest.approx(value, rel=1e-9) for value in limit]


@pytest.mark.parametrize("rate", ["0", "25", "5"])
def test_steady_state_with_a_lag_is_the_limit_too(rate):
    head = "TIME,AMT,RATE,ADDL,II,SS"
    rows = [0.0, 1.0, 2.9, 3.1, 12.0]
    settled = solved(f"{head} 0,100,{rate},0,8,1 " + " ".join(f"{t},.,.,.,.,." for t in rows), ALAG1="3")
    start = 500 * 8
    limit = solved(
        f"{head} 0,100,{rate},500,8,0 " + " ".join(f"{start + t},.,.,.,.,." for t in rows), ALAG1="3"
    )
    assert settled == [pytest.approx(value, rel=1e-9) for value in limit]


def test_the_first_kind_of_steady_state_resets_and_the_second_adds():
    head = "TIME,AMT,II,SS"
    settled = solved(f"{head} 4,50,8,1 6,.,.,.")[0]
    assert solved(f"{head} 0,70,0,0 4,50,8,1 6,.,.,.") == [near(settled)]
    assert solved(f"{head} 0,70,0,0 4,50,8,2 6,.,.,.") == [near(settled + bolus(70, 6))]


def test_an_endless_infusion_is_at_its_plateau_and_ends_with_its_record():
    assert solved("TIME,AMT,RATE,SS 0,0,10,1 0,.,.,. 5,.,.,.") == [near(10 / K), near(bolus(10 / K, 5))]


def test_a_reset_empties_everything_and_calls_off_what_was_to_come():
    found = solved("TIME,AMT,RATE,ADDL,II,EVID 0,100,10,5,4,1 3,.,.,.,.,3 3,.,.,.,.,0 30,.,.,.,.,0")
    assert found == [0.0, 0.0]


def test_a_reset_with_a_dose_starts_over_and_time_may_go_back():
    found = solved("TIME,AMT,EVID 0,100,1 9,.,0 0,40,4 9,.,0")
    assert found == [near(bolus(100, 9)), near(bolus(40, 9))]


def test_an_other_record_is_observed_and_changes_nothing():
    assert solved("TIME,AMT,EVID 0,100,1 2,.,2 4,.,0") == [near(bolus(100, 2)), near(bolus(100, 4))]


def test_covariates_carry_forward_or_backward():
    text = "TIME,AMT,CLX 0,100,5 4,.,10 8,.,10"
    forward = 100 * math.exp(-(5 * 4 + 10 * 4) / V)
    backward = 100 * math.exp(-(10 * 4 + 10 * 4) / V)
    assert solved(text, CL="CLX")[-1] == near(forward)
    assert solved(text, carried=Carry.BACKWARD, CL="CLX")[-1] == near(backward)


def test_a_column_named_as_a_parameter_wins_and_amounts_carry_over():
    found = solved("TIME,AMT,V1 0,100,50 4,.,25 8,.,25")
    assert found[-1] == near(100 * math.exp(-(5 / 50 * 4 + 5 / 25 * 4)))


def test_formulas_use_the_columns():
    found = solved("TIME,AMT,WT 0,100,140 4,.,140", CL="5*(WT/70)**0.75")[0]
    assert found == near(100 * math.exp(-5 * 2**0.75 / V * 4))


def test_compartments_are_numbered_depot_first_and_metabolite_last():
    model = generic_model("3cmt+depot+metab")
    assert model.compartments == ("depot", "central", "peripheral2", "peripheral3", "metabolite")
    assert model.central == 2
    assert generic_model("2CMT").compartments == ("central", "peripheral2")
    found = solved("TIME,AMT,CMT 0,100,1 1,.,1 1,.,2 1,.,.", "1cmt+depot")
    assert found[0] == near(100 * math.exp(-KA))
    assert found[1] == found[2] == near(100 * KA / (KA - K) * (math.exp(-K) - math.exp(-KA)))


def test_the_metabolite_takes_its_fraction():
    found = solved("TIME,AMT,CMT 0,100,1 2,.,2", "1cmt+metab", CLM="20", VM="40", FM="0.6")[0]
    assert found == near(0.6 * 100 * K / (0.5 - K) * (math.exp(-2 * K) - math.exp(-1.0)))


def test_subjects_are_apart():
    assert solved("ID,TIME,AMT A,0,100 A,1,. B,1,.") == [near(bolus(100, 1)), 0.0]


def test_a_data_frame_reads_like_a_file():
    frame = pd.DataFrame({"ID": [1, 1], "TIME": [0.0, 3.0], "AMT": [100.0, None]})
    model = RecordModel(generic_model("1cmt"), {"CL": Expression("5"), "V1": Expression("50")})
    (row,) = solve_records(model, from_frame(frame), Carry.FORWARD)
    assert row.amount == near(bolus(100, 3))
    assert row.concentration == near(bolus(100, 3) / V)


@pytest.mark.parametrize(
    ("text", "words"),
    [
        ("AMT 1", "no column TIME"),
        ("TIME,AMT", "no record"),
        ("TIME,TIME 0,0", "twice"),
        ("TIME,AMT 0", "number of fields"),
        ("TIME,AMT 0,100 x,.", "Record 2: TIME"),
        ("TIME,AMT .,100", "Record 1: TIME: is missing"),
        ("TIME,AMT 0,-100", "Record 1: AMT"),
        ("TIME,AMT 0,inf", "Record 1: AMT"),
        ("TIME,AMT,RATE 0,100,-3", "Record 1: RATE"),
        ("TIME,AMT,RATE 0,100,-2", "positive parameter D1"),
        ("TIME,AMT,ADDL 0,100,2", "Record 1: II"),
        ("TIME,AMT,ADDL,II 0,100,1.5,2", "Record 1: ADDL"),
        ("TIME,AMT,SS 0,100,1", "Record 1: II"),
        ("TIME,AMT,SS,II 0,100,3,8", "Record 1: SS"),
        ("TIME,AMT,EVID 0,0,1", "Record 1: AMT"),
        ("TIME,AMT,EVID 0,5,0", "gives nothing"),
        ("TIME,AMT,EVID 0,5,7", "Record 1: EVID"),
        ("TIME,AMT,CMT 0,5,4", "Record 1: CMT"),
        ("TIME,AMT 5,100 1,.", "Record 2: TIME"),
        ("TIME,AMT,WT 0,100,70 1,.,-70", "Record 2: WT: a weight must be more than zero"),
        ("TIME,AMT,WT 0,100,0", "Record 1: WT"),
        ("ID,TIME,AMT .,0,100", "Record 1: ID: is missing"),
        ("ID,TIME A,0 B,0 A,1", "Record 3: ID"),
    ],
)
def test_records_that_cannot_be_meant_are_refused_by_number_and_field(text, words):
    with pytest.raises(BadInput, match=words):
        solved(text)


@pytest.mark.parametrize(
    ("more", "words"),
    [
        ({"V1": "0"}, "V1"),
        ({"CL": "-1"}, "CL"),
        ({"CL": "(0-5)**0.75"}, "CL: .* is no real number"),
        ({"CL": "WT"}, "WT"),
        ({"CL": "1/0"}, "CL"),
        ({"ALAG1": "9"}, "lag"),
    ],
)
def test_parameters_that_cannot_be_meant_are_refused(more, words):
    with pytest.raises(BadInput, match=words):
        solved("TIME,AMT,SS,II 0,100,1,8 1,.,.,.", **more)


def test_there_is_no_steady_state_of_what_never_leaves():
    with pytest.raises(BadInput, match="never leaves"):
        solved("TIME,AMT,SS,II 0,100,1,8 1,.,.,.", CL="0")


def test_a_missing_parameter_is_named():
    model = RecordModel(generic_model("1cmt+depot"), {"CL": Expression("5"), "V1": Expression("50")})
    with pytest.raises(BadInput, match="needs KA"):
        list(solve_records(model, read_csv(io.StringIO("TIME,AMT\n0,1\n")), Carry.FORWARD))


def test_an_unknown_parameter_or_structure_is_named():
    with pytest.raises(BadInput, match="no parameter 'K10'"):
        generic_model("2cmt").name_of("K10")
    with pytest.raises(BadInput, match="is not a structure"):
        generic_model("4cmt")


@pytest.mark.parametrize("amount", [1e-9, 1e6, 1e12, 1e18])
def test_the_unit_of_the_amounts_costs_no_digits(amount):
    """Milligrams or femtograms: an infusion that large must not be squared away with the rates."""
    found = solved(f"TIME,AMT,RATE 0,{amount!r},{amount!r} 0.5,.,. 10,.,.")
    assert found == [near(infusion(amount, 1, t)) for t in (0.5, 10)]


@pytest.mark.parametrize("exchange", ["1e12", "1e17", "1e200"])
def test_a_rate_too_fast_to_be_computed_is_refused(exchange):
    """Of 100 mg nobody holds 136 mg half an hour later, nor a number that is none."""
    with pytest.raises(BadInput, match="too fast") as refused:
        solved("TIME,AMT 0,100 0.5,. 24,.", "2cmt", Q2=exchange, V2="1")
    assert refused.value.field == "TIME"
