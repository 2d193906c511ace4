// The outbox: whatever the network does, each entry reaches the server once, in order, and is then forgotten here.
import assert from "node:assert/strict";
import { test } from "node:test";

import fc from "fast-check";

import { Outbox, type Answer, type Entry, type Standing, type Timer } from "../../src/openkap/web/islands/console/outbox";
import { MemoryVault, newKey, seal, unseal } from "../../src/openkap/web/islands/console/vault";

type Weather = "fine" | "cut" | "answer-lost" | "locked" | "half" | "server-down";

/** A server that stores each id once, and a network that does what `weather` says, request by request. */
class World {
  readonly stored: string[] = [];
  readonly vault = new MemoryVault();
  time = 0;
  private later: { at: number; then: () => void }[] = [];
  standing: Standing = { waiting: [], refused: [], retryAt: null, locked: false };

  constructor(private readonly weather: Weather[], private readonly bad: Set<string> = new Set()) {}

  readonly timer: Timer = {
    after: (pause, then) => void this.later.push({ at: this.time + pause, then }),
    now: () => this.time,
    random: () => 0.5,
  };

  readonly send = async (entries: Entry[]): Promise<Answer> => {
    const now = this.weather.shift() ?? "fine";
    await Promise.resolve();
    if (now === "cut" || now === "server-down") return { kind: "later" };
    if (now === "locked") return { kind: "locked" };
    if (entries.some((e) => this.bad.has(e.client_id))) return { kind: "refused", words: "unreadable" };
    const taken = now === "half" ? entries.slice(0, Math.ceil(entries.length / 2)) : entries;
    for (const e of taken) if (!this.stored.includes(e.client_id)) this.stored.push(e.client_id);
    if (now === "answer-lost") return { kind: "later" };
    return { kind: "taken", results: taken.map((e) => ({ client_id: e.client_id, status: "applied", seq: this.stored.indexOf(e.client_id) + 1, reason: "" })) };
  };

  outbox(): Outbox {
    return new Outbox(this.vault, this.send, this.timer, (standing) => (this.standing = standing));
  }

  /** Lets time pass until nothing is left to do; a locked outbox is unlocked by its person. */
  async settle(outbox: Outbox): Promise<void> {
    for (let round = 0; round < 200; round += 1) {
      for (let turn = 0; turn < 20; turn += 1) await Promise.resolve();
      await new Promise((resolve) => setImmediate(resolve));
      if (outbox.standing().locked) await outbox.resume();
      const due = this.later.shift();
      if (!due && !outbox.standing().waiting.length) return;
      if (due) {
        this.time = Math.max(this.time, due.at);
        due.then();
      }
    }
  }
}

function entry(id: string): Entry {
  return { client_id: id, kind: "note-written", occurred_at: "2026-11-21T10:00:00Z", payload: { text: id }, schema_version: 1 };
}

const weathers = fc.array(fc.constantFrom<Weather>("fine", "cut", "answer-lost", "locked", "half", "server-down"), { maxLength: 12 });
const counts = fc.integer({ min: 1, max: 120 });

test("in any weather each entry arrives once, in order, and nothing stays behind", async () => {
  await fc.assert(
    fc.asyncProperty(weathers, counts, async (weather, count) => {
      const world = new World([...weather]);
      const outbox = world.outbox();
      await outbox.open();
      const ids = Array.from({ length: count }, (_, n) => `e${n}`);
      for (const id of ids) await outbox.add(entry(id));
      await world.settle(outbox);
      assert.deepEqual(world.stored, ids);
      assert.deepEqual(await world.vault.all(), []);
      assert.equal(world.standing.waiting.length, 0);
    }),
    { numRuns: 60 },
  );
});

test("a reload at any moment loses and doubles nothing", async () => {
  await fc.assert(
    fc.asyncProperty(weathers, counts, fc.integer({ min: 0, max: 120 }), async (weather, count, cut) => {
      const world = new World([...weather]);
      const first = world.outbox();
      await first.open();
      const ids = Array.from({ length: count }, (_, n) => `e${n}`);
      for (const id of ids.slice(0, cut)) await first.add(entry(id));
      const second = world.outbox(); // the page was closed; the first one is gone with its timers
      await second.open();
      for (const id of ids.slice(cut)) await second.add(entry(id));
      await world.settle(second);
      assert.deepEqual([...world.stored].sort(), [...ids].sort());
      assert.equal(new Set(world.stored).size, ids.length);
      assert.deepEqual(await world.vault.all(), []);
    }),
    { numRuns: 60 },
  );
});

test("an entry the server cannot read stays with its reason and holds up no other", async () => {
  const world = new World([], new Set(["e1"]));
  const outbox = world.outbox();
  await outbox.open();
  for (const id of ["e0", "e1", "e2", "e3"]) await outbox.add(entry(id));
  await world.settle(outbox);
  assert.deepEqual(world.stored, ["e0", "e2", "e3"]);
  assert.deepEqual(world.standing.refused.map((k) => [k.entry.client_id, k.refused]), [["e1", "unreadable"]]);
  await outbox.dismiss("e1");
  assert.deepEqual(await world.vault.all(), []);
});

test("what waits cannot be dismissed", async () => {
  const world = new World(["cut"]);
  const outbox = world.outbox();
  await outbox.open();
  await outbox.add(entry("e0"));
  await outbox.dismiss("e0");
  assert.equal((await world.vault.all()).length, 1);
});

test("pauses grow, and no further than half a minute or so", async () => {
  const world = new World(Array<Weather>(9).fill("cut"));
  const outbox = world.outbox();
  await outbox.open();
  const pauses: number[] = [];
  const after = world.timer.after;
  (world.timer as { after: Timer["after"] }).after = (pause, then) => {
    pauses.push(pause);
    after(pause, then);
  };
  await outbox.add(entry("e0"));
  await world.settle(outbox);
  assert.deepEqual(pauses, [1000, 2000, 4000, 8000, 16_000, 30_000, 30_000, 30_000, 30_000]);
});

test("a locked outbox waits for its person and asks nothing meanwhile", async () => {
  const world = new World(["locked"]);
  const outbox = world.outbox();
  await outbox.open();
  await outbox.add(entry("e0"));
  await new Promise((resolve) => setImmediate(resolve));
  assert.equal(world.standing.locked, true);
  await outbox.flush();
  assert.deepEqual(world.stored, []);
  await outbox.resume();
  assert.deepEqual(world.stored, ["e0"]);
});

test("a sealed entry opens for its owner only, and shows nothing of itself", async () => {
  const key = await newKey();
  const kept = { order: 1, entry: entry("secret words"), refused: "" };
  const row = await seal(key, "ada:s1", kept);
  assert.equal(new TextDecoder("latin1").decode(row.sealed).includes("secret"), false);
  assert.deepEqual(await unseal(key, "ada:s1", row), kept);
  await assert.rejects(unseal(key, "bob:s1", row));
  await assert.rejects(unseal(key, "ada:s2", row));
  await assert.rejects(unseal(await newKey(), "ada:s1", row));
  await assert.rejects(unseal(key, "ada:s1", { ...row, id: "another" }));
  await assert.rejects(crypto.subtle.exportKey("raw", key));
});
