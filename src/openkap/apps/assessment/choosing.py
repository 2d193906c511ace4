"""What a patient can choose among: the decision aid as it stands at their site, their wishes, the prices."""

from collections.abc import Iterator, Mapping
from dataclasses import asdict, dataclass
from datetime import date, datetime
from typing import TYPE_CHECKING
from zoneinfo import ZoneInfo

from openkap.apps.assessment.models import Episode, OptionPrice, OptionsTalk, Preferences
from openkap.apps.assessment.tried import history_of
from openkap.apps.knowledge_base.queries import knowledge_for
from openkap.core.assessment.history import judge_treatments
from openkap.core.assessment.options import Aid, Circumstances, aid_for
from openkap.knowledge import KnowledgeSet
from openkap.knowledge.schema.evidence import Setting
from openkap.knowledge.schema.options import Treatment
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


@dataclass(frozen=True)
class Tried:
    """How many medicines have failed: None is not known; `or_more`: the history is not complete."""

    failed: int | None = None
    or_more: bool = False


def tried_by(patient: "Patient", now: datetime) -> Tried:
    """How many medicines have failed for certain, by the site's own definition, as the history stands."""
    day = now.astimezone(ZoneInfo(patient.site.time_zone)).date()
    history = history_of(patient, day)
    if history.changed_on is None:
        return Tried()
    judged = judge_treatments(history, knowledge_for(patient.site, now))
    own = [verdict for verdict in judged.verdicts if verdict.definition.id in judged.own]
    if not own:
        return Tried()
    fewest = min(own, key=lambda verdict: len(verdict.failed))
    settled = history.illness.complete and len(fewest.failed) == len(fewest.possibly)
    return Tried(len(fewest.failed), or_more=not settled)


def aid_of(
    episode: Episode, now: datetime, setting: Setting = Setting.OUTPATIENT, tried: Tried | None = None
) -> AidShown:
    """The decision aid for the patient of an episode; `tried` is by default what the history says."""
    patient = episode.patient
    day = now.astimezone(ZoneInfo(patient.site.time_zone)).date()
    counted = tried or tried_by(patient, now)
    circumstances = Circumstances(
        indication=episode.indication,
        failed_trials=counted.failed,
        or_more=counted.or_more,
        setting=setting,
        age=_age(patient.birth_date, day),
        drug=episode.drug,
    )
    known = knowledge_for(patient.site, now)
    return AidShown(aid_for(circumstances, known), known, day)


def _age(born: date, day: date) -> int:
    return day.year - born.year - ((day.month, day.day) < (born.month, born.day))


def options_known(patient: "Patient", now: datetime) -> Mapping[str, Treatment]:
    """Every option the site knows, of either programme."""
    return knowledge_for(patient.site, now).options


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
