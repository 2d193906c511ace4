"""A site's own words in its consent texts."""

from collections.abc import Mapping
from datetime import datetime
from typing import TYPE_CHECKING

from django.db import transaction
from django.utils.translation import gettext as _

from openkap.apps.access.models import User
from openkap.apps.audit import operations as audit
from openkap.apps.audit.operations import Subject
from openkap.apps.consent import queries
from openkap.apps.consent.models import SiteWords
from openkap.apps.consent.permissions import check_may_write_words
from openkap.errors import BadInput
from openkap.knowledge.schema.consent_template import Blank
from openkap.knowledge.schema.record import Text

if TYPE_CHECKING:
    from openkap.apps.sites.models import Site

LONGEST = 600
LANGUAGES = tuple(Text.model_fields)


@transaction.atomic
def write_words(
    *, by: User, now: datetime, site: "Site", words: Mapping[str, Mapping[str, str]], asks_again: bool = False
) -> SiteWords:
    """Say what stands in the blanks of the site's texts, by blank and language; others stay as they are.

    With `asks_again`, everybody who signed earlier words has to sign anew. Raises `Refused`, `BadInput`.
    """
    check_may_write_words(by, site)
    former = queries.words_of(site, now)
    merged = {blank: dict(said) for blank, said in (former.words if former else {}).items()}
    for blank, said in words.items():
        _check(blank, said)
        merged[blank] = {language: text.strip() for language, text in said.items()}
    written = SiteWords.objects.create(
        site=site,
        version=(former.version if former else 0) + 1,
        words=merged,
        asks_again=asks_again,
        written_at=now,
        written_by=by,
    )
    audit.record(
        by=by,
        now=now,
        action="consent.site-words",
        subject=Subject("site", site.public_id, site_id=site.pk),
        details={"version": written.version, "asks_again": asks_again},
    )
    return written


def _check(blank: str, said: Mapping[str, str]) -> None:
    if blank not in set(Blank) or not set(said) <= set(LANGUAGES):
        raise BadInput(_("There is no such blank in the consent texts."), field=blank)
    if any(len(text.strip()) > LONGEST for text in said.values()):
        raise BadInput(_("At most %(n)d characters.") % {"n": LONGEST}, field=blank)
    if any("{" in text or "}" in text for text in said.values()):
        raise BadInput(_("Curly brackets cannot be used here."), field=blank)
