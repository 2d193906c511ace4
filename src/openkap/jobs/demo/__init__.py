"""The demonstration clinic: made-up people, generated from a seed through the operations.

Every row is written by the operation that writes it in a real clinic, at the moment it would have happened, in
the order of time. So no state exists that a clinic could not be in, and today looks like a day at work.
"""

from openkap.jobs.demo.clinic import Clinic, build, exists, is_demonstration
from openkap.jobs.demo.sign_ins import SignIn

__all__ = ["Clinic", "SignIn", "build", "exists", "is_demonstration"]
