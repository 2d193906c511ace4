"""What consent stores, one module per subject."""

from openkap.apps.consent.models.consents import (
    Acknowledgement,
    Consent,
    Question,
    Signature,
    TeachBack,
    Withdrawal,
)
from openkap.apps.consent.models.doses import DoseNoted
from openkap.apps.consent.models.words import SiteWords

__all__ = [
    "Acknowledgement",
    "Consent",
    "DoseNoted",
    "Question",
    "Signature",
    "SiteWords",
    "TeachBack",
    "Withdrawal",
]
