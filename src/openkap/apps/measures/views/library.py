"""The library of questionnaires at a site: the list, one of them in full, and its FHIR form."""

from django.http import HttpRequest, HttpResponse, JsonResponse
from django.shortcuts import render
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.http import require_safe

from openkap.apps.access import queries as access
from openkap.apps.access.policy import requires
from openkap.apps.access.roles import Permission
from openkap.apps.access.views.security import signed_in_user
from openkap.apps.knowledge_base.queries import knowledge_for
from openkap.apps.knowledge_base.words import VERIFICATION_NAMES
from openkap.apps.measures import library, queries
from openkap.apps.measures.forms import LibraryForm
from openkap.apps.measures.words import DOMAIN_WORDS, LANGUAGE_NAMES
from openkap.apps.sites.models import Site
from openkap.apps.sites.queries import sites_with_ids
from openkap.core.psychometrics import in_language, languages_of
from openkap.errors import NotFound
from openkap.fhir.questionnaires import questionnaire
from openkap.knowledge import KnowledgeSet, packs
from openkap.knowledge.schema.cadence import Line
from openkap.knowledge.schema.instrument import Instrument, Item


@requires(Permission.KNOWLEDGE_READ)
@require_safe
def shelf(request: HttpRequest) -> HttpResponse:
    """Every questionnaire, narrowed as asked."""
    site = _site(request)
    known, find = knowledge_for(site, timezone.now()), LibraryForm(request.GET)
    groups = library.shelf(known.instruments.values(), find.cleaned_data if find.is_valid() else {})
    context = {
        "site": site,
        "find": find,
        "groups": groups,
        "found": sum(len(shelved) for _domain, shelved in groups),
        "total": len(known.instruments),
    }
    return render(request, "measures/shelf.html", context)


@requires(Permission.KNOWLEDGE_READ)
@require_safe
def one(request: HttpRequest, instrument_id: str) -> HttpResponse:
    """One questionnaire: how it is scored, what its scores are called and mean, its licence and its words."""
    site = _site(request)
    known = knowledge_for(site, timezone.now())
    instrument = _instrument(known, instrument_id)
    there = library.there(instrument)
    language = request.GET.get("language", "")
    language = language if language in there else next(iter(there), "")
    context = {
        "site": site,
        "instrument": instrument,
        "shelved": library.shelved(instrument),
        "domain": DOMAIN_WORDS[instrument.domain],
        "respondent": library.respondent_in_words(instrument),
        "verification": VERIFICATION_NAMES[instrument.verification],
        "figures": library.figures_of(known, instrument),
        "may_sign": site.pk in access.sites_where(signed_in_user(request), Permission.KNOWLEDGE_SIGN),
        "asked_by": [
            (cadence.id, queries.words(cadence.title), _whys(lines))
            for cadence, lines in library.asked_by(known, instrument)
        ],
        "language": language,
        "languages": [(code, LANGUAGE_NAMES[code]) for code in there],
        **_scoring(instrument),
        **_wording(instrument, language),
    }
    return render(request, "measures/one.html", context)


@requires(Permission.KNOWLEDGE_READ)
@require_safe
def as_questionnaire(request: HttpRequest, instrument_id: str) -> HttpResponse:
    """The questionnaire as FHIR, in one language, to be taken to another system."""
    instrument = _instrument(knowledge_for(_site(request), timezone.now()), instrument_id)
    language = request.GET.get("language") or "en"
    if not instrument.items or language not in languages_of(instrument):
        raise NotFound(_("The words of this questionnaire are not here in that language."))
    return JsonResponse(
        questionnaire(instrument, language),
        json_dumps_params={"ensure_ascii": False, "indent": 2},
        content_type="application/fhir+json",
        headers={
            "Content-Disposition": f'attachment; filename="questionnaire-{instrument.id}-{language}.json"'
        },
    )


@requires(Permission.KNOWLEDGE_SIGN)
@require_safe
def starting_file(request: HttpRequest, instrument_id: str) -> HttpResponse:
    """A wording pack to be filled in, for a questionnaire whose words are not here."""
    known = knowledge_for(_site(request), timezone.now())
    instrument = _instrument(known, instrument_id)
    if instrument.items:
        raise NotFound(_("The words of this questionnaire are here already."))
    return HttpResponse(
        packs.starting_file(instrument, known.at),
        content_type="application/yaml; charset=utf-8",
        headers={"Content-Disposition": f'attachment; filename="{instrument.id}-words.yaml"'},
    )


def _instrument(known: KnowledgeSet, instrument_id: str) -> Instrument:
    found = known.instruments.get(instrument_id)
    if found is None:
        raise NotFound(_("There is no questionnaire of that name."))
    return found


def _site(request: HttpRequest) -> Site:
    """The site whose licences and decisions count: the one asked for, or the first of the viewer's."""
    sites = sites_with_ids(access.sites_where(signed_in_user(request), Permission.KNOWLEDGE_READ))
    wanted = request.GET.get("site", "")
    return next((site for site in sites if str(site.public_id) == wanted), sites[0])


def _whys(lines: list[Line]) -> list[str]:
    return list(dict.fromkeys(queries.words(line.why) for line in lines))


def _scoring(instrument: Instrument) -> dict[str, object]:
    parts = [
        (
            queries.words(part.title),
            part,
            ", ".join(part.items),
            library.band_rows(part.bands, part.range, instrument.decimals),
        )
        for part in instrument.subscales
    ]
    outcomes = instrument.outcomes
    return {
        "scored_as": library.SCORED_AS[instrument.scoring],
        "missing": library.missing_in_words(instrument.missing) if instrument.has_total else "",
        "turned_round": library.turned_round(instrument),
        "watched": ", ".join(item.id for item in library.watched(instrument)),
        "bands": library.band_rows(instrument.bands, instrument.range, instrument.decimals),
        "bands_read": VERIFICATION_NAMES[instrument.bands.verification] if instrument.bands else "",
        "parts": parts,
        "outcomes": [queries.words(outcome.label) for outcome in outcomes.of] if outcomes else [],
    }


def _wording(instrument: Instrument, language: str) -> dict[str, object]:
    """The words as patients see them, question by question."""
    evidence = instrument.licence_evidence
    return {
        "stem": in_language(instrument.stem, language) if instrument.stem and language else "",
        "questions": _questions(instrument, language) if language else [],
        "attribution": (in_language(evidence.attribution, language) or evidence.attribution.en)
        if evidence
        else "",
    }


def _questions(instrument: Instrument, language: str) -> list[tuple[Item, str, str, list[tuple[str, str]]]]:
    """Each with its answers; words over several questions stand over the first of them."""
    shown, before = [], ""
    for item in (*instrument.items, *instrument.unscored_items):
        lead = (in_language(item.lead, language) or "") if item.lead else ""
        text = (in_language(item.text, language) or "") if item.text else item.id
        shown.append((item, "" if lead == before else lead, text, _answers(instrument, item, language)))
        before = lead
    return shown


def _answers(instrument: Instrument, item: Item, language: str) -> list[tuple[str, str]]:
    """The answers with what each is worth; of a scale the two ends."""
    scale = instrument.scales.get(item.choices)
    if scale is not None:
        ends = ((scale.lowest, scale.low), (scale.highest, scale.high))
        return [(str(value), in_language(text, language) or "") for value, text in ends]
    choices = instrument.choices_of(item)
    return [(str(choice.value), in_language(choice.label, language) or "") for choice in choices]
