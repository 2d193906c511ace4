"""Prepared queries find what Django's own would, however often and with whatever values they are asked."""

import threading
from datetime import UTC, datetime
from typing import Any

import pytest
from django.db import connections, transaction
from django.db.models import QuerySet
from tests.factories.measures import an_ask, begun
from tests.factories.portal import let_in
from tests.factories.sites import a_site
from tests.factories.tasks import a_patient

from openkap.adapters.postgres.prepared import Given, Prepared
from openkap.apps.access.models import User
from openkap.apps.measures.models import Filling
from openkap.apps.people.models import Patient
from openkap.apps.sites.models import Site

pytestmark = pytest.mark.django_db
NOW = datetime(2026, 5, 4, 12, tzinfo=UTC)


def of_site(site: Any) -> QuerySet[Patient]:
    found = Patient.objects.filter(site=site, is_deceased=False).select_related("site", "user")
    return found.order_by("-id")


@pytest.fixture
def asked() -> Prepared[Patient]:
    return Prepared(lambda: of_site(Given("site")))


def test_the_same_rows_as_django(asked: Prepared[Patient]) -> None:
    site, other = a_site(), a_site()
    patients = [a_patient(site) for _ in range(3)]
    let_in(patients[0])
    a_patient(other)
    for where in (site, other, site):
        found, expected = asked.all(site=where.pk), list(of_site(where))
        assert found == expected
        assert [vars(row) | {"_state": None} for row in found] == [
            vars(row) | {"_state": None} for row in expected
        ]
    assert asked.first(site=site.pk) == patients[-1]
    assert asked.first(site=0) is None


def test_one_statement_with_what_belongs_to_it(
    asked: Prepared[Patient], django_assert_num_queries: object
) -> None:
    site = a_site()
    user = let_in(a_patient(site))
    with django_assert_num_queries(1):  # type: ignore[operator]
        found = asked.first(site=site.pk)
        assert found is not None
        assert (found.site, found.user) == (site, user)


def test_a_row_is_one_of_djangos(asked: Prepared[Patient]) -> None:
    site = a_site()
    a_patient(site)
    found = asked.first(site=site.pk)
    assert found is not None
    found.given_name = "Ada"
    found.save(update_fields=["given_name"])
    assert not found._state.adding
    assert Patient.objects.get(pk=found.pk).given_name == "Ada"


def test_values_are_values_and_no_sql() -> None:
    named = Prepared(lambda: Site.objects.filter(name=Given("name")))
    site = a_site()
    assert named.first(name=site.name) == site
    assert named.all(name="' OR true --") == []


def test_what_is_kept_as_json_is_read_as_django_reads_it() -> None:
    patient = a_patient(a_site())
    let_in(patient)
    an_ask(patient, "gad-7", NOW)
    filling = begun(patient, "gad-7", NOW)
    Filling.objects.filter(pk=filling.pk).update(answers={"1": 2, "2": "refused"})
    locked = Prepared(lambda: Filling.objects.select_for_update().filter(pk=Given("pk")))
    with transaction.atomic():
        found = locked.first(pk=filling.pk)
    assert found is not None
    assert found.answers == {"1": 2, "2": "refused"}
    assert found == filling


def test_a_value_that_is_missing_is_an_error(asked: Prepared[Patient]) -> None:
    with pytest.raises(KeyError):
        asked.all(sight=1)


def test_each_thread_asks_through_its_own_connection(asked: Prepared[Patient]) -> None:
    site = a_site()
    patient, elsewhere = a_patient(site), list[Patient | None]()

    def ask() -> None:
        elsewhere.append(asked.first(site=site.pk))
        connections.close_all()

    for _ in range(2):  # the first works out the SQL, on a connection that is gone for the second
        thread = threading.Thread(target=ask)
        thread.start()
        thread.join()
    assert elsewhere == [None, None]  # theirs do not see what is not committed yet
    assert asked.first(site=site.pk) == patient


def test_a_person_is_found_by_key_as_by_anything_else() -> None:
    patient = a_patient(a_site())
    user = let_in(patient)
    found = User.objects.get(pk=user.pk)
    assert vars(found) | {"_state": None} == vars(User.objects.get(email=user.email)) | {"_state": None}
    with pytest.raises(User.DoesNotExist):
        User.objects.get(pk=0)
    with pytest.raises(User.DoesNotExist):
        User.objects.get(pk=user.pk, is_active=False)
