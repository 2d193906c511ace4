"""Records for other software: read back, they are the inputs of the engine itself."""

import csv
import io

import numpy as np
import pytest
from tests.factories.pharmacology import ADULT, dose, model

from openkap.core.pharmacology import Covariates, GivenDose
from openkap.core.pharmacology.assembly import inputs_of
from openkap.core.pharmacology.export import numbers_of
from openkap.core.pharmacology.export_records import to_records
from openkap.core.pharmacology.individuals import typical_values
from openkap.core.pharmacology.plan import plan_of
from openkap.core.pharmacology.records import read_csv
from openkap.errors import BadInput

TIMES = [20.0, 40.0, 60.0]
GIVEN = {
    "an infusion and a bolus": ("otto-2021", [dose(35, span=40), dose(10, start=60)]),
    "a film, with durations of the model": ("simons-2022", [dose(50, "esketamine", "sl")]),
    "three devices": ("perez-ruixo-2021", [dose(84, "esketamine", "in")]),
}


def rows_of(text: str) -> list[dict[str, str]]:
    return list(csv.DictReader(io.StringIO(text)))


@pytest.mark.parametrize("name", GIVEN)
def test_read_back_they_are_what_the_engine_is_given(name: str) -> None:
    record, given = GIVEN[name]
    held = model(record)
    plan, values = plan_of(held, given, TIMES), typical_values(held, [ADULT])
    exact = inputs_of(held, plan.entries, dict.fromkeys(plan.occasions, values), held.structure.compartments)
    rows = [row for row in rows_of(to_records(held, given, ADULT, TIMES)) if row["EVID"] == "1"]
    order = np.argsort(exact.starts[0], kind="stable")
    assert [float(row["TIME"]) for row in rows] == pytest.approx(exact.starts[0][order])
    assert [int(row["CMT"]) - 1 for row in rows] == exact.compartments[order].tolist()
    for row, entry, span in zip(rows, (plan.entries[i] for i in order), exact.spans[0][order], strict=True):
        rate, amount = float(row["RATE"]), float(row["AMT"])
        assert amount == pytest.approx(entry.amount)
        assert rate == (
            -2.0 if entry.form.duration is not None else pytest.approx(amount / span if span else 0.0)
        )
        fraction = entry.form.fraction.evaluate({**values, "DEVICE": np.array([float(row["DEVICE"])])})
        assert float(np.ravel(fraction)[0]) * amount == pytest.approx(exact.amounts[0][order][rows.index(row)])


def test_they_are_dosing_records_in_our_own_reader_too() -> None:
    given: list[GivenDose] = [dose(35, span=40)]
    text = to_records(model("otto-2021"), given, Covariates(weight_kg=82.0), TIMES)
    records = read_csv(io.StringIO(text))
    assert [record.is_dose for record in records] == [True, *([False] * 6)]
    assert dict(records[0].values)["WT"] == 82.0
    assert dict(records[0].values)["ROUTE"] == 1.0
    assert records[0].amount == 17.5  # half of the racemate
    assert records[0].rate == pytest.approx(17.5 / (40 / 60))
    number = numbers_of(model("otto-2021"))
    assert {record.compartment for record in records[1:]} <= set(number.values())


def test_what_cannot_be_written_is_refused() -> None:
    with pytest.raises(BadInput, match="cannot be written"):
        to_records(model("otto-2021"), [dose(35, route="im", span=10)], ADULT, TIMES)
