"""Text that only its key opens: `seals` closes and opens it, `keyring` knows where the keys are."""

from openkap.adapters.sealing.keyring import JOURNAL, PROCESS_NOTES, Place, keyring
from openkap.adapters.sealing.seals import Keyring, SealBroken, Sealed, seal, unseal

__all__ = ["JOURNAL", "PROCESS_NOTES", "Keyring", "Place", "SealBroken", "Sealed", "keyring", "seal", "unseal"]
