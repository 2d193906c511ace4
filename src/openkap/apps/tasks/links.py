"""Where the work of a task or the cause of an alert is looked at."""

from openkap.apps.tasks.models import Alert, Task

# what it is about -> address; anything else leads to the chart
PLACES = {
    "session": "/dosing/{about}/",
    "visit": "/patients/{patient}/plan/",
    "plan": "/patients/{patient}/plan/",
    "note": "/patients/{patient}/therapy/",
    "response": "/patients/{patient}/measures/",
    "risk": "/patients/{patient}/safety/",
    "measure": "/patients/{patient}/measures/enter/{code}/",
    "clearance": "/patients/{patient}/assessment/clearance/",
    "message": "/patients/{patient}/details/portal/",
    "intake": "/patients/{patient}/intake/{about}/",
    "finding": "/patients/{patient}/assessment/",
    "consent": "/patients/{patient}/assessment/consent/",
    "knowledge": "/knowledge/",
}


def page_of(owed: Task | Alert) -> str:
    """The address of the page to open, or '' where there is none."""
    chart = "/patients/{patient}/" if owed.patient else ""
    place = PLACES.get(owed.about_kind, chart)
    if "{patient}" in place and owed.patient is None:
        return ""
    patient = owed.patient.public_id if owed.patient else ""
    return place.format(about=owed.about_id, code=owed.about_code, patient=patient)
