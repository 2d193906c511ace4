// What was answered and has not reached the server: kept for this tab, in order, and gone once it is there.
import assert from "node:assert/strict";
import { test } from "node:test";
import fc from "fast-check";

import { PREFIX, UnsentStore } from "../../src/openkap/web/islands/lib/unsent";
import { Memory } from "./memory";

function clock(): () => number {
  let now = 0;
  return () => (now += 1);
}

test("only what differs from what the server has is kept, with what it had", () => {
  const store = new UnsentStore(new Memory(), clock());
  store.keep("/a/", { one: ["2"], two: ["0"] }, { one: ["1"], two: ["0"] }, true);
  assert.deepEqual(store.of("/a/"), { address: "/a/", fields: { one: ["2"] }, held: { one: ["1"] }, merges: true, order: 1 });
});

test("once the server has everything nothing is left on the device", () => {
  const shelf = new Memory();
  const store = new UnsentStore(shelf, clock());
  store.keep("/a/", { one: ["2"] }, { one: [] }, false);
  store.keep("/a/", { one: ["2"] }, { one: ["2"] }, false);
  assert.equal(shelf.length, 0);
});

test("forms are sent in the order in which they were begun, however often they change", () => {
  const store = new UnsentStore(new Memory(), clock());
  for (const address of ["/a/", "/b/", "/a/", "/c/", "/b/"]) store.keep(address, { x: [address] }, { x: [] }, false);
  assert.deepEqual(store.all().map((one) => one.address), ["/a/", "/b/", "/c/"]);
});

test("clearing takes everything of ours and nothing of others", () => {
  const shelf = new Memory();
  shelf.setItem("other", "1");
  const store = new UnsentStore(shelf, clock());
  store.keep("/a/", { x: ["1"] }, { x: [] }, false);
  store.clear();
  assert.deepEqual([...shelf.held.keys()], ["other"]);
});

test("what is no entry of ours, a forbidden store and none at all are as if nothing was kept", () => {
  const shelf = new Memory();
  for (const text of ["", "{", "null", "[]", '{"address": 1}', '{"address": "/a/", "order": 1}']) {
    shelf.setItem(`${PREFIX}/a/`, text);
    assert.equal(new UnsentStore(shelf, clock()).of("/a/"), null);
  }
  const forbidden = new Memory();
  forbidden.setItem = () => {
    throw new Error("QuotaExceededError");
  };
  new UnsentStore(forbidden, clock()).keep("/a/", { x: ["1"] }, { x: [] }, false);
  const none = new UnsentStore(null, clock());
  none.keep("/a/", { x: ["1"] }, { x: [] }, false);
  assert.deepEqual(none.all(), []);
});

test("whatever is answered in whatever order, the last answer of each question is what waits", () => {
  const answers = fc.array(fc.tuple(fc.constantFrom("1", "2", "3"), fc.constantFrom("0", "1", "2")), { minLength: 1, maxLength: 20 });
  fc.assert(
    fc.property(answers, (given) => {
      const store = new UnsentStore(new Memory(), clock());
      const held = { "1": [], "2": [], "3": [] };
      const fields: Record<string, string[]> = { "1": [], "2": [], "3": [] };
      for (const [question, answer] of given) {
        fields[question] = [answer];
        store.keep("/a/", fields, held, true);
      }
      const last = Object.fromEntries(Object.entries(fields).filter(([, values]) => values.length));
      assert.deepEqual(store.of("/a/")?.fields, last);
    }),
  );
});
