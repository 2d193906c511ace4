"""A day's benzodiazepines as a clinician judges them: a number the rules look at, and one that names itself."""

from decimal import Decimal

import pytest
from tests.factories.planning import ready_for_plan
from tests.factories.sites import THEN

from openkap.apps.assessment.queries import assessment_of
from openkap.apps.chart.operations import record_answer, record_observation
from openkap.apps.chart.queries import observations_of
from openkap.apps.chart.words import value_lines
from openkap.errors import BadInput
from openkap.units import Quantity

pytestmark = pytest.mark.django_db


@pytest.mark.parametrize(("milligrams", "warns"), [("8", False), ("8.5", True)])
def test_the_number_settles_what_the_question_asked_and_is_named_in_the_chart(
    milligrams: str, warns: bool
) -> None:
    cared = ready_for_plan()
    common = {"by": cared.prescriber, "now": THEN, "patient": cared.patient}
    record_answer(concept="benzodiazepine", reply="present", **common)  # type: ignore[arg-type]

    def said() -> dict[str, str]:
        judged = assessment_of(cared.patient, THEN)
        assert judged is not None
        return {one.rule_id: one.action.value for one in judged.open_findings}

    assert said()["benzodiazepine-over-8-mg"] == "needs"
    value = Quantity.of(milligrams, "mg/d")
    record_observation(entry="diazepam-equivalent-per-day", value=value, **common)  # type: ignore[arg-type]
    assert said().get("benzodiazepine-over-8-mg") == ("warn" if warns else None)
    line = value_lines(observations_of(cared.patient))[0]
    assert (line.text, line.row.recorded_by) == ("Benzodiazepines a day, as diazepam", cared.prescriber)
    assert line.row.value == Decimal(milligrams)
    with pytest.raises(BadInput, match="Check what was typed"):
        record_observation(
            entry="lorazepam-equivalent-per-day",
            value=Quantity.of("4000", "mg/d"),
            **common,  # type: ignore[arg-type]
        )
