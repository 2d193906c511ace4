"""Roles and what each may do. Definitions are code: they are reviewed, and cannot drift in a database."""

from enum import StrEnum

from django.utils.translation import gettext_lazy as _


class Permission(StrEnum):
    """One thing a person may do. Views name it; `ROLES` grants it."""

    SIGNED_IN = "signed-in"  # every signed-in person
    PATIENT_LIST = "patient.list"
    PATIENT_REGISTER = "patient.register"
    CHART_READ = "chart.read"
    CHART_WRITE = "chart.write"
    ASSESS = "assess"  # set the indication, override findings
    MEASURE_ENTER = "measure.enter"
    RISK_ASSESS = "risk.assess"  # enter results on suicide risk, write the safety plan with the patient
    RISK_DECIDE = "risk.decide"  # the psychiatrist's decision at high risk
    ROTA_WRITE = "rota.write"  # who is on duty, and what happens when nobody is
    CONSENT_TAKE = "consent.take"  # offer consent texts, read them with the patient, witness
    PLAN_WRITE = "plan.write"
    SCHEDULE_READ = "schedule.read"
    SCHEDULE_WRITE = "schedule.write"  # move and cancel visits, say who came
    DOSING_READ = "dosing.read"
    DOSING_RECORD = "dosing.record"
    DOSING_ORDER = "dosing.order"
    THERAPY_READ = "therapy.read"
    THERAPY_WRITE = "therapy.write"
    TASK_READ = "task.read"
    TASK_WRITE = "task.write"
    INBOX_MARK = "inbox.mark"  # say that one has looked at what came in
    KNOWLEDGE_READ = "knowledge.read"
    KNOWLEDGE_SIGN = "knowledge.sign"
    PRICE_WRITE = "price.write"  # say what treatment costs at a site
    STAFF_MANAGE = "staff.manage"
    CARE_TEAM_MANAGE = "care-team.manage"
    AUDIT_READ = "audit.read"
    ACCESS_LOG_READ = "access-log.read"  # who saw or changed what of one patient
    PATIENT_INVITE = "patient.invite"  # open and close a patient's own way in
    PORTAL_MANAGE = "portal.manage"  # where patients find help, and how a site writes to them
    OWN_RECORD = "own-record"  # a patient's own portal


class Role(StrEnum):
    """What a person is at a site."""

    PRESCRIBER = "prescriber"
    MONITOR = "monitor"
    THERAPIST = "therapist"
    COORDINATOR = "coordinator"
    MEDICAL_DIRECTOR = "medical-director"
    PROGRAMME_DIRECTOR = "programme-director"
    RESEARCHER = "researcher"
    PRIVACY_OFFICER = "privacy-officer"
    ADMINISTRATOR = "administrator"
    PATIENT = "patient"


ROLE_NAMES = {
    Role.PRESCRIBER: _("Prescriber"),
    Role.MONITOR: _("Session monitor"),
    Role.THERAPIST: _("Therapist"),
    Role.COORDINATOR: _("Coordinator"),
    Role.MEDICAL_DIRECTOR: _("Medical director"),
    Role.PROGRAMME_DIRECTOR: _("Programme director"),
    Role.RESEARCHER: _("Researcher"),
    Role.PRIVACY_OFFICER: _("Privacy officer"),
    Role.ADMINISTRATOR: _("Administrator"),
    Role.PATIENT: _("Patient"),
}

P = Permission
_STAFF = frozenset({P.SIGNED_IN, P.KNOWLEDGE_READ, P.TASK_READ})
_CLINICAL = _STAFF | {
    P.PATIENT_LIST, P.CHART_READ, P.SCHEDULE_READ, P.SCHEDULE_WRITE, P.TASK_WRITE, P.DOSING_READ,
    P.THERAPY_READ, P.MEASURE_ENTER, P.ACCESS_LOG_READ, P.CONSENT_TAKE, P.RISK_ASSESS,
    P.INBOX_MARK,
}  # fmt: skip

ROLES: dict[Role, frozenset[Permission]] = {
    Role.PRESCRIBER: _CLINICAL
    | {
        P.CHART_WRITE, P.ASSESS, P.PLAN_WRITE, P.DOSING_RECORD, P.DOSING_ORDER, P.PATIENT_REGISTER,
        P.PATIENT_INVITE, P.RISK_DECIDE,
    },
    Role.MONITOR: _CLINICAL | {P.CHART_WRITE, P.DOSING_RECORD},
    Role.THERAPIST: _CLINICAL | {P.THERAPY_WRITE},
    Role.COORDINATOR: _STAFF
    | {
        P.PATIENT_LIST, P.PATIENT_REGISTER, P.CHART_READ, P.CHART_WRITE, P.SCHEDULE_READ, P.SCHEDULE_WRITE,
        P.TASK_WRITE, P.CARE_TEAM_MANAGE, P.MEASURE_ENTER, P.ACCESS_LOG_READ, P.PATIENT_INVITE, P.PORTAL_MANAGE,
        P.PRICE_WRITE, P.ROTA_WRITE,
    },
    Role.MEDICAL_DIRECTOR: _CLINICAL
    | {
        P.CHART_WRITE, P.ASSESS, P.PLAN_WRITE, P.DOSING_RECORD, P.DOSING_ORDER, P.KNOWLEDGE_SIGN,
        P.CARE_TEAM_MANAGE, P.PATIENT_REGISTER, P.PATIENT_INVITE, P.PORTAL_MANAGE, P.PRICE_WRITE,
        P.RISK_DECIDE, P.ROTA_WRITE,
    },
    Role.PROGRAMME_DIRECTOR: _STAFF | {P.SCHEDULE_READ, P.PRICE_WRITE},
    Role.RESEARCHER: frozenset({P.SIGNED_IN, P.KNOWLEDGE_READ}),
    Role.PRIVACY_OFFICER: _STAFF | {P.AUDIT_READ, P.ACCESS_LOG_READ},
    Role.ADMINISTRATOR: _STAFF | {P.STAFF_MANAGE},
    Role.PATIENT: frozenset({P.SIGNED_IN, P.OWN_RECORD, P.ACCESS_LOG_READ}),
}  # fmt: skip

# These reach every patient of their site, each with the permissions of the role; others reach those on whose
# care team they are.
SITE_WIDE = frozenset({Role.COORDINATOR, Role.MEDICAL_DIRECTOR, Role.PRIVACY_OFFICER})
# These can be on a patient's care team: each of them reads charts.
CARING = tuple(role for role in Role if P.CHART_READ in ROLES[role])
