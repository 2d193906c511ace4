"""The report page in the docs says what the tests find. `OPENKAP_WRITE_DOCS=1 pytest tests/verification`
rewrites it.
"""

import os
from itertools import pairwise

import pytest
from tests.verification.core.pharmacology import report
from tests.verification.core.pharmacology.validation import Outcome, replayed


@pytest.fixture(scope="module", autouse=True)
def written():
    if os.environ.get("OPENKAP_WRITE_DOCS"):
        report.write()


def test_the_page_is_up_to_date():
    assert report.PAGE.read_text(encoding="utf-8") == report.page()


def test_every_failure_is_on_the_page_with_its_reason():
    text = report.page()
    for one in replayed():
        if one.outcome in (Outcome.OFF, Outcome.FAILED):
            assert f"Row {one.row['number']}, **{one.outcome}**" in text
            assert report.EXPLAINED[one.row["number"]]
    assert set(report.EXPLAINED) == {
        o.row["number"] for o in replayed() if o.outcome in (Outcome.OFF, Outcome.FAILED)
    }


def test_every_figure_is_on_the_page_and_in_the_docs():
    text = report.page()
    for name, figure in report.figures().items():
        assert f"figures/pk/{name}" in text
        assert (report.FIGURES / name).read_text(encoding="utf-8").startswith("<?xml")
        assert figure.axes[0].get_xlabel()


def test_lines_of_a_table_have_the_same_number_of_cells():
    for one, two in pairwise(line for line in report.page().splitlines()):
        if one.startswith("|") and two.startswith("|"):
            assert one.count("|") == two.count("|")
