import assert from "node:assert/strict";
import { test } from "node:test";

import { twice } from "../../src/openkap/web/islands/lib/twice";

function at(moments: number[], pause = 800): boolean[] {
  let now = 0;
  const again = twice(pause, () => now);
  return moments.map((moment) => {
    now = moment;
    return again();
  });
}

test("the second time within the pause is told", () => {
  assert.deepEqual(at([0, 500]), [false, true]);
});

test("two that lie apart are two first ones", () => {
  assert.deepEqual(at([0, 800, 1700]), [false, false, false]);
});

test("after the second it counts anew", () => {
  assert.deepEqual(at([0, 100, 200, 300]), [false, true, false, true]);
});
