"""Medical clearance holds the dose: what ran out is named with its page; a waiver with a reason frees it."""

from datetime import timedelta
from typing import Any

import pytest
from tests.factories.dosing import a_sitting
from tests.factories.tasks import SYSTEM

from openkap.apps.assessment.operations import waive_item
from openkap.apps.assessment.queries import current_episode, lacking_for_dose
from openkap.apps.dosing import clearing, ordering
from openkap.apps.dosing.snapshots import snapshot_of
from openkap.apps.sites.operations import change_site

pytestmark = pytest.mark.django_db
TOXICOLOGY = "clearance:clearance-toxicology"
LATER = timedelta(days=31)


def test_an_expired_examination_holds_the_dose_until_it_is_done_or_waived() -> None:
    sitting = a_sitting().until_ready()
    assert sitting.state(-5).to_start.ready
    assert lacking_for_dose(sitting.cared.patient, "ketamine", "iv", sitting.zero) == []
    sitting.zero += LATER  # the examinations of the first day have run out, some of them
    shown = snapshot_of(sitting.session, sitting.at(-4))
    assert TOXICOLOGY in shown.state.to_start.lacking
    assert "clearance:clearance-ecg" not in shown.state.to_start.lacking
    item = next(item for item in shown.json["to_start"]["items"] if item["id"] == TOXICOLOGY)
    assert item["place"] == f"/patients/{sitting.cared.patient.public_id}/assessment/clearance/"
    assert (item["words"].split(":")[0], item["value"], item["action"]) == ("Medical clearance", "Expired", "")
    outcome = sitting.add(0, "dose-started", amount_mg="35.0")
    assert outcome.reason == "not-ready"
    assert outcome.words().count("Medical clearance") == 1
    episode, now = current_episode(sitting.cared.patient), sitting.at(0)
    assert episode is not None
    reason = "Seen this morning; the paper follows by post."
    for item_id in [name.removeprefix("clearance:") for name in shown.state.to_start.lacking]:
        waive_item(by=sitting.cared.prescriber, now=now, episode=episode, item_id=item_id, reason=reason)
    assert sitting.state(1).to_start.ready
    assert sitting.add(2, "dose-started", amount_mg="35.0").reason == ""
    assert "clearance" not in str(sitting.refused)


def test_screens_ask_every_second_and_it_is_judged_when_something_was_written(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    sitting, judged = a_sitting().until_ready(), []

    def counted(*args: Any) -> Any:
        judged.append(args)
        return lacking_for_dose(*args)

    monkeypatch.setattr(clearing, "lacking_for_dose", counted)
    assert all(snapshot_of(sitting.session, sitting.at(-5 + n / 30)).state.to_start.ready for n in range(8))
    assert len(judged) == 1
    snapshot_of(sitting.session, sitting.at(-4.2))  # a bound, whatever else
    assert len(judged) == 2
    episode = current_episode(sitting.cared.patient)
    assert episode is not None
    waive_item(by=sitting.cared.prescriber, now=sitting.at(-4.1), episode=episode, item_id="clearance-ecg",
               reason="Seen this morning; the paper follows by post.")  # fmt: skip
    snapshot_of(sitting.session, sitting.at(-4))
    assert len(judged) == 3
    site = sitting.session.site
    change_site(by=SYSTEM, now=sitting.at(-4), site=site, name=site.name, time_zone=site.time_zone,
                jurisdiction="US-WA")  # fmt: skip
    snapshot_of(sitting.session, sitting.at(-3.9))
    assert len(judged) == 4
    sitting.zero += timedelta(days=1)
    snapshot_of(sitting.session, sitting.at(-4))
    assert len(judged) == 5


def test_a_dose_is_never_started_on_what_a_screen_remembers(monkeypatch: pytest.MonkeyPatch) -> None:
    sitting = a_sitting().until_ready()
    sitting.zero += LATER
    monkeypatch.setattr(ordering, "uncleared_to_show", lambda *_: ())
    assert "clearance" in str(sitting.add(0, "dose-started", amount_mg="35.0").about)
    assert snapshot_of(sitting.session, sitting.at(0)).state.dose is None
