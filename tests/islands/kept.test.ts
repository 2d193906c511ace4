// What stays on a patient's telephone for when there is no line, and what never does.
import assert from "node:assert/strict";
import { test } from "node:test";

import { asNotSent, endsKeeping, filesIn, insteadOf, isOver, replaces } from "../../src/openkap/web/islands/lib/kept";

test("two pages have a stand-in, and no other page of the patient has", () => {
  assert.equal(insteadOf("/portal/help/"), "/portal/kept/help/");
  assert.equal(insteadOf("/portal/safety-plan/"), "/portal/kept/plan/");
  for (const path of ["/portal/", "/portal/plan/", "/portal/journal/", "/portal/me/", "/portal/questions/form/phq-9/all/", "/", "constructor"]) {
    assert.equal(insteadOf(path), null, path);
  }
});

test("leaving and signing out end what was kept", () => {
  assert.ok(endsKeeping("/portal/leave/") && endsKeeping("/portal/sign-out/"));
  assert.ok(!endsKeeping("/portal/") && !endsKeeping("/portal/help/"));
});

test("a page names its files, each once, and nobody else's", () => {
  const html = `<link href="/static/built/app-1.css"><script src="/static/built/app-2.js"></script>
    <script src="/static/built/app-2.js"></script><a href="/portal/"></a><img src="https://elsewhere.example/static/x.png">`;
  assert.deepEqual(filesIn(html), ["/static/built/app-1.css", "/static/built/app-2.js"]);
});

test("what was kept is over at its hour, and without an hour at once", () => {
  const until = "2026-11-21T20:00:00+00:00";
  assert.equal(isOver(until, Date.parse("2026-11-21T19:59:59Z")), false);
  for (const now of ["2026-11-21T20:00:00Z", "2027-01-01T00:00:00Z"]) assert.equal(isOver(until, Date.parse(now)), true);
  for (const none of [null, "", "soon"]) assert.equal(isOver(none, 0), true);
});

test("a clinic's numbers are not lost to somebody who is signed out, and follow the clinic else", () => {
  assert.equal(replaces({ from: "anyone" }, { from: "site" }), false);
  assert.equal(replaces({ from: "site" }, { from: "site" }), true);
  assert.equal(replaces({ from: "anyone" }, { from: "anyone" }), true);
  assert.equal(replaces({ from: "anyone" }, null), true);
});

test("the offline page tells what was sent and did not arrive", () => {
  assert.equal(asNotSent('<div data-sent="no">'), '<div data-sent="yes">');
});
