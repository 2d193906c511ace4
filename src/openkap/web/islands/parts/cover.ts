// A page left open must show no chart once entry is locked: ask now and then, and cover it until its person is back.
// The server marks what it would not show either; sessions that run and alerts are not marked and stay in sight.
import { askToUnlock } from "./unlock";

const EVERY = 30_000; // milliseconds

function cover(): void {
  const root = document.documentElement;
  root.dataset["covered"] = "";
  askToUnlock(() => delete root.dataset["covered"]);
}

async function look(): Promise<void> {
  if (document.documentElement.dataset["covered"] !== undefined) return;
  // No work at the keyboard: asking extends nothing.
  const answer = await fetch("/unlock/", { headers: { Accept: "application/json" }, redirect: "manual" });
  if (answer.status === 423) cover();
}

export function startCover(): void {
  const dialog = document.getElementById("unlock-dialog");
  if (!dialog || !document.querySelector("[data-cover-when-locked]")) return;
  const ask = (): void => void look().catch(() => undefined); // without a network nothing new can be said
  setInterval(ask, EVERY);
  document.addEventListener("visibilitychange", ask);
  // Whatever closes the dialog, only its person takes the cover off.
  dialog.addEventListener("close", () => {
    if (document.documentElement.dataset["covered"] !== undefined) cover();
  });
}
