"""Which doses frame a patient's course, told to measures, which lie below planning and dosing."""

from django.utils import timezone

from openkap.apps.dosing.queries import doses_of
from openkap.apps.measures.induction import Induction
from openkap.apps.people.models import Patient
from openkap.apps.planning.queries import plans_of, protocol_of


def induction_of(patient: Patient) -> Induction | None:
    """From the first to the last dose given in the first phase of the newest episode's first plan.

    Later plans of the episode are boosters and upkeep: they never reset the baseline. None before the first
    dose. While the induction runs, its last dose is the last so far.
    """
    plans = sorted(plans_of(patient), key=lambda plan: plan.created_at)
    if not plans:
        return None
    first = next(plan for plan in plans if plan.episode_id == plans[-1].episode_id)
    since = [dose for dose in doses_of(patient, timezone.now()) if dose.at >= first.created_at]
    doses = since[: protocol_of(first).phases[0].doses]
    if not doses:
        return None
    at = tuple(dose.at for dose in doses)
    return Induction(at[0], at[-1], at, first.episode.indication)
