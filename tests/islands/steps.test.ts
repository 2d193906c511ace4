// One question after the other: which comes next, where one goes on, and how far one is.
import assert from "node:assert/strict";
import { test } from "node:test";

import { concernOf, countOf, firstOpen, mayPass, nextStep, stepBefore, type Step } from "../../src/openkap/web/islands/lib/steps";

const step = (part: Partial<Step> = {}): Step => ({ hidden: false, answered: false, mayLeaveOut: false, ...part });
const hidden = step({ hidden: true });
const done = step({ answered: true });

test("questions that are not put are passed over both ways", () => {
  const steps = [done, hidden, hidden, step()];
  assert.equal(nextStep(steps, 0), 3);
  assert.equal(stepBefore(steps, 3), 0);
  assert.equal(nextStep(steps, 3), null);
  assert.equal(stepBefore(steps, 0), null);
});

test("one goes on at the first question without an answer", () => {
  assert.equal(firstOpen([done, done, step(), step()]), 2);
  assert.equal(firstOpen([done, hidden, done, hidden]), 2);
  assert.equal(firstOpen([done, step({ mayLeaveOut: true })]), 1);
  assert.equal(firstOpen([]), 0);
});

test("the count is of the questions that are put", () => {
  assert.deepEqual(countOf([done, hidden, step(), step()], 2), { number: 2, count: 3 });
});

test("only an answer, or a question that may be left out, lets one pass", () => {
  assert.equal(mayPass(step()), false);
  assert.ok(mayPass(done) && mayPass(step({ mayLeaveOut: true })) && mayPass(undefined));
});

test("who would rather not say is not thanked for saying so", () => {
  const no = { danger: true, value: "0" };
  const silent = { danger: true, value: "REFUSED" };
  const yes = { danger: true, value: "2" };
  assert.equal(concernOf([no, { danger: true, value: null }, { danger: false, value: "3" }]), "");
  assert.equal(concernOf([no, silent]), "unsaid");
  assert.equal(concernOf([silent, yes]), "said");
});
