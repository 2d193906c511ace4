"""What nobody has looked at yet, and who looked at the rest."""

from collections.abc import Iterable
from typing import TypeVar
from uuid import UUID

from django.db.models import Exists, Model, OuterRef, QuerySet

from openkap.apps.inbox.items import InboxKind
from openkap.apps.inbox.models import Beginning, Seen

Row = TypeVar("Row", bound=Model)


def unseen(rows: "QuerySet[Row]", *kinds: InboxKind, came: str) -> "QuerySet[Row]":
    """Those of `rows`, which have a `public_id`, that nobody has marked as looked at under any of `kinds`.

    `came`: the field that says when it came in. What came before it was noted who looked is left out.
    """
    marked = Seen.objects.filter(about_id=OuterRef("public_id"), kind__in=[kind.value for kind in kinds])
    before = Beginning.objects.filter(at__gt=OuterRef(came))
    return rows.filter(~Exists(marked), ~Exists(before))


def seen_among(kind: InboxKind, abouts: Iterable[UUID]) -> dict[UUID, Seen]:
    """Who looked at these and when, by what they looked at."""
    found = Seen.objects.filter(kind=kind.value, about_id__in=list(abouts)).select_related("seen_by")
    return {seen.about_id: seen for seen in found}
