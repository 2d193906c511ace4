// The path of a drawn signature: whole units, inside the pad, never too long for the server.
import assert from "node:assert/strict";
import { test } from "node:test";
import fc from "fast-check";

import { HEIGHT, WIDTH, drawnOn, placeIn } from "../../src/openkap/web/islands/lib/pen";

const SERVER = /^[ML]( \d{1,3} \d{1,3})( [ML] \d{1,3} \d{1,3})*$/;

test("a stroke begins with a move and goes on with lines", () => {
  const path = drawnOn(drawnOn(drawnOn("", true, [1, 2]), false, [3, 4]), true, [5, 6]);
  assert.equal(path, "M 1 2 L 3 4 M 5 6");
});

test("standing still adds nothing", () => {
  assert.equal(drawnOn("M 1 2", false, [1, 2]), "M 1 2");
});

test("whatever the hand does, the server can read it and every point lies inside", () => {
  const point = fc.tuple(fc.boolean(), fc.double({ min: -500, max: 2000, noNaN: true }), fc.double({ min: -500, max: 2000, noNaN: true }));
  fc.assert(
    fc.property(fc.array(point, { minLength: 1, maxLength: 200 }), (points) => {
      const box = { left: 10, top: 20, width: 320, height: 107 };
      const path = points.reduce((drawn, [begins, x, y]) => drawnOn(drawn, begins, placeIn(box, x, y)), "");
      assert.match(path, SERVER);
      const numbers = path.match(/\d+/g)?.map(Number) ?? [];
      assert.ok(numbers.every((value, index) => value <= (index % 2 ? HEIGHT : WIDTH)));
    }),
  );
});

test("a path never grows beyond what is kept", () => {
  let path = "";
  for (let i = 0; i < 5000; i += 1) path = drawnOn(path, false, [i % 600, i % 200]);
  assert.ok(path.length <= 20_000);
});
