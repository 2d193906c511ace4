"""The validation list: complete, replayed, and its outcomes known by name, failures included."""

from collections import Counter

import numpy as np
import pytest
from tests.factories.pharmacology import model
from tests.verification.core.pharmacology import table_4
from tests.verification.core.pharmacology.validation import PASSED, Outcome, replayed, rows

from openkap.core.pharmacology import Analyte, Covariates, Drug, GivenDose, Route, simulate

ALL = replayed()

# Known and explained in the records' notes and on the report page. A row that leaves this list, or joins it,
# is news.
KNOWN_FAILURES = {4, 8, 12, 68}
KNOWN_OFF = {47, 48}


def test_the_list_is_whole():
    assert [row["number"] for row in rows()] == list(range(1, 71))
    for row in rows():
        assert row["source"]
        assert row["verification"] in {"source", "secondary"}
        assert ("unpredicted" in row) != ("model" in row)


def test_an_interval_is_what_its_words_say():
    """A spread read in other units than its value would pass unseen in the interval alone."""
    for row in rows():
        words = row.get("spread", "").rsplit(" ", 1)
        if words[0] == "mean and SD":
            expected = row["value"] - float(words[1]), row["value"] + float(words[1])
        elif words[0] == "geometric mean and SD factor":
            expected = row["value"] / float(words[1]), row["value"] * float(words[1])
        else:
            continue
        assert (row["low"], row["high"]) == pytest.approx(expected, rel=1e-5), row["number"]


def test_failures_are_the_known_ones():
    assert {one.row["number"] for one in ALL if one.outcome is Outcome.FAILED} == KNOWN_FAILURES
    assert {one.row["number"] for one in ALL if one.outcome is Outcome.OFF} == KNOWN_OFF


@pytest.mark.parametrize("one", [o for o in ALL if "replay" in o.row], ids=lambda o: str(o.row["number"]))
def test_an_earlier_separate_replay_agrees(one):
    """Another person's implementation, printed to three digits or fewer, gave the same number."""
    printed = one.row["replay"]
    half_digit = 0.5 * 10.0 ** -len(str(printed).partition(".")[2])
    assert abs(one.predicted - printed) <= max(half_digit, 0.005 * printed) + 1e-9


def test_most_predictions_hold():
    counted = Counter(one.outcome for one in ALL)
    assert sum(counted[outcome] for outcome in PASSED) >= 50


def test_the_whole_of_table_4_holds_but_for_noresketamines_area():
    """Every group by age and ancestry: one peak misses by its printed rounding, and all those areas fail."""
    cells = table_4.cells()
    assert len(cells) == 6 * 3 * 4
    judged = [cell for cell in cells if cell.figure != "noresketamine AUC0-24"]
    misses = [(c.stratum, c.dose_mg, c.figure) for c in judged if not c.holds]
    assert misses == [("over 60 years, Asian, not Japanese", 28, "esketamine Cmax")]
    assert all(cell.within_its_rounding for cell in judged)
    areas = [cell.ratio for cell in cells if cell.figure == "noresketamine AUC0-24"]
    assert min(areas) == pytest.approx(1.38, abs=0.01)
    assert max(areas) == pytest.approx(1.55, abs=0.01)


# An earlier, separate replay, in its three digits: minutes 40, 80, 110 and 230 of 35 mg over 40 min at 70 kg.
SITES = {
    ("kamp-2020", "ketamine", Analyte.KETAMINE): (253, 74, 54, 27),
    ("simons-2022", "esketamine", Analyte.S_KETAMINE): (289, 63, 42, 21),
    ("domino-1984", "ketamine", Analyte.KETAMINE): (240, 46, 38, 18),
    ("otto-2021", "ketamine", Analyte.KETAMINE): (167, 84, 64, 29),
    ("perez-ruixo-2021", "esketamine", Analyte.S_KETAMINE): (125, 65, 45, 19),
}


def level_by_site(record, drug, analyte):
    given = GivenDose(amount_mg=35, drug=Drug(drug), route=Route.IV, start_min=0, span_min=40)
    person = Covariates(weight_kg=70, age_years=30)
    return simulate(model(record), [given], person, [40.0, 80.0, 110.0, 230.0]).curve(analyte).typical


@pytest.mark.parametrize(("which", "printed"), SITES.items(), ids=lambda part: part[0])
def test_one_infusion_by_every_model_equals_an_earlier_replay(which, printed):
    assert level_by_site(*which) == pytest.approx(printed, abs=0.5, rel=0.005)


def test_arterial_and_venous_levels_are_as_far_apart_as_the_page_says():
    kamp, simons, _, otto, perez = (level_by_site(*which) for which in SITES)
    assert kamp[0] / otto[0] == pytest.approx(1.5, abs=0.05)
    assert simons[0] / perez[0] == pytest.approx(2.3, abs=0.05)
    later = np.concatenate([(otto / kamp)[1:], (perez / simons)[1:]])
    assert (otto / kamp)[1] > 1 < (perez / simons)[1]
    assert (np.abs(np.log(later)) < np.log(1.2)).all()
