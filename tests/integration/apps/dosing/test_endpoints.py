"""What the console's script and its readers call: entries, state, forecast, pages; bad input and strangers."""

import json
from datetime import timedelta
from typing import Any

import pytest
from django.test import Client
from django.utils import timezone
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from tests.factories.access import a_client
from tests.factories.dosing import Sitting, a_dosing_visit, a_sitting
from tests.factories.tasks import cared_for
from tests.sharing import shared

from openkap.apps.access.models import SignIn, User
from openkap.apps.audit.models import Row
from openkap.apps.dosing.models import Event, Session
from openkap.apps.sites.rows import new_id

pytestmark = pytest.mark.django_db


def url(sitting: Sitting, name: str = "") -> str:
    return f"/dosing/{sitting.session.public_id}/{name}"


def just_now(**more: Any) -> Sitting:
    return a_sitting(zero=timezone.now() - timedelta(minutes=12), **more)


@shared
def sitting() -> Sitting:
    return just_now()


def entry(kind: str = "arrived", **more: Any) -> dict[str, Any]:
    sent = {
        "client_id": str(new_id()), "kind": kind, "occurred_at": timezone.now().isoformat(), "payload": {},
        "schema_version": 1,
    }  # fmt: skip
    return sent | more


def post(user: User, sitting: Sitting, body: Any) -> Any:
    text = body if isinstance(body, (str, bytes)) else json.dumps(body)
    return a_client(user).post(
        url(sitting, "events/"), text, content_type="application/json", headers={"Accept": "application/json"}
    )


# --- entries ----------------------------------------------------------------------------------------------


def test_entries_come_in_and_say_what_became_of_them(sitting: Sitting) -> None:
    good, bad = entry(), entry("dose-paused")
    answer = post(sitting.by, sitting, {"entries": [good, bad]})

    assert answer.status_code == 200
    assert answer.json()["results"] == [
        {"client_id": good["client_id"], "seq": 1, "status": "applied", "reason": ""},
        {"client_id": bad["client_id"], "seq": 2, "status": "rejected", "reason": "No dose is running."},
    ]


def test_the_same_request_again_gives_the_same_answer(sitting: Sitting) -> None:
    body = {"entries": [entry(), entry("note-written", payload={"text": "calm"})]}
    first, again = post(sitting.by, sitting, body), post(sitting.by, sitting, body)

    assert first.json() == again.json()
    assert Event.objects.count() == 2


@pytest.mark.parametrize(
    "body",
    [
        "", "{", "[]", "null", '{"entries": []}', '{"entries": 3}', '{"entries": [{}]}', b"\xff\xfe",
        {"entries": [entry("flew-away")]},
        {"entries": [entry(client_id="7")]},
        {"entries": [entry(occurred_at="yesterday")]},
        {"entries": [entry(occurred_at="2026-11-21T10:00:00")]},
        {"entries": [entry(payload=[1])]},
        {"entries": [entry(schema_version=99)]},
        {"entries": [entry(more=1)]},
        {"entries": [entry("note-written", payload={"text": "x" * 9000})]},
        {"entries": [entry("note-written", payload={"text": "a\x00b"})]},
        {"entries": [entry()] * 201},
        {"entries": [entry("note-written", payload={"text": "\ud800"})]},
        json.dumps({"entries": [entry(payload={"values": 7})]}).replace('"values": 7', '"values": 1e999'),
    ],
)  # fmt: skip
def test_what_is_no_entry_is_refused_whole(body: Any, sitting: Sitting) -> None:
    answer = post(sitting.by, sitting, body)

    assert answer.status_code == 422
    assert answer.json()["code"] == "bad-entry"
    assert Event.objects.count() == 0


def test_a_refusal_does_not_repeat_what_was_sent(sitting: Sitting) -> None:
    answer = post(sitting.by, sitting, {"entries": [entry("note-written", payload="weeps, secretly")]})

    assert b"secretly" not in answer.content


