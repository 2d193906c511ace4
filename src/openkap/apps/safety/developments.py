"""What is new about suicide risk: each time the level changed."""

from datetime import datetime
from typing import TYPE_CHECKING

from django.urls import reverse
from django.utils.translation import gettext as _

from openkap.apps.inbox.developments import Development, Topic
from openkap.apps.safety.queries import course_of
from openkap.apps.safety.words import LEVELS, TONES

if TYPE_CHECKING:
    from openkap.apps.people.models import Patient


def developments(patient: "Patient", since: datetime, until: datetime) -> list[Development]:
    """The changes of level, whether it rose or fell."""
    path = reverse("safety:page", args=[patient.public_id])
    return [
        Development(
            Topic.RISK,
            point.evidence.at,
            TONES[point.level],
            _("Level of suicide risk: %(level)s") % {"level": LEVELS[point.level]},
            _("it was: %(level)s") % {"level": LEVELS[point.before]},
            path,
        )
        for point in course_of(patient)
        if since < point.evidence.at <= until and point.level is not point.before
    ]
