"""docs/reference/instrument-coverage.md: no record without a line, no line without an answer."""

import os
from datetime import date

from tools import instrument_coverage

from openkap import knowledge
from openkap.core.psychometrics import reliable_change_points
from openkap.knowledge.schema.criterion import CriterionKind
from openkap.knowledge.schema.instrument import Domain, Respondent, Wording
from openkap.knowledge.schema.record import Effect, Verification

DAY = date(2026, 11, 21)
KNOWN = knowledge.load(DAY)
LINES = instrument_coverage.lines()


def test_the_page_is_current() -> None:
    """Make it anew with `python -m tools.instrument_coverage`."""
    if os.environ.get("OPENKAP_WRITE_DOCS"):
        instrument_coverage.PAGE.write_text(instrument_coverage.page(DAY), encoding="utf-8")
    assert instrument_coverage.PAGE.read_text(encoding="utf-8") == instrument_coverage.page(DAY)


def test_every_record_has_its_line_and_every_line_its_answer() -> None:
    assert {record for line in LINES for record in line.get("records", {})} == set(KNOWN.instruments)
    for line in LINES:
        assert line.keys() & {"records", "elsewhere", "not_here"}, line["line"]


def test_every_record_is_what_is_written() -> None:
    """The second place: a range, a cut-off or a licence state that changes is noticed here."""
    for line in LINES:
        for record, said in line.get("records", {}).items():
            assert said == instrument_coverage.pinned(KNOWN.instruments[record]), line["line"]


def test_what_is_not_shipped_says_why() -> None:
    for line in LINES:
        kept = [KNOWN.instruments[record] for record in line.get("records", {})]
        if any(one.wording is not Wording.SHIPPED for one in kept):
            assert line.get("missing"), line["line"]


def test_something_can_be_filled_in_by_patients_for_every_domain() -> None:
    """Not the overall impressions, which are a clinician's; and specific fears among them."""
    by_patients = {
        one.domain for one in KNOWN.instruments.values() if one.items and one.respondent is Respondent.PATIENT
    }
    assert by_patients == set(Domain)


def test_no_band_is_from_memory_and_no_figure_claims_something_without_a_source_or_a_decision() -> None:
    for one in KNOWN.instruments.values():
        for bands in (one.bands, *(part.bands for part in one.subscales)):
            assert bands is None or bands.verification is not Verification.MEMORY, one.id
    for criterion in KNOWN.criteria.values():
        if criterion.kind in {CriterionKind.REMISSION, CriterionKind.RELIABLE_CHANGE}:
            assert criterion.effect is Effect.PERMISSIVE or criterion.verification is Verification.SOURCE


def test_reliable_change_is_less_than_the_whole_scale() -> None:
    for criterion in KNOWN.criteria.values():
        reach = KNOWN.instruments[criterion.instrument].range
        if criterion.kind is CriterionKind.RELIABLE_CHANGE:
            assert 0 < reliable_change_points(criterion) < reach.highest - reach.lowest
        elif criterion.kind is not CriterionKind.RESPONSE:
            assert criterion.value in reach
