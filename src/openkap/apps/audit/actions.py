"""What happened, in words, by action code: an app that writes a new action adds a line here."""

from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _

Words = str | Promise

_names: dict[str, Words] = {
    "access.sign-in": _("signed in"),
    "access.sign-out": _("signed out"),
    "access.sign-out-all": _("signed someone out everywhere"),
    "access.refuse-sign-in": _("an attempt to sign in was refused"),
    "access.unlock": _("showed again who they are, after idle time"),
    "access.add-user": _("added an account"),
    "access.close-account": _("closed an account"),
    "access.reopen-account": _("opened an account again"),
    "access.forget-factors": _("voided someone's password and second factors"),
    "access.set-up-link": _("made a set-up link"),
    "access.set-first-password": _("set a first password"),
    "access.change-password": _("changed their password"),
    "access.add-totp": _("set up an authenticator app"),
    "access.remove-totp": _("removed an authenticator app"),
    "access.add-passkey": _("added a passkey"),
    "access.remove-passkey": _("removed a passkey"),
    "access.make-recovery-codes": _("made recovery codes"),
    "access.security-event": _("changed how they sign in"),
    "access.choose-language": _("changed their language"),
    "access.grant-role": _("gave a role"),
    "access.end-role": _("ended a role"),
    "audit.read-log": _("looked at the access log"),
    "audit.search": _("searched the audit trail"),
    "sites.add": _("opened a site"),
    "sites.change": _("changed a site"),
    "knowledge_base.sign-off": _("decided on a knowledge record"),
    "people.register": _("registered the patient"),
    "people.read": _("looked at the patient's details"),
    "people.change": _("changed the patient's details"),
    "people.identify": _("added a number another system knows the patient by"),
    "people.stage": _("changed the patient's stage"),
    "people.add-to-team": _("added someone to the care team"),
    "people.end-in-team": _("ended someone's place in the care team"),
    "chart.import": _("imported the chart"),
    "chart.read": _("looked at the chart"),
    "chart.observe": _("recorded a measurement"),
    "chart.answer": _("answered a question of the chart"),
    "chart.withdraw": _("withdrew an entry"),
    "measures.read": _("looked at questionnaires"),
    "measures.record": _("entered a questionnaire"),
    "measures.correct": _("corrected a questionnaire"),
    "assessment.read": _("looked at the assessment"),
    "assessment.set-indication": _("set the indication"),
    "assessment.begin-episode": _("began a course of treatment"),
    "assessment.change-episode": _("changed a course of treatment"),
    "assessment.end-episode": _("ended a course of treatment"),
    "assessment.override": _("overrode a finding"),
    "assessment.sign": _("signed the assessment"),
    "planning.read": _("looked at the plan"),
    "planning.start": _("started a plan"),
    "planning.stop": _("stopped a plan"),
    "planning.move": _("moved a visit"),
    "planning.arrive": _("said that the patient came"),
    "planning.complete": _("completed a visit"),
    "dosing.read": _("looked at a dosing session"),
    "dosing.open": _("opened a dosing session"),
    "dosing.order": _("ordered a dose"),
    "dosing.record": _("recorded in a dosing session"),
    "dosing.sign": _("signed a dosing session"),
    "therapy.read": _("looked at therapy notes"),
    "therapy.sign": _("signed the note of an integration visit"),
    "therapy.add": _("added to a note of an integration visit"),
    "therapy.write-process-note": _("wrote a process note"),
    "therapy.open-process-note": _("opened a process note"),
    "tasks.open": _("opened a task"),
    "tasks.complete": _("completed a task"),
    "tasks.raise-alert": _("raised an alert"),
    "tasks.acknowledge": _("acknowledged an alert"),
    "tasks.escalate": _("passed an alert on"),
}


def in_words(action: str) -> Words:
    """What the action was, for people; an action without words of its own is shown as its code says it."""
    return _names.get(action) or action.replace(".", ": ").replace("-", " ").replace("_", " ")


def known_actions() -> list[tuple[str, Words]]:
    """Every named action with its words, by code: what an audit search offers."""
    return sorted(_names.items())
