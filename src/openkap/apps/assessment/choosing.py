"""What a patient can choose among: the decision aid as it stands at their site, their wishes, the prices."""

from collections.abc import Iterator
from dataclasses import asdict, dataclass
from datetime import date, datetime
from typing import TYPE_CHECKING
from zoneinfo import ZoneInfo

from openkap.apps.assessment.models import Episode, OptionPrice, OptionsTalk, Preferences
from openkap.apps.knowledge_base.queries import knowledge_for
from openkap.core.assessment.options import Aid, Circumstances, aid_for
from openkap.knowledge import KnowledgeSet
from openkap.knowledge.schema.evidence import Setting
from openkap.knowledge.schema.record import Record

if TYPE_CHECKING:
    from django.db.models import QuerySet

    from openkap.apps.people.models import Patient
    from openkap.apps.sites.models import Site


@dataclass(frozen=True)
class AidShown:
    """The decision aid for one patient, with the records it was made of."""

    aid: Aid
    known: KnowledgeSet
    on: date

    def circumstances_as_json(self) -> dict[str, object]:
        """What the figures were chosen by."""
        return asdict(self.aid.circumstances)

    def records_as_json(self) -> list[dict[str, object]]:
        """Every record on the page with its version, as a talk keeps it."""
        return [
            {"record": record.id, "version": record.version}
            for record in sorted(self._records(), key=lambda record: record.id)
        ]

    def _records(self) -> list[Record]:
        found: dict[str, Record] = {record.id: record for record in self._all_shown()}
        return list(found.values())

    def _all_shown(self) -> Iterator[Record]:
        for one in self.aid.options:
            yield one.option
            yield from (part.figure for part in (one.response, one.remission, *one.others) if part)
        for comparison in self.aid.comparisons:
            yield from (arm.figure for arm in comparison.arms)
        for expected in self.aid.expectations:
            yield expected.expectation
            yield from (expected.figures or {}).values()


def aid_of(
    episode: Episode,
    now: datetime,
    setting: Setting = Setting.OUTPATIENT,
    failed_trials: int | None = None,
) -> AidShown:
    """The decision aid for the patient of an episode. `failed_trials` None: not known."""
    patient = episode.patient
    day = now.astimezone(ZoneInfo(patient.site.time_zone)).date()
    circumstances = Circumstances(
        indication=episode.indication,
        failed_trials=failed_trials,
        setting=setting,
        age=_age(patient.birth_date, day),
        drug=episode.drug,
    )
    known = knowledge_for(patient.site, now)
    return AidShown(aid_for(circumstances, known), known, day)


def _age(born: date, day: date) -> int:
    return day.year - born.year - ((day.month, day.day) < (born.month, born.day))


def latest_preferences(patient: "Patient") -> Preferences | None:
    """What the patient last said matters; None when nobody asked."""
    return Preferences.objects.filter(patient=patient).select_related("recorded_by").order_by("-id").first()


def talks_of(patient: "Patient") -> "QuerySet[OptionsTalk]":
    """Which options were talked over, the latest first."""
    return OptionsTalk.objects.filter(patient=patient).select_related("recorded_by", "episode").order_by("-id")


def prices_at(site: "Site") -> dict[str, OptionPrice]:
    """What options cost at a site, by option; one taken back is left out."""
    latest: dict[str, OptionPrice] = {}
    for row in OptionPrice.objects.filter(site=site).select_related("entered_by").order_by("id"):
        latest[row.option_id] = row
    return {option: row for option, row in latest.items() if row.amount is not None}
