"""The console's words, in the language of the request: its script has none of its own."""

from django.utils.translation import gettext as _


def console_words() -> dict[str, str]:
    """By the keys the script asks for."""
    return _axis() | _dock() | _acts() | _forms() | _status()


def _axis() -> dict[str, str]:
    return {
        "bp": _("BP"),
        "heart-rate": _("HR"),
        "spo2": _("SpO₂"),
        "forecast": _("Predicted"),
        "dose": _("Dose"),
        "moaas": _("MOAA/S"),
        "dissociation": _("Dissociation"),
        "notes": _("Notes"),
        "minute": _("Minute"),
        "time": _("Time"),
        "last-saved": _("Last saved"),
        "due": _("due"),
        "now": _("now"),
        "given": _("given"),
        "of": _("of"),
        "unsent": _("unsent"),
        "min-ago": _("min ago"),
        "beyond": _("beyond limit"),
        "predicted-now": _("predicted now"),
        "in-all": _("in all"),
        "last": _("Last"),
        "limit": _("limit"),
        "predicted": _("predicted"),
        "dose-not-started": _("not started"),
        "forecast-waiting": _("The prediction is being computed."),
        "axis": _(
            "Time axis: measured blood pressure, heart rate and oxygen saturation; predicted level; dose; "
            "sedation; dissociation; notes. The same figures are in the table."
        ),
    }


def _dock() -> dict[str, str]:
    return {
        "readings": _("Readings"),
        "monitor-first": _("the bedside monitor's alarms come first"),
        "sys": _("Sys"),
        "dia": _("Dia"),
        "systolic": _("Systolic"),
        "diastolic": _("Diastolic"),
        "respiration": _("Breaths"),
        "nausea": _("Nausea"),
        "pain": _("Pain"),
        "anxiety": _("Anxiety"),
        "not-asked": _("Not asked"),
        "room-air": _("Room air"),
        "oxygen": _("With oxygen"),
        "alert-5": _("5 is alert"),
        "none-most": _("0 none, 10 most"),
        "also": _("Also"),
        "kept-with-minute": _("kept with the minute"),
        "save": _("Save"),
        "for-person": _("for %(name)s, chair %(chair)s"),
        "nothing-chosen": _("Choose values first"),
        "cannot-be-right": _("cannot be right"),
        "take-back": _("Take back"),
        "score": _("%(what)s, 0 none, 10 most"),
    }


def _acts() -> dict[str, str]:
    return {
        "arrived": _("Patient is here"),
        "identity": _("Check identity"),
        "weight": _("Weight today"),
        "escort-named": _("Name the escort"),
        "start": _("Start dose"),
        "pause": _("Pause dose"),
        "resume": _("Resume dose"),
        "stop": _("Stop dose"),
        "rate": _("Change rate"),
        "dose-ended": _("Dose ended"),
        "recovery": _("Recovery began"),
        "discharge": _("Decide on discharge"),
        "end": _("End session"),
        "sign": _("Sign"),
        "note": _("Note"),
        "addendum": _("Addendum"),
        "drug": _("Drug given"),
        "event": _("Event"),
        "decide": _("Let it go ahead"),
        "record": _("Record"),
        "record-recheck": _("Record recheck"),
        "step-done": _("Step is done"),
        "report": _("Record of the session"),
        "more": _("More"),
        "check": _("Check"),
    }


