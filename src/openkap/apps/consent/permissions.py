"""Who may offer, sign and withdraw. 'In this state' is told apart from 'this user'."""

from typing import TYPE_CHECKING

from django.utils.translation import gettext as _

from openkap.apps.access import queries as access
from openkap.apps.access.models import User
from openkap.apps.access.roles import Permission
from openkap.apps.people.permissions import check_on_patient
from openkap.errors import Refused

if TYPE_CHECKING:
    from openkap.apps.consent.models import Consent
    from openkap.apps.people.models import Patient
    from openkap.apps.sites.models import Site


def is_patient(by: User, patient: "Patient") -> bool:
    """Whether `by` is the patient, in their own portal."""
    return patient.user_id is not None and patient.user_id == by.pk


def check_may_offer(by: User, patient: "Patient") -> None:
    """Whether `by` may offer consent texts to this patient and read them together."""
    check_on_patient(by, patient, Permission.CONSENT_TAKE)


def check_may_read(by: User, consent: "Consent") -> None:
    """Whether `by` may confirm what was read, ask and sign: the patient, or staff with the patient."""
    if not is_patient(by, consent.patient):
        check_may_offer(by, consent.patient)
        return
    check_on_patient(by, consent.patient, Permission.OWN_RECORD)
    if not consent.is_portal:
        raise Refused(_("This consent is read together at the clinic."))


def check_may_countersign(by: User, consent: "Consent") -> None:
    """Whether `by` may confirm that it was explained and understood."""
    check_on_patient(by, consent.patient, Permission.ASSESS)


def check_may_withdraw(by: User, consent: "Consent") -> None:
    """The patient may, and anyone who cares for them and was told."""
    permission = Permission.OWN_RECORD if is_patient(by, consent.patient) else Permission.CHART_READ
    check_on_patient(by, consent.patient, permission)


def check_may_write_words(by: User, site: "Site") -> None:
    """Whether `by` may say what stands in the site's consent texts."""
    if site.pk not in access.sites_where(by, Permission.KNOWLEDGE_SIGN):
        raise Refused(_("Only the medical director of the site writes its own words in consent texts."))
