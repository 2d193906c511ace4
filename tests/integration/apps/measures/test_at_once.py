"""One patient, several taps at once: two telephones, a line that sends again, a thumb that is too quick."""

import json
from collections.abc import Callable, Sequence
from concurrent.futures import ThreadPoolExecutor
from threading import Barrier

import pytest
from django.db import connections
from django.test import Client
from django.urls import reverse
from django.utils import timezone
from tests.factories.access import a_client
from tests.factories.measures import an_ask
from tests.factories.portal import let_in
from tests.factories.tasks import cared_for

from openkap.apps.audit.models import Row
from openkap.apps.measures.models import Filling, Response

pytestmark = pytest.mark.django_db(transaction=True)
ITEMS = 7


def together(acts: Sequence[Callable[[], int]]) -> list[int]:
    """The status each got; all begin at the same moment."""
    barrier = Barrier(len(acts))

    def run(act: Callable[[], int]) -> int:
        try:
            barrier.wait(timeout=60)
            return act()
        finally:
            connections.close_all()

    with ThreadPoolExecutor(len(acts)) as pool:
        return list(pool.map(run, acts))


def test_nothing_that_was_kept_is_lost_and_it_is_handed_in_once() -> None:
    patient = cared_for().patient
    an_ask(patient, "gad-7", timezone.now())
    key = a_client(let_in(patient)).cookies["sessionid"].value

    def phone() -> Client:
        client = Client(raise_request_exception=False)
        client.cookies["sessionid"] = key
        return client

    def begin() -> int:
        return phone().post(reverse("measures:own-start", args=["gad-7"]), {"language": "en"}).status_code

    def tap(number: int, answer: int) -> int:
        body = json.dumps({"answer": [str(answer)]})
        where = reverse("measures:own-question", args=["gad-7", number])
        return phone().put(where, body, content_type="application/json").status_code

    def hand_in() -> int:
        return phone().post(reverse("measures:own-check", args=["gad-7"])).status_code

    assert together([begin] * 4) == [302] * 4
    assert Filling.objects.count() == 1
    taps = [lambda number=number: tap(number, number % 4) for number in range(1, ITEMS + 1)]
    assert together(taps) == [200] * ITEMS
    assert Filling.objects.get().answers == {str(number): number % 4 for number in range(1, ITEMS + 1)}
    statuses = together([hand_in] * 3 + [lambda: tap(1, 3)])
    assert set(statuses[:3]) <= {302, 404, 409}  # one hands it in; for the others there is nothing left to do
    assert 302 in statuses
    response = Response.objects.get()
    # A tap that came too late was refused; one that was kept is in the score.
    assert response.answers["1"] == (3 if statuses[3] == 200 else 1)
    assert response.total == sum(response.answers[str(number)] for number in range(1, ITEMS + 1))
    assert Row.objects.filter(action="measures.record", subject_id=response.public_id).count() == 1
