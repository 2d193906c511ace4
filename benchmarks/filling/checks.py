"""After the load: whether all that was acknowledged is there, and every score right. Asked of the database."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Any

from benchmarks.filling.plan import Person, Told
from openkap.apps.audit.models import Row
from openkap.apps.measures.models import Filling, Response

ITEMS = {"phq-9": 9, "gad-7": 7, "asq": 5}  # that count; what follows is not scored
AFTER_THE_SCORED = "difficulty"


@dataclass(frozen=True)
class Verdict:
    """What was looked for, and what was not there: all of the lists are empty when nothing was lost."""

    answers: int  # that were acknowledged
    lost: list[str]
    responses: int  # that were acknowledged as handed in
    missing: list[str]
    wrong: list[str]  # scored otherwise than by adding up, or twice
    unaudited: list[str]

    @property
    def whole(self) -> bool:
        """Whether nothing was lost."""
        return not (self.lost or self.missing or self.wrong or self.unaudited)


def judged(people: Iterable[Person], told: Told) -> Verdict:
    """Compare what people were told with what is kept."""
    everyone = [person.patient_id for person in people]
    return compared(told, answers_kept(everyone), responses_of(everyone))


def compared(
    told: Told,
    kept: Mapping[tuple[str, str], Mapping[str, Any]],
    responses: Mapping[tuple[str, str], list[Response]],
) -> Verdict:
    """What was acknowledged beside the answers and the responses there are, by patient and questionnaire."""
    said = [
        (patient, instrument, number, answer)
        for patient, of_person in told.kept.items()
        for instrument, of_form in of_person.items()
        for number, answer in of_form.items()
    ]
    handed_in = [(patient, instrument) for patient, forms in told.finished.items() for instrument in forms]
    return Verdict(
        answers=len(said),
        lost=[
            f"{patient} {instrument} {number}"
            for patient, instrument, number, answer in said
            if str(kept.get((patient, instrument), {}).get(item_of(instrument, number))) != answer
        ],
        responses=len(handed_in),
        missing=[f"{patient} {form}" for patient, form in handed_in if (patient, form) not in responses],
        wrong=[
            f"{patient} {form}"
            for (patient, form), found in responses.items()
            if len(found) > 1 or amiss(*found)
        ],
        unaudited=unaudited(responses),
    )


def item_of(instrument: str, number: str) -> str:
    """The item that was the `number`th question."""
    return number if int(number) <= ITEMS[instrument] else AFTER_THE_SCORED


def answers_kept(everyone: list[str]) -> dict[tuple[str, str], dict[str, Any]]:
    """Answers by patient and questionnaire, as the form holds them, handed in or not."""
    rows = Filling.objects.filter(patient__public_id__in=everyone).values_list(
        "patient__public_id", "instrument_id", "answers"
    )
    return {(str(patient), instrument): answers for patient, instrument, answers in rows}


def responses_of(everyone: list[str]) -> dict[tuple[str, str], list[Response]]:
    """What was handed in, by patient and questionnaire."""
    found: dict[tuple[str, str], list[Response]] = {}
    for row in Response.objects.filter(patient__public_id__in=everyone).select_related("patient"):
        found.setdefault((str(row.patient.public_id), row.instrument_id), []).append(row)
    return found


def amiss(response: Response) -> bool:
    """Whether the score is another than plain addition gives; ASQ has no total, but an outcome."""
    given = [response.answers[str(number)] for number in range(1, ITEMS[response.instrument_id] + 1)]
    numbers = [answer for answer in given if isinstance(answer, int)]
    if response.instrument_id != "asq":
        return response.total != sum(numbers) or len(numbers) != len(given)
    said_yes = any(numbers[:4])
    return response.outcome_id != ("non-acute-positive" if said_yes else "negative")


def unaudited(responses: Mapping[tuple[str, str], list[Response]]) -> list[str]:
    """Responses without a row of the trail."""
    ids = {row.public_id for found in responses.values() for row in found}
    if not ids:
        return []
    told = set(
        Row.objects.filter(action="measures.record", subject_id__in=ids).values_list("subject_id", flat=True)
    )
    return [str(one) for one in ids - told]
