// The console's pure parts: the draft at the chair, the clock, and reading the prediction off.
import assert from "node:assert/strict";
import { test } from "node:test";

import fc from "fast-check";

import { doseWords, hasRoomForWords, heights, interval, nearest, wrapped } from "../../src/openkap/web/islands/console/axis";
import { ServerClock, sessionMinute, span, timeOfDay } from "../../src/openkap/web/islands/console/clock";
import { EMPTY, choose, faults, isEmpty, notAsked, payloadOf, summary, type } from "../../src/openkap/web/islands/console/draft";
import type { Forecast, Range, Vital } from "../../src/openkap/web/islands/console/types";

const range = (least: number, most: number): Range => ({ least, most, step: 1, unit: "", words: "" });
const RANGES: Partial<Record<Vital, Range>> = { systolic: range(40, 300), diastolic: range(20, 200), spo2: range(40, 100), moaas: range(0, 5), dissociation: range(0, 10) };
const WORDS = { bp: "BP", dissociation: "Dissociation", "not-asked": "not asked", moaas: "MOAA/S" };

test("choosing a value twice takes it back", () => {
  const once = choose(EMPTY, "moaas", 4);
  assert.deepEqual(once.values, { moaas: 4 });
  assert.equal(isEmpty(choose(once, "moaas", 4)), true);
  assert.deepEqual(choose(once, "moaas", 5).values, { moaas: 5 });
});

test("a value and 'not asked' exclude each other", () => {
  const draft = notAsked(choose(EMPTY, "dissociation", 7), "dissociation");
  assert.deepEqual([draft.values, draft.notAsked], [{}, ["dissociation"]]);
  assert.deepEqual(choose(draft, "dissociation", 2).notAsked, []);
});

test("figures that cannot be right are named", () => {
  const pressure = (upper: string, lower: string) => type(type(EMPTY, "systolic", upper), "diastolic", lower);
  assert.deepEqual(faults(pressure("128", "80"), RANGES), []);
  assert.deepEqual(faults(pressure("80", "128"), RANGES), ["diastolic"]);
  assert.deepEqual(faults(pressure("1280", "80"), RANGES), ["systolic"]);
  assert.deepEqual(faults(pressure("128", ""), RANGES), ["diastolic"]);
  assert.deepEqual(faults(type(EMPTY, "spo2", "101"), RANGES), ["spo2"]);
  assert.deepEqual(faults(type(EMPTY, "heart-rate", "70"), RANGES), ["heart-rate"]); // no range known: not entered blindly
});

test("a comma is a decimal point and an emptied field is no value", () => {
  assert.deepEqual(type(EMPTY, "spo2", "97,5").values, { spo2: 97.5 });
  assert.deepEqual(type(type(EMPTY, "spo2", "97"), "spo2", " ").values, {});
  assert.deepEqual(type(EMPTY, "spo2", "abc").values, {});
});

test("what is shown under Save is what is stored", () => {
  fc.assert(
    fc.property(fc.integer({ min: 0, max: 5 }), fc.option(fc.integer({ min: 0, max: 10 })), fc.boolean(), (level, points, skip) => {
      let draft = choose(type(type(EMPTY, "systolic", "131"), "diastolic", "82"), "moaas", level);
      if (points !== null) draft = choose(draft, "dissociation", points);
      if (skip) draft = notAsked(draft, "dissociation");
      const lines = summary(draft, WORDS).join("; ");
      const payload = payloadOf(draft) as { values: Record<string, number>; not_asked?: string[] };
      assert.match(lines, /BP 131\/82/);
      assert.equal(lines.includes(`Dissociation ${points}`), payload.values["dissociation"] !== undefined);
      assert.equal(lines.includes("not asked"), (payload.not_asked ?? []).length > 0);
    }),
  );
});

test("room air is stated with a saturation and only then", () => {
  assert.equal("room_air" in payloadOf(type(EMPTY, "systolic", "120")), false);
  assert.equal(payloadOf(type(EMPTY, "spo2", "97"))["room_air"], true);
  assert.equal(payloadOf({ ...type(EMPTY, "spo2", "97"), roomAir: false })["room_air"], false);
});

