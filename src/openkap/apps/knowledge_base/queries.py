"""What is known at a site at a moment, and what was decided about it."""

from collections.abc import Hashable, Iterable, Iterator
from dataclasses import fields
from datetime import date, datetime
from typing import Any
from uuid import UUID
from zoneinfo import ZoneInfo

from django.db import connection
from django.db.models import Q, QuerySet
from django.utils.translation import gettext as _

from openkap import knowledge
from openkap.adapters.postgres.reading import once_a_page, within_page
from openkap.apps.knowledge_base.models import SignOff, WordingPack
from openkap.apps.sites.models import Site
from openkap.core.psychometrics import LANGUAGES, wording_digest
from openkap.errors import NotFound
from openkap.knowledge import KnowledgeSet
from openkap.knowledge.knowledge_set import WARN_UNTIL_ADOPTED
from openkap.knowledge.packs import read_pack
from openkap.knowledge.schema.instrument import Instrument
from openkap.knowledge.schema.record import Authority, Effect, Record
from openkap.knowledge.schema.rule import Rule

KINDS = tuple(
    part.name
    for part in fields(KnowledgeSet)
    if not part.name.startswith("_") and part.name not in {"at", "site"}
)

MOST_KEPT = 64
_PACKS = """
    (SELECT count(*) FROM knowledge_base_wordingpack WHERE site_id = %(site)s),
    (SELECT count(withdrawn_at) FROM knowledge_base_wordingpack WHERE site_id = %(site)s)
FROM knowledge_base_signoff WHERE (site_id = %(site)s OR site_id IS NULL)"""
_MARK = f"SELECT count(*), coalesce(max(id), 0), coalesce(sum(id), 0), {_PACKS} AND decided_at <= %(at)s"
_MADE = f"SELECT array_agg(decided_at), array_agg(id), {_PACKS}"
_kept: dict[Hashable, KnowledgeSet] = {}


@once_a_page
def knowledge_for(site: Site, at: datetime) -> KnowledgeSet:
    """The records in force at the site on its local date of `at`, after the decisions made until then.

    Asked many times a second while sessions run: decisions are only added, so their number, newest and sum of
    ids tell whether the set that was put together before still holds.
    """
    day = at.astimezone(ZoneInfo(site.time_zone)).date()
    key = (site.public_id, site.time_zone, day, *_mark(site, at))
    if (kept := _kept.get(key)) is None:
        made = _at_site(site).filter(decided_at__lte=at)
        kept = _keep(key, _put_together(site, day, made.order_by("decided_at", "id")))
    return kept


def _mark(site: Site, at: datetime) -> tuple[Hashable, ...]:
    """What tells the decisions and packs of two moments apart, in one statement: it is asked most of all.

    One page may ask for many moments, as each dose keeps to what was known when it was ordered.
    """
    if not within_page():
        return _row(_MARK, site=site.pk, at=at)
    moments, keys, *packs = _made(site)
    before = [key for moment, key in zip(moments or (), keys or (), strict=True) if moment <= at]
    return len(before), max(before, default=0), sum(before), *packs


@once_a_page
def _made(site: Site) -> tuple[Any, ...]:
    return _row(_MADE, site=site.pk)


def _row(sql: str, **values: int | datetime) -> tuple[Any, ...]:
    with connection.cursor() as cursor:
        cursor.execute(sql, values)
        return tuple(cursor.fetchone())


def _put_together(site: Site, day: date, made: QuerySet[SignOff]) -> KnowledgeSet:
    decisions = (
        knowledge.SignOff(row.record_id, row.version, row.adopted, min(_day(row, site), day)) for row in made
    )
    known = knowledge.load(day, decisions, str(site.public_id))
    return known.with_wordings(packs_in_force(site, day))


def _keep(key: Hashable, known: KnowledgeSet) -> KnowledgeSet:
    if len(_kept) >= MOST_KEPT:
        _kept.clear()
    _kept[key] = known
    return known


def packs_of(site: Site) -> QuerySet[WordingPack]:
    """Every pack the site ever had, the newest first."""
    return WordingPack.objects.filter(site=site).select_related("signed_by", "withdrawn_by").order_by("-id")


def packs_in_force(site: Site, day: date) -> Iterable[Instrument]:
    """The instruments whose words may be used at the site on that day."""
    valid = WordingPack.objects.filter(site=site, withdrawn_at__isnull=True)
    for pack in valid.filter(Q(expires_on__isnull=True) | Q(expires_on__gte=day)).order_by("id"):
        yield read_pack(pack.content.encode())


def instrument_with_words(site_id: int, instrument_id: str, digest: str) -> Instrument | None:
    """The pack in whose words a form was filled in, in force or not; none when the site never had it."""
    for pack in WordingPack.objects.filter(site_id=site_id, instrument_id=instrument_id).order_by("-id"):
        instrument = read_pack(pack.content.encode())
        if digest in {wording_digest(instrument, language) for language in LANGUAGES}:
            return instrument
    return None


def pack_of(site: Site, pack_id: UUID) -> WordingPack:
    """One pack of the site. Raises `NotFound`."""
    found = WordingPack.objects.filter(site=site, public_id=pack_id).first()
    if found is None:
        raise NotFound(_("There is no such pack here."))
    return found


def decisions_on(record_id: str, site: Site) -> QuerySet[SignOff]:
    """What was decided on a record for this site, every version, latest first."""
    return (
        _at_site(site)
        .filter(record_id=record_id)
        .select_related("decided_by", "site")
        .order_by("-decided_at", "-id")
    )


def records_of(known: KnowledgeSet) -> Iterator[tuple[str, Record]]:
    """Every record in force with its kind, by title within the kind."""
    for kind in KINDS:
        found = getattr(known, kind).values()
        yield from ((kind, record) for record in sorted(found, key=lambda record: record.title.en.casefold()))


def can_be_decided(record: Record) -> bool:
    """Whether a decision changes anything: not on what states facts, nor on what was read and acts already.

    Records that a site chooses among (`is_choice`) are decided too, and so is every rule that could block or
    hold but is no label's: it only warns until the site has adopted it.
    """
    if getattr(record, "is_choice", False):
        return True
    if isinstance(record, Rule) and record.effect is Effect.RESTRICTIVE:
        return record.needs_sign_off or record.authority is not Authority.LABEL
    return record.needs_sign_off or getattr(record, "authority", None) in WARN_UNTIL_ADOPTED


def waits_for_decision(known: KnowledgeSet, record: Record) -> bool:
    """Whether the director has yet to decide on the version in force."""
    return record.needs_sign_off and known.decision(record.id) is None


def _at_site(site: Site) -> QuerySet[SignOff]:
    return SignOff.objects.filter(Q(site=site) | Q(site__isnull=True))


def _day(row: SignOff, site: Site) -> date:
    return row.decided_at.astimezone(ZoneInfo(site.time_zone)).date()