@settings(max_examples=40, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(
    payload=st.dictionaries(
        st.sampled_from(["values", "text", "kg", "by", "amount_mg", "event", "payload", "x"]),
        st.recursive(
            st.none() | st.booleans() | st.floats() | st.integers() | st.text(max_size=8),
            lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=8), inner, max_size=3),
            max_leaves=6,
        ),
        max_size=3,
    ),
    kind=st.sampled_from(
        ["vitals-recorded", "weight-measured", "corrected", "identity-checked", "note-written", "drug-given"]
    ),
)  # fmt: skip
def test_no_payload_whatever_breaks_the_server(sitting: Sitting, payload: dict[str, Any], kind: str) -> None:
    answer = post(sitting.by, sitting, {"entries": [entry(kind, payload=payload)]})

    assert answer.status_code in (200, 422)
    assert a_client(sitting.by).get(url(sitting, "state/")).status_code == 200


def test_an_id_used_twice_is_a_conflict(sitting: Sitting) -> None:
    first = entry("note-written", payload={"text": "one"})
    post(sitting.by, sitting, {"entries": [first]})
    answer = post(sitting.by, sitting, {"entries": [first | {"payload": {"text": "two"}}]})

    assert (answer.status_code, answer.json()["code"]) == (409, "entry-conflict")


def test_a_locked_entry_is_asked_for_its_person(sitting: Sitting) -> None:
    client = a_client(sitting.by)
    SignIn.objects.update(last_active_at=timezone.now() - timedelta(hours=1))
    answer = client.post(
        url(sitting, "events/"), json.dumps({"entries": [entry()]}), content_type="application/json",
        headers={"Accept": "application/json"},
    )  # fmt: skip

    assert answer.status_code == 423
    assert Event.objects.count() == 0
    assert client.get(url(sitting, "state/")).status_code == 200


# --- who --------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("name", ["", "state/", "forecast/", "report/", "stream/"])
def test_only_the_care_team_sees_a_session(name: str, sitting: Sitting) -> None:
    assert a_client(cared_for().monitor).get(url(sitting, name)).status_code == 404
    assert a_client(sitting.cared.coordinator).get(url(sitting, name)).status_code == 403
    assert Client().get(url(sitting, name)).status_code in (302, 401)


def test_who_may_see_may_not_therefore_write(sitting: Sitting) -> None:
    assert post(sitting.cared.therapist, sitting, {"entries": [entry()]}).status_code == 403
    assert post(cared_for().monitor, sitting, {"entries": [entry()]}).status_code == 404
    assert Event.objects.count() == 0


def test_looking_is_written_down_once_a_page(sitting: Sitting) -> None:
    client = a_client(sitting.cared.therapist)
    client.get(url(sitting))
    client.get(url(sitting, "report/"))
    client.get(f"/patients/{sitting.cared.patient.public_id}/sessions/")

    assert Row.objects.filter(action="dosing.read").count() == 3


# --- pages ------------------------------------------------------------------------------------------------


def test_the_console_has_all_its_script_needs(sitting: Sitting) -> None:
    sitting.until_dose()
    page = a_client(sitting.by).get(url(sitting))

    config = page.context["config"]
    assert config["patient"] == "Rowan " + sitting.cared.patient.family_name
    assert config["may_record"]
    assert not config["may_decide"]
    assert config["state"]["order"]["amount"] == "Ketamine 35 mg"
    assert config["state"]["next"][:2] == ["pause", "stop"]
    assert "Not for clinical use yet" in page.text
    assert [n["chair"] for n in config["neighbours"]] == [sitting.session.chair]


def test_the_console_speaks_the_readers_language(sitting: Sitting) -> None:
    sitting.until_dose()
    sitting.vitals(5, spo2=88)
    User.objects.filter(pk=sitting.by.pk).update(language="es")
    answer = a_client(User.objects.get(pk=sitting.by.pk)).get(url(sitting, "state/"))

    assert answer.json()["crossed"][0]["step"].startswith("Abra la vía aérea")


def test_the_forecast_is_for_this_weight_and_dose_and_has_an_interval(sitting: Sitting) -> None:
    client = a_client(sitting.by)
    before = client.get(url(sitting, "forecast/")).json()
    assert (before["available"], before["reason"]) == (False, "The prediction begins with the dose.")
    sitting.until_dose()
    found = client.get(url(sitting, "forecast/")).json()

    assert found["available"]
    assert found["about"].startswith("ketamine (both enantiomers) in venous plasma, predicted")
    assert found["unit"] == "ng/mL"
    at_40 = next(p for p in found["points"] if p[0] == round(sitting.at(40).timestamp() * 1000))
    assert at_40[2] < at_40[1] < at_40[3]
    assert max(p[1] for p in found["points"]) == at_40[1]


