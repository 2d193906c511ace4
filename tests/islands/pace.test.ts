// At most once per pause, the first time at once.
import assert from "node:assert/strict";
import { test } from "node:test";
import fc from "fast-check";

import { paced } from "../../src/openkap/web/islands/lib/pace";

test("the first is let through, the next only after the pause", () => {
  let clock = 0;
  const due = paced(60, () => clock);
  assert.equal(due(), true);
  clock = 59;
  assert.equal(due(), false);
  clock = 60;
  assert.equal(due(), true);
});

test("however often it is asked, those let through lie a pause apart", () => {
  fc.assert(
    fc.property(fc.array(fc.integer({ min: 0, max: 50 }), { maxLength: 60 }), fc.integer({ min: 1, max: 100 }), (steps, pause) => {
      let clock = 0;
      const due = paced(pause, () => clock);
      const passed: number[] = [];
      for (const step of steps) {
        clock += step;
        if (due()) passed.push(clock);
      }
      for (let n = 1; n < passed.length; n += 1) assert.ok((passed[n] ?? 0) - (passed[n - 1] ?? 0) >= pause);
    }),
  );
});