test("times read as people say them", () => {
  assert.equal(span(200_000), "3:20");
  assert.equal(span(-40_000), "0:40");
  assert.equal(span(3_730_000), "1:02:10");
  assert.equal(sessionMinute(1_900_000, 0), "31:40");
  assert.equal(sessionMinute(-300_000, 0), "−5:00");
});

test("the time of day is the site's, whatever zone the device is set to", () => {
  const at = Date.parse("2026-11-21T10:05:00Z");
  assert.equal(timeOfDay(at, "Pacific/Auckland"), "23:05");
  assert.equal(timeOfDay(at, "America/Denver"), "03:05");
});

test("a device whose clock is wrong or moved still tells the server's time", () => {
  let monotonic = 1000;
  const clock = new ServerClock(() => monotonic);
  clock.set("2026-11-21T10:00:00Z");
  monotonic += 5000;
  assert.equal(clock.iso(), "2026-11-21T10:00:05.000Z");
});

test("the prediction is read off where it was computed, and nowhere else", () => {
  const forecast: Forecast = { available: true, reason: "", model: "m", substance: "", about: "", unit: "ng/mL", band: "", notes: [], points: [[0, 1, 0, 2], [120_000, 5, 4, 6]] };
  assert.equal(nearest(forecast, 100_000)?.[1], 5);
  assert.equal(nearest(forecast, 3_600_000), null);
  assert.equal(nearest({ ...forecast, available: false }, 0), null);
  assert.equal(nearest(null, 0), null);
});

test("on an assumed route there is a band and no figure of a typical person", () => {
  assert.equal(interval([0, null, 12.4, 87.6]), "12–88");
});

test("what is said of a prediction wraps at words and loses none", () => {
  const text = "ketamine (both enantiomers) in venous plasma, predicted; with Rifampicin";
  const rows = wrapped(text, 32);
  assert.equal(rows.join(" "), text);
  assert.ok(rows.every((row) => row.length <= 32));
  assert.deepEqual(wrapped("Trimethylaminoxide", 4), ["Trimethylaminoxide"]);
});

test("a plot that is narrow or low keeps its curve free of words", () => {
  assert.equal(hasRoomForWords(1000, 383), true);
  assert.equal(hasRoomForWords(330, 500), false);
  assert.equal(hasRoomForWords(710, 280), false);
});

test("the words of the dose never run into the figures beside the lane", () => {
  const [text, rate] = ["27.7 mg given", "0.875 mg/min"];
  const long = { start: 200, until: 840, filled: 3, right: 890 }; // a slow rate: the bar fills the lane
  const slow = doseWords(text, rate, long);
  assert.ok(slow.text !== null && slow.text > 203 && slow.text + text.length * 8 < 840);
  assert.ok(slow.rate !== null && slow.rate + rate.length * 7 < 840);
  assert.deepEqual(doseWords(text, rate, { start: 200, until: 500, filled: 200, right: 890 }), { text: 209, onFill: true, rate: 510 });
  assert.deepEqual(doseWords(text, "", { start: 200, until: 206, filled: 6, right: 890 }), { text: 216, onFill: false, rate: null });
  assert.equal(doseWords(text, rate, { start: 200, until: 206, filled: 6, right: 260 }).text, null);
});

const names = (room: number) => heights(room).map(([id]) => id);

test("a desk's plot has all lanes, by their shares", () => {
  assert.deepEqual(names(344), ["bp", "heart-rate", "spo2", "forecast", "dose", "moaas", "dissociation", "notes"]);
  assert.ok(Math.abs((heights(344)[0]?.[1] ?? 0) - 344 * 0.3) < 1e-9);
});

test("a low plot has fewer lanes, and each can be read", () => {
  assert.deepEqual(names(118), ["bp", "heart-rate", "spo2", "forecast", "dose"]);
  assert.deepEqual(names(96), ["bp", "heart-rate", "spo2", "forecast"]);
  fc.assert(fc.property(fc.integer({ min: 60, max: 900 }), (room) => {
    const found = heights(room).map(([, height]) => height);
    assert.ok(Math.min(...found) >= 17 - 1e-9);
    assert.ok(Math.abs(found.reduce((sum, height) => sum + height, 0) - room) < 1e-6);
  }));
});