def test_a_dose_stopped_early_changes_the_forecast(sitting: Sitting) -> None:
    sitting.until_dose()
    client = a_client(sitting.by)
    key = client.get(url(sitting, "state/")).json()["forecast_key"]
    whole = client.get(url(sitting, "forecast/")).json()["points"]
    sitting.add(10, "dose-stopped")
    short = client.get(url(sitting, "forecast/")).json()["points"]

    assert client.get(url(sitting, "state/")).json()["forecast_key"] != key
    assert short[-1][1] < whole[-1][1] / 2


def test_the_bar_of_the_dose_ends_where_the_last_of_it_went_in_however_late_that_is_confirmed(
    sitting: Sitting,
) -> None:
    sitting.until_dose()
    sitting.add(47, "dose-ended")
    shown = a_client(sitting.by).get(url(sitting, "state/")).json()["dose"]
    assert (shown["ran_until"], shown["over_at"]) == (sitting.at(40).isoformat(), sitting.at(47).isoformat())


def test_the_order_says_the_pumps_rate_and_how_many_devices(sitting: Sitting) -> None:
    sitting.until_ready()
    client = a_client(sitting.by)
    assert client.get(url(sitting, "state/")).json()["order"]["pump"] == "Pump: 52.5 mg/h (0.875 mg/min)"
    spray = {
        "protocol_id": "esketamine-in-induction",
        "protocol_version": 1,
        "drug": "esketamine",
        "route": "in",
    }
    Session.objects.update(**spray, mg_per_kg=None, fixed_mg=56, duration_seconds=0)
    sitting.add(-5, "note-written", text="Nasal spray today.")
    order = client.get(url(sitting, "state/")).json()["order"]
    assert (order["pump"], order["detail"]) == ("", "2 devices of 28 mg, 5 min apart; fixed amount, free base")


def test_the_record_shows_everything_rejected_and_corrected_entries_too(sitting: Sitting) -> None:
    sitting.until_dose()
    sitting.add(1, "dose-resumed")
    wrong = sitting.vitals(2, systolic=228)
    sitting.add(3, "corrected", event=str(wrong.client_id), reason="typed 228 for 128")
    page = a_client(sitting.by).get(url(sitting, "report/")).text

    assert "The dose is not paused." in page
    assert "228/80" in page
    assert "typed 228 for 128" in page
    assert "not signed" in page


def test_text_of_people_is_text_on_the_page(sitting: Sitting) -> None:
    sitting.add(-5, "note-written", text="<script>alert(1)</script>")
    client = a_client(sitting.by)

    assert "<script>alert" not in client.get(url(sitting)).text
    assert "<script>alert" not in client.get(url(sitting, "report/")).text


def test_a_session_is_opened_from_the_list_of_the_patient() -> None:
    cared, visit = a_dosing_visit()
    client = a_client(cared.monitor)
    there = f"/patients/{cared.patient.public_id}/sessions/"
    assert "Open the console" in client.get(there).text
    answer = client.post(f"{there}open/{visit.public_id}/", {"chair": "3"})

    session = Session.objects.get(visit=visit)
    assert answer.url == f"/dosing/{session.public_id}/"
    assert session.chair == "3"
    again = client.post(f"{there}open/{visit.public_id}/", {"chair": "4"}, follow=True)
    assert "A session was opened for this visit already." in again.text
    assert Session.objects.filter(visit=visit).count() == 1


def test_who_may_not_record_is_not_offered_to_open() -> None:
    cared, visit = a_dosing_visit()
    there = f"/patients/{cared.patient.public_id}/sessions/"
    client = a_client(cared.therapist)

    assert "Open the console" not in client.get(there).text
    assert client.post(f"{there}open/{visit.public_id}/", {"chair": "3"}).status_code == 403
    assert not Session.objects.filter(visit=visit).exists()
