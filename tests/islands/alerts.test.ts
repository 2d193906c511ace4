import assert from "node:assert/strict";
import { test } from "node:test";

import { AGAIN_AFTER, sounds, titled } from "../../src/openkap/web/islands/lib/alerts";

const heard = { ids: ["a"], at: 1000 };

test("what is new sounds, what was heard does not", () => {
  assert.equal(sounds({ ids: ["a", "b"], naming: false }, heard, 1001), true);
  assert.equal(sounds({ ids: ["a"], naming: false }, heard, 1001 + 10 * AGAIN_AFTER), false);
  assert.equal(sounds({ ids: [], naming: false }, heard, 1001), false);
});

test("an alert that names the person here sounds every minute until it is answered", () => {
  assert.equal(sounds({ ids: ["a"], naming: true }, heard, 999 + AGAIN_AFTER), false);
  assert.equal(sounds({ ids: ["a"], naming: true }, heard, 1000 + AGAIN_AFTER), true);
});

test("the title says how many wait, once", () => {
  assert.equal(titled("Today", 2), "(2!) Today");
  assert.equal(titled("(2!) Today", 1), "(1!) Today");
  assert.equal(titled("(2!) Today", 0), "Today");
});
