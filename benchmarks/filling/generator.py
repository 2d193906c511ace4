"""The load: a process of its own that plays the patients (`python -m benchmarks.filling.generator < plan`).

Each opens their link, says their birth date, loads the files of the page, looks at what is asked, and then
fills in one questionnaire after the other as a telephone does it: all questions come at once (GET), each answer
is sent as it is tapped (PUT); at the end all answers at a glance, and handing in.
"""

import asyncio
import json
import random
import re
import sys
import time

from benchmarks.filling.client import Answer, Browser
from benchmarks.filling.plan import BIRTH_DATE, Person, Plan, Told

FILES = re.compile(rb'(?:href|src)="(/static/[^"]+)"')
QUESTION = re.compile(rb'data-question="([^"]+)"')


class Unexpected(Exception):
    """The answer was not the one the pages would have led to."""


def well(answer: Answer, what: str, *statuses: int) -> Answer:
    """The answer, if it is of the status expected."""
    if answer.status not in (statuses or (200,)):
        raise Unexpected(f"{what}: {answer.status}")
    return answer


class Patient:
    """One person's visit to the portal."""

    def __init__(self, person: Person, plan: Plan, told: Told) -> None:
        self.person, self.plan, self.told = person, plan, told
        self.chance = random.Random(f"{plan.seed}:{person.patient_id}")
        self.browser = Browser(plan.host, plan.port, person.address, self._note)

    async def visit(self, at: float) -> None:
        """All of it, begun at `at` seconds from now. What goes wrong is noted; the person gives up then."""
        await asyncio.sleep(at)
        try:
            await self._come_in()
            for instrument, answers in self.person.answers.items():
                await self._fill_in(instrument, answers)
        except (Unexpected, OSError, EOFError, ValueError) as error:
            self.told.errors.append(f"{type(error).__name__}: {error}")
        finally:
            await self.browser.close()

    async def _come_in(self) -> None:
        page = well(await self.browser.get("open the link", self.person.path), "link")
        for path in sorted(set(FILES.findall(page.body))):
            well(await self.browser.get("a file of the page", path.decode()), "file")
        await self._pause()
        well(await self.browser.post("come in", self.person.path, BIRTH_DATE), "come in", 302)
        well(await self.browser.get("today", "/portal/"), "today")
        well(await self.browser.get("what is asked", "/portal/questions/"), "questions")

    async def _fill_in(self, instrument: str, answers: list[str]) -> None:
        form = f"/portal/questions/form/{instrument}/"
        well(await self.browser.get("what it is about", form), "start")
        await self._pause()
        begun = {"language": "en", "at_once": "1"}
        sheet = well(await self.browser.post("begin", form, begun), "begin", 302).location
        page = well(await self.browser.get("see the questions", sheet), "questions")
        names = [name.decode() for name in QUESTION.findall(page.body)]
        if len(names) < len(answers):
            raise Unexpected(f"{instrument} shows {len(names)} questions for {len(answers)} answers")
        for number, (name, answer) in enumerate(zip(names, answers, strict=False), 1):
            await self._answer(instrument, number, sheet, name, answer)
        check = f"{form}check/"
        well(await self.browser.get("look over it", check), "check")
        await self._pause()
        done = well(await self.browser.post("hand in", check, {}), "hand in", 302).location
        self.told.finished.setdefault(self.person.patient_id, []).append(instrument)
        well(await self.browser.get("thanks", done), "thanks")

    async def _answer(self, instrument: str, number: int, sheet: str, name: str, answer: str) -> None:
        await self._pause()
        body = json.dumps({"fields": {name: [answer]}, "held": {name: []}}).encode()
        said = json.loads(well(await self.browser.put("tap an answer", sheet, body), "tap").body)
        if said["kept"] != [name]:
            raise Unexpected(f"question {number} of {instrument} was not kept")
        self._acknowledged(instrument, number, answer)

    def _acknowledged(self, instrument: str, number: int, answer: str) -> None:
        of_person = self.told.kept.setdefault(self.person.patient_id, {})
        of_person.setdefault(instrument, {})[str(number)] = answer

    async def _pause(self) -> None:
        if self.plan.pause[1]:
            await asyncio.sleep(self.chance.uniform(*self.plan.pause))

    def _note(self, kind: str, milliseconds: float) -> None:
        self.told.took.setdefault(kind, []).append(round(milliseconds, 2))


async def play(plan: Plan) -> Told:
    """Everyone's visit."""
    told, count = Told(), len(plan.people)
    began, before = time.perf_counter(), time.process_time()
    visits = [
        Patient(person, plan, told).visit(plan.ramp * place / count) for place, person in enumerate(plan.people)
    ]
    await asyncio.gather(*visits)
    told.seconds, told.processor_seconds = time.perf_counter() - began, time.process_time() - before
    return told


def main() -> None:
    """Read the plan, play it, tell what was seen."""
    given = json.load(sys.stdin)
    people = [Person(**person) for person in given.pop("people")]
    plan = Plan(people=people, **given | {"pause": tuple(given["pause"])})
    json.dump(asyncio.run(play(plan)).as_dict(), sys.stdout)


if __name__ == "__main__":
    main()
