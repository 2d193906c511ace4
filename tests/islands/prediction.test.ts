// A prediction is of what was given by now, or it is not shown.
import assert from "node:assert/strict";
import { test } from "node:test";
import { Prediction } from "../../src/openkap/web/islands/console/prediction";
import type { Forecast } from "../../src/openkap/web/islands/console/types";

const modelOf = ({ shown }: Prediction): string | undefined => shown?.model;
const forecast = (model: string) => ({ available: true, model, points: [] }) as unknown as Forecast;

interface Ask {
  resolve: (answer: Forecast) => void;
  reject: (why: Error) => void;
}

/** Asks that are answered, or fail, when the test says so. */
function asking(): { prediction: Prediction; asks: Ask[] } {
  const asks: Ask[] = [];
  const prediction = new Prediction(() => new Promise((resolve, reject) => asks.push({ resolve, reject })));
  return { prediction, asks };
}

test("an answer that comes late does not replace that of what was given since", async () => {
  const { prediction, asks } = asking();
  const first = prediction.follow("35 mg");
  const second = prediction.follow("35 mg and 10 mg");
  asks[1]!.resolve(forecast("both"));
  assert.equal(await second, true);
  asks[0]!.resolve(forecast("the first alone"));
  assert.equal(await first, false);
  assert.equal(modelOf(prediction), "both");
});

test("where nothing can be predicted of what was given since, what was shown goes, and it is asked again", async () => {
  const { prediction, asks } = asking();
  const first = prediction.follow("35 mg");
  asks[0]!.resolve(forecast("the first alone"));
  await first;
  const second = prediction.follow("35 mg and 10 mg");
  asks[1]!.reject(new Error("500"));
  assert.equal(await second, true);
  assert.equal(prediction.shown, null);
  const third = prediction.follow("35 mg and 10 mg");
  asks[2]!.resolve(forecast("both"));
  assert.equal(await third, true);
  assert.equal(modelOf(prediction), "both");
});

test("the same is asked once, and a failure of what is past asks nothing anew", async () => {
  const { prediction, asks } = asking();
  const first = prediction.follow("35 mg");
  assert.equal(await prediction.follow("35 mg"), false);
  const second = prediction.follow("35 mg and 10 mg");
  asks[0]!.reject(new Error("offline"));
  assert.equal(await first, false);
  assert.equal(await prediction.follow("35 mg and 10 mg"), false);
  asks[1]!.resolve(forecast("both"));
  await second;
  assert.deepEqual([asks.length, modelOf(prediction)], [2, "both"]);
});