def _forms() -> dict[str, str]:
    return {
        "cancel": _("Cancel"),
        "chair": _("Chair"),
        "reason": _("Reason"),
        "yes": _("Yes"),
        "check-text": _("Ask and look. What you leave open is not recorded."),
        "no": _("No"),
        "is-it-so": _("Is it so?"),
        "arrived-text": _("The patient has come in."),
        "identity-text": _("Ask the patient; do not read it out. Choose at least two."),
        "identity-by": _("Agreed by"),
        "id-name": _("Name"),
        "id-birth-date": _("Birth date"),
        "id-record-number": _("Record number"),
        "id-photo": _("Photo"),
        "weight-text": _("Weigh the patient now. The dose is computed from this."),
        "weight-kg": _("Kilograms"),
        "escort-name": _("Who takes the patient home"),
        "escort-phone": _("Phone"),
        "start-text": _("Read the amount off the pump or syringe. Start only if it is the same."),
        "start-save": _("It is the same: start"),
        "resume-text": _("The dose goes on at the rate it had."),
        "stop-text": _("The dose ends here and cannot be resumed."),
        "dose-ended-text": _("All of it has been given."),
        "pump-read": _("Given, as the pump reads (mg)"),
        "pump-hint": _("Leave empty to keep the computed amount."),
        "rate-mg-min": _("New rate (mg/min)"),
        "recovery-text": _("The peak is over."),
        "discharge-text": _("What becomes of the patient?"),
        "discharge-not-ready": _("Not everything is met. Release needs a prescriber's reason."),
        "outcome": _("Outcome"),
        "outcome-released": _("Released with the escort"),
        "outcome-transferred": _("Transferred"),
        "outcome-left-against-advice": _("Left against advice"),
        "override-reason": _("Reason for release although not ready (prescriber)"),
        "end-text": _("The chair becomes free. Notes, corrections and the signature can still be added."),
        "sign-text": _("You sign the record as it stands. After that only addenda can be added."),
        "note-text": _("Text"),
        "drug-name": _("Drug"),
        "drug-amount": _("Amount with unit"),
        "drug-route": _("Route"),
        "event-what": _("What was reported or seen"),
        "event-other": _("Something else"),
        "event-severity": _("Severity"),
        "severity-mild": _("Mild"),
        "severity-moderate": _("Moderate"),
        "severity-severe": _("Severe"),
    }


def _status() -> dict[str, str]:
    return {
        "next": _("Next"),
        "table": _("Table"),
        "axis-button": _("Axis"),
        "ready-start": _("Ready to start?"),
        "ready-leave": _("Ready to leave?"),
        "computed": _("Computed from records. Predicted levels never count."),
        "owner": _("Owner"),
        "if-missed": _("If missed"),
        "at": _("at"),
        "in": _("in"),
        "overdue-by": _("overdue by"),
        "to-go": _("to go"),
        "not-signed-off": _("limit not signed off at this site"),
        "not-sent": _("Not sent"),
        "kept-here": _("kept here, trying again in %(seconds)s s"),
        "kept-locked": _("kept here: entry is locked"),
        "kept-sending": _("kept here, sending"),
        "unlock": _("Unlock"),
        "refused": _("was not accepted"),
        "dismiss": _("Remove"),
        "rejected": _("Not applied"),
        "stale": _("This screen may be old: nothing heard for %(seconds)s s. Trust the bedside monitor."),
        "over": _("You are signed out: this screen shows nothing new."),
        "over-refused": _(
            "Your role or your place on the care team was taken away: this screen shows nothing new. "
            "The coordinator can give it back."
        ),
        "sign-in": _("Sign in"),
        "others-unsent": _(
            "Another person left entries unsent on this device. They go out when that person opens it."
        ),
        "no-store": _("This browser keeps nothing: entries not sent are lost when the page is closed."),
        "new-alert": _("New step: "),
        "saved": _("Saved"),
        "corrected": _("corrected"),
        "minute-words": _("minute"),
        "col-minute": _("Minute"),
        "col-time": _("Time"),
        "col-what": _("What"),
        "col-who": _("Who"),
        "predicted-table": _("Predicted level, not measured"),
        "col-typical": _("Typical"),
        "col-band": _("5 to 95 of 100 people"),
        "no-lines": _("Nothing recorded yet. Begin with the arrival."),
        "no-alerts": _("No limit crossed"),
        "signed-out": _("signed out"),
    }
