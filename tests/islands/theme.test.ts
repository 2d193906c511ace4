// Light and dark: the choice, what is shown for it, and how it is remembered.
import assert from "node:assert/strict";
import { test } from "node:test";

import { applied, choiceOf, cookieFor } from "../../src/openkap/web/islands/lib/theme";
import { isOwnOrigin } from "../../src/openkap/web/islands/lib/csrf";

test("only light and dark are choices, all else follows the system", () => {
  assert.equal(choiceOf("light"), "light");
  assert.equal(choiceOf("dark"), "dark");
  for (const other of [undefined, "", "system", "DARK", "<script>"]) assert.equal(choiceOf(other), "system");
});

test("a choice wins over the system; without one the system decides", () => {
  assert.equal(applied("light", true), "light");
  assert.equal(applied("dark", false), "dark");
  assert.equal(applied("system", true), "dark");
  assert.equal(applied("system", false), "light");
});

test("a choice is remembered for a year, following the system forgets it", () => {
  assert.match(cookieFor("dark", true), /^theme=dark; path=\/; max-age=31536000; samesite=lax; secure$/);
  assert.match(cookieFor("system", false), /max-age=0/);
  assert.doesNotMatch(cookieFor("light", false), /secure/);
});

test("the token goes to our own origin only", () => {
  const here = "http://localhost:8000/patients/";
  assert.equal(isOwnOrigin("/tasks/", here), true);
  assert.equal(isOwnOrigin("http://localhost:8000/x", here), true);
  assert.equal(isOwnOrigin("http://localhost:9000/x", here), false);
  assert.equal(isOwnOrigin("//elsewhere.example/x", here), false);
});
