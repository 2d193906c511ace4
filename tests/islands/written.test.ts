// What is being written for the journal: there again after the page was left, gone once it was kept.
import assert from "node:assert/strict";
import { test } from "node:test";

import { WrittenStore } from "../../src/openkap/web/islands/lib/written";
import { Memory } from "./memory";

const TEXT = { text: ["It rained, and I walked."] };

test("what was typed is there again when the page was left", () => {
  const store = new WrittenStore(new Memory());
  store.keep(TEXT, "entry-1", false);
  assert.deepEqual(store.waiting("entry-1"), TEXT);
});

test("what was kept is gone from the tab: there is a newer entry", () => {
  const shelf = new Memory();
  const store = new WrittenStore(shelf);
  store.keep(TEXT, "entry-1", true);
  assert.equal(store.waiting("entry-2"), null);
  assert.equal(shelf.length, 0);
});

test("what was sent and did not arrive is there again", () => {
  const store = new WrittenStore(new Memory());
  store.keep(TEXT, "nothing", true);
  assert.deepEqual(store.waiting("nothing"), TEXT);
});

test("an entry from another device does not take away what was only typed here", () => {
  const store = new WrittenStore(new Memory());
  store.keep(TEXT, "entry-1", false);
  assert.deepEqual(store.waiting("entry-2"), TEXT);
});

test("on signing out nothing is left; what is no draft is none; without a store nothing fails", () => {
  const shelf = new Memory();
  const store = new WrittenStore(shelf);
  store.keep(TEXT, "nothing", false);
  store.forget();
  assert.equal(shelf.length, 0);
  shelf.setItem("openkap-written", "{");
  assert.equal(store.waiting("nothing"), null);
  const none = new WrittenStore(null);
  none.keep(TEXT, "nothing", false);
  assert.equal(none.waiting("nothing"), null);
});
