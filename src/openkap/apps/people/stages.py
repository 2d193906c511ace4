"""The stages of the path through the programme, for the apps that move patients along it."""

from openkap.apps.people.models import Patient

Stage = Patient.Stage
