"""Routes of the app; each view names its policy."""

from django.urls import URLPattern, URLResolver, path

from openkap.apps.consent.views import reading, site, step

app_name = "consent"
STEP = "patients/<uuid:patient_id>/assessment/consent/"
ONE = f"{STEP}<uuid:consent_id>/"
TABLET = "consents/<uuid:consent_id>/"
OWN = "portal/consent/<uuid:consent_id>/"
urlpatterns: list[URLPattern | URLResolver] = [
    path(STEP, step.step, name="step"),
    path(f"{STEP}offer/", step.offer, name="offer"),
    path(f"{STEP}blank.pdf", step.blank, name="blank"),
    path(ONE, step.record, name="record"),
    path(f"{ONE}answers/<uuid:question_id>/", step.answer, name="answer"),
    path(f"{ONE}countersign/", step.countersign, name="countersign"),
    path(f"{ONE}cancel/", step.cancel, name="cancel"),
    path(f"{ONE}withdraw/", step.withdraw, name="withdraw"),
    path(f"{ONE}consent.pdf", step.pdf, name="pdf"),
    path(f"{TABLET}read/", reading.read, name="read"),
    path(f"{TABLET}read/<slug:section_id>/", reading.section, name="section"),
    path(f"{TABLET}read/<slug:section_id>/ask/", reading.ask, name="ask"),
    path(f"{TABLET}understood/", reading.understood, name="understood"),
    path(f"{TABLET}sign/", reading.sign, name="sign"),
    path("portal/consent/", reading.own, name="own"),
    path(f"{OWN}read/", reading.own_read, name="own-read"),
    path(f"{OWN}read/<slug:section_id>/", reading.own_section, name="own-section"),
    path(f"{OWN}read/<slug:section_id>/ask/", reading.own_ask, name="own-ask"),
    path(f"{OWN}understood/", reading.own_understood, name="own-understood"),
    path(f"{OWN}sign/", reading.own_sign, name="own-sign"),
    path(f"{OWN}withdraw/", reading.own_withdraw, name="own-withdraw"),
    path(f"{OWN}consent.pdf", reading.own_pdf, name="own-pdf"),
    path("settings/consent/", site.all_sites, name="sites"),
    path("settings/consent/<uuid:site_id>/", site.site, name="site"),
]
