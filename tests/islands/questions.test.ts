import assert from "node:assert/strict";
import { test } from "node:test";

import { answerFor, nextQuestion } from "../../src/openkap/web/islands/lib/questions";

const radio = (value: string, checked = false) => ({ value, checked });
const phq = { radios: [radio("0"), radio("1"), radio("2"), radio("3"), radio("SKIP")] };

test("a digit finds the answer of that value", () => {
  assert.equal(answerFor(phq, "2"), phq.radios[2]);
});

test("other keys and values that are not offered find nothing", () => {
  for (const key of ["4", "a", "Enter", " ", "10", "", "S"]) assert.equal(answerFor(phq, key), undefined);
});

test("after an answer the next question takes over, at its chosen answer if it has one", () => {
  const answered = { radios: [radio("0"), radio("1", true)] };
  assert.equal(nextQuestion([phq, phq], 0), phq.radios[0]);
  assert.equal(nextQuestion([phq, answered], 0), answered.radios[1]);
  assert.equal(nextQuestion([phq], 0), undefined);
});
