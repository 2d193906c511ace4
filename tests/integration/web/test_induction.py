"""Which doses frame the course, found from the plan and what was really given."""

from datetime import timedelta

import pytest
from tests.factories.dosing import a_sitting
from tests.factories.measures import a_course
from tests.factories.tasks import cared_for

from openkap.apps.measures.queries import courses_of
from openkap.web.induction import induction_of

pytestmark = pytest.mark.django_db


def test_before_any_dose_there_is_no_induction() -> None:
    cared = cared_for()
    assert induction_of(cared.patient) is None
    sitting = a_sitting(cared)
    assert induction_of(cared.patient) is None
    sitting.until_ready()
    assert induction_of(cared.patient) is None


def test_the_first_dose_begins_it_and_fixes_the_baseline() -> None:
    cared = cared_for()
    sitting = a_sitting(cared).until_signed()
    found = induction_of(cared.patient)
    assert found is not None
    assert (found.first_dose_at, found.last_dose_at) == (sitting.at(0), sitting.at(0))
    days = [(sitting.at(0) + timedelta(days=day), total) for day, total in ((-3, 18), (-1, 15), (16, 6))]
    a_course(cared.patient, days)
    course = courses_of(cared.patient, sitting.at(0) + timedelta(days=20))[0]
    assert course.baseline is not None
    assert course.baseline.total == 15
    last = course.latest
    assert last.is_response_endpoint
    assert last.change is not None
    assert (last.change.points, last.change.response.met) == (-9, True)
