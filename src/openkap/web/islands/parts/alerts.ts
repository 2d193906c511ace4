// The strip of alerts on top of every page of staff: said once to screen readers, with a tone that can be turned off
// on this device. It has no way to be put away: only the answer to the alert does that.
import { type Heard, sounds, titled } from "../lib/alerts";

const HEARD = "alerts-heard"; // ids only, of this tab
const SOUND = "alert-sound";

interface BeforeSwap {
  target: HTMLElement;
  serverResponse: string;
  shouldSwap: boolean;
}

function heard(): Heard {
  const [at = "0", ...ids] = (sessionStorage.getItem(HEARD) ?? "").split(" ");
  return { at: Number(at), ids };
}

function isSilent(): boolean {
  return localStorage.getItem(SOUND) === "off";
}

/** Two short tones. Silent where the browser lets no page sound before it was touched: the strip is there all the same. */
function tone(): void {
  const audio = new AudioContext();
  const volume = audio.createGain();
  volume.gain.value = 0.15;
  volume.connect(audio.destination);
  for (const [start, pitch] of [[0, 740], [0.25, 988]] as const) {
    const sound = audio.createOscillator();
    sound.frequency.value = pitch;
    sound.connect(volume);
    sound.start(audio.currentTime + start);
    sound.stop(audio.currentTime + start + 0.2);
  }
  setTimeout(() => void audio.close(), 1000);
}

function showSound(strip: HTMLElement): void {
  for (const button of strip.querySelectorAll<HTMLElement>("[data-alert-sound]")) {
    button.setAttribute("aria-pressed", String(!isSilent()));
  }
}

function look(strip: HTMLElement): void {
  const ids = (strip.querySelector<HTMLElement>("[data-alerts]")?.dataset["alerts"] ?? "").split(" ").filter(Boolean);
  const naming = strip.querySelector("[data-names-me]") !== null;
  document.title = titled(document.title, ids.length);
  showSound(strip);
  const now = Date.now();
  if (!sounds({ ids, naming }, heard(), now)) return;
  sessionStorage.setItem(HEARD, [now, ...ids].join(" "));
  if (!isSilent()) tone();
}

export function startAlerts(): void {
  const strip = document.getElementById("alert-strip");
  if (!strip) return;
  let last = "";
  document.addEventListener("htmx:beforeSwap", (event) => {
    const detail = (event as CustomEvent<BeforeSwap>).detail;
    if (detail.target !== strip) return;
    // The same again is not put there again: a screen reader would say it every time.
    detail.shouldSwap = detail.shouldSwap && detail.serverResponse !== last;
    if (detail.shouldSwap) last = detail.serverResponse;
    else look(strip);
  });
  strip.addEventListener("htmx:afterSettle", () => look(strip));
  strip.addEventListener("click", (event) => {
    if (!(event.target as Element | null)?.closest("[data-alert-sound]")) return;
    localStorage.setItem(SOUND, isSilent() ? "on" : "off");
    showSound(strip);
  });
}
