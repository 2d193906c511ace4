"""Saying where a site's patients find help, and who reads what they write."""

from collections.abc import Iterable, Mapping
from datetime import datetime
from typing import TYPE_CHECKING

from django.db import transaction
from django.utils.translation import gettext as _

from openkap.apps.access.models import User
from openkap.apps.audit import operations as audit
from openkap.apps.messages.permissions import check_may_change_site
from openkap.apps.portal.models import SiteHelp
from openkap.apps.portal.queries import HelpLine, Whose
from openkap.errors import BadInput

if TYPE_CHECKING:
    from openkap.apps.sites.models import Site

MOST_LINES = 6  # more than fit a telephone help nobody in need
LONGEST = {"label": 60, "number": 30, "hours": 80}
LONGEST_READS = 400


@transaction.atomic
def change_help(
    *,
    by: audit.Actor,
    now: datetime,
    site: "Site",
    emergency_number: str,
    lines: Iterable[HelpLine],
    reads: Mapping[str, str],
) -> SiteHelp:
    """Replace what the site's patients see under 'Help now'. `reads` is a text by language.

    Raises `Refused`; `BadInput` for a number without digits, a line without a name, a text that is too long.
    """
    check_may_change_site(by, site.pk)
    emergency = _number(emergency_number, "emergency_number") if emergency_number.strip() else ""
    kept = [_checked(line, index) for index, line in enumerate(lines, start=1)]
    if len(kept) > MOST_LINES:
        raise BadInput(
            _("At most %(n)d numbers: whoever needs help must not have to search.") % {"n": MOST_LINES}
        )
    _check_one_of_each(kept)
    texts = {language: " ".join(text.split()) for language, text in reads.items() if text.strip()}
    if any(len(text) > LONGEST_READS for text in texts.values()):
        raise BadInput(_("At most %(n)d characters fit here.") % {"n": LONGEST_READS}, field="reads")
    found, _new = SiteHelp.objects.update_or_create(
        site=site,
        defaults={
            "emergency_number": emergency,
            "lines": [vars(line) for line in kept],
            "reads": texts,
            "changed_at": now,
            "changed_by": by if isinstance(by, User) else None,
        },
    )
    subject = audit.Subject("site", site.public_id, None, site.pk)
    audit.record(by=by, now=now, action="portal.change-help", subject=subject, details={"lines": len(kept)})
    return found


def _check_one_of_each(lines: list[HelpLine]) -> None:
    """Consent texts name one crisis line and one number of the clinic."""
    named = [line.whose for line in lines if line.whose]
    for index, line in enumerate(lines, start=1):
        if named.count(line.whose) > 1:
            raise BadInput(_("Only one of the numbers can be this."), field=f"whose_{index}")


def _checked(line: HelpLine, index: int) -> HelpLine:
    label = " ".join(line.label.split())
    if not label:
        raise BadInput(_("Say who answers at this number."), field=f"label_{index}")
    if line.how not in {"call", "text"}:
        raise BadInput(_("A number is called or written to."), field=f"how_{index}")
    if line.whose not in set(Whose):
        raise BadInput(_("Choose what this number is."), field=f"whose_{index}")
    number = _number(line.number, f"number_{index}")
    clean = HelpLine(label, number, line.how, " ".join(line.hours.split()), line.whose)
    for name, longest in LONGEST.items():
        if len(getattr(clean, name)) > longest:
            raise BadInput(_("At most %(n)d characters fit here.") % {"n": longest}, field=f"{name}_{index}")
    return clean


def _number(text: str, field: str) -> str:
    number = " ".join(text.split())
    if not any(letter.isdigit() for letter in number) or not set(number) <= set("0123456789+-() ./#*"):
        raise BadInput(_("This is not a telephone number."), field=field)
    return number[:20] if field == "emergency_number" else number
