"""The load: a process of its own that plays the patients (`python -m benchmarks.filling.generator < plan`).

Each opens their link, says their birth date, loads the files of the page, looks at what is asked, and then
fills in one questionnaire after the other as the pages do it: each answer is sent as it is tapped (PUT), 'Next'
keeps it again and goes on (POST), the next question is shown (GET); at the end all answers at a glance, and
handing in.
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
QUESTION = re.compile(r"/portal/questions/form/[a-z0-9-]+/(\d+)/")
BETWEEN_TAP_AND_NEXT = (0.3, 0.8)


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
        onward = well(await self.browser.post("begin", form, {"language": "en"}), "begin", 302).location
        for number, answer in enumerate(answers, 1):
            if onward != f"{form}{number}/":
                raise Unexpected(f"question {number} of {instrument} was expected, not {onward}")
            onward = await self._answer(instrument, number, onward, answer)
        check = f"{form}check/"
        if onward != check:
            raise Unexpected(f"{instrument} was to be at its end, not at {onward}")
        well(await self.browser.get("look over it", check), "check")
        await self._pause()
        done = well(await self.browser.post("hand in", check, {}), "hand in", 302).location
        self.told.finished.setdefault(self.person.patient_id, []).append(instrument)
        well(await self.browser.get("thanks", done), "thanks")

    async def _answer(self, instrument: str, number: int, path: str, answer: str) -> str:
        well(await self.browser.get("see a question", path), "question")
        await self._pause()
        body = json.dumps({"answer": [answer]}).encode()
        well(await self.browser.put("tap an answer", path, body), "tap")
        self._acknowledged(instrument, number, answer)
        if self.plan.pause[1]:
            await asyncio.sleep(self.chance.uniform(*BETWEEN_TAP_AND_NEXT))
        return well(await self.browser.post("next", path, {"answer": answer}), "next", 302).location

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
