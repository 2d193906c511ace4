// The one time axis: measured solid, predicted dashed with its band, unsent with an amber edge. Drawn as SVG, in
// the size of its place; every figure in it is also in the table beside it.
import { s } from "./dom";
import { sessionMinute, timeOfDay } from "./clock";
import type { Forecast, State, Vital } from "./types";

export interface Unsent {
  at: number;
  values: Partial<Record<Vital, number>>;
}

interface Lane {
  id: string;
  top: number;
  height: number;
}

interface Frame {
  width: number;
  height: number;
  left: number;
  right: number;
  from: number;
  to: number;
  small: boolean;
  x(at: number): number;
}

const MINUTE = 60_000;
const TILES: Vital[] = ["moaas", "dissociation"];
const LINES_OF_PRESSURE = 66; // pixels that three lines of text take
const LINES_OF_FORECAST = 48;
const LINE = 13; // one line of small text: a limit's words stand under it where the lane ends above
const HIGH_FIGURE = 28; // and a large figure
const ALL_TICKS = 60; // and three figures above each other
const HEADER = 24;
const FOOTER = 20;
// Shares of the height; the predicted lane lies under the measured ones.
const SHARES: [string, number][] = [
  ["bp", 30], ["heart-rate", 10], ["spo2", 10], ["forecast", 21], ["dose", 8], ["moaas", 7], ["dissociation", 7], ["notes", 7],
];
// Pixels below which a lane cannot be read. Where there is no room for all, the last of these go: they stay in the table.
const LEAST: [string, number][] = [
  ["bp", 40], ["spo2", 17], ["heart-rate", 17], ["forecast", 20], ["dose", 17], ["dissociation", 17], ["moaas", 17], ["notes", 17],
];

export interface Drawn {
  state: State;
  forecast: Forecast | null;
  unsent: Unsent[];
  now: number;
  words: Record<string, string>;
}

export function drawAxis(svg: SVGSVGElement, drawn: Drawn): void {
  const { clientWidth: width, clientHeight: height } = svg;
  if (width < 200 || height < 120) return;
  svg.setAttribute("viewBox", `0 0 ${width} ${height}`);
  const frame = frameOf(width, height, drawn);
  const lanes = lanesOf(frame);
  const parts: SVGElement[] = [
    future(frame, drawn.now),
    ...grid(frame, lanes, drawn),
    ...dueLines(frame, lanes, drawn),
    ...labels(lanes, drawn),
    ...inLane(lanes, "bp", (l) => pressure(frame, l, drawn)),
    ...inLane(lanes, "heart-rate", (l) => curve(frame, l, drawn, "heart-rate")),
    ...inLane(lanes, "spo2", (l) => curve(frame, l, drawn, "spo2")),
    ...inLane(lanes, "forecast", (l) => predicted(frame, l, drawn)),
    ...inLane(lanes, "dose", (l) => dose(frame, l, drawn)),
    ...TILES.flatMap((vital) => inLane(lanes, vital, (l) => tiles(frame, l, drawn, vital))),
    ...inLane(lanes, "notes", (l) => notes(frame, l, drawn)),
    ...nowLine(frame, drawn),
    ...lastSaved(frame, lanes, drawn),
  ];
  svg.replaceChildren(...parts);
}

function frameOf(width: number, height: number, { state, now }: Drawn): Frame {
  const zero = state.zero ? Date.parse(state.zero) : now + 10 * MINUTE;
  const first = Math.min(zero - 10 * MINUTE, ...state.readings.map((r) => Date.parse(r.at)), ...state.lines.map((l) => Date.parse(l.at)));
  const from = Math.max(zero - 30 * MINUTE, first);
  const to = Math.max(zero + 80 * MINUTE, now + 20 * MINUTE);
  const small = width < 760;
  const left = small ? 92 : 104;
  const right = width - (width < 480 ? 84 : small ? 100 : 122);
  return { width, height, left, right, from, to, small, x: (at) => left + ((at - from) / (to - from)) * (right - left) };
}

function lanesOf(frame: Frame): Lane[] {
  let top = HEADER;
  return heights(frame.height - HEADER - FOOTER).map(([id, height]) => {
    top += height;
    return { id, top: top - height, height };
  });
}

/** The lanes that a height has room for, and how high each is: by its share, or its least and a share of the rest. */
export function heights(room: number): [id: string, height: number][] {
  let needed = 0;
  const kept = new Map(LEAST.filter(([, least]) => (needed += least) <= room));
  const shares = SHARES.filter(([id]) => kept.has(id));
  const all = shares.reduce((sum, [, share]) => sum + share, 0);
  const byShare = shares.map(([id, share]): [string, number] => [id, (room * share) / all]);
  if (byShare.every(([id, height]) => height >= (kept.get(id) ?? 0))) return byShare;
  const rest = room - [...kept.values()].reduce((sum, least) => sum + least, 0);
  return shares.map(([id, share]) => [id, (kept.get(id) ?? 0) + (rest * share) / all]);
}

/** What is drawn in a lane, if there is room for it. */
function inLane(lanes: Lane[], id: string, draw: (lane: Lane) => SVGElement[]): SVGElement[] {
  const found = lanes.find((l) => l.id === id);
  return found ? draw(found) : [];
}

function grid(frame: Frame, lanes: Lane[], { state, words }: Drawn): SVGElement[] {
  const bottom = frame.height - FOOTER;
  const parts: SVGElement[] = [];
  const zero = state.zero ? Date.parse(state.zero) : null;
  const every = (frame.to - frame.from > 130 * MINUTE || frame.small ? 20 : 10) * MINUTE;
  const start = zero === null ? Math.ceil(frame.from / every) * every : zero - Math.floor((zero - frame.from) / every) * every;
  for (let at = start; at <= frame.to; at += every) {
    const x = frame.x(at);
    const minute = zero === null ? timeOfDay(at) : String(Math.round((at - zero) / MINUTE)).replace("-", "−");
    parts.push(s("line", { class: "grid", x1: x, x2: x, y1: HEADER, y2: bottom }));
    parts.push(s("text", { class: "ax", x, y: frame.height - 5, "text-anchor": "middle" }, minute));
  }
  for (const l of lanes) parts.push(s("line", { class: "lane", x1: 0, x2: frame.width, y1: l.top, y2: l.top }));
  parts.push(s("line", { class: "lane", x1: 0, x2: frame.width, y1: bottom, y2: bottom }));
  parts.push(s("text", { class: "ax", x: 12, y: frame.height - 5 }, zero === null ? words["time"] : words["minute"]));
  parts.push(s("text", { class: "un", x: frame.right + 14, y: 16 }, frame.small ? words["last"] : words["last-saved"]));
  return parts;
}

function dueLines(frame: Frame, lanes: Lane[], { state, now, words }: Drawn): SVGElement[] {
  const bottom = frame.height - FOOTER;
  const zero = state.zero ? Date.parse(state.zero) : null;
  const nowX = frame.x(now);
  const open = state.due.filter((d) => d.state === "upcoming" || d.state === "overdue");
  return open.flatMap((due) => {
    const at = Date.parse(due.due_at);
    const x = frame.x(at);
    if (at > frame.to || at < frame.from) return [];
    const parts: SVGElement[] = [s("line", { class: `due ${due.kind === "recheck" ? "a" : ""}`, x1: x, x2: x, y1: HEADER, y2: bottom })];
    const label = zero === null ? "" : `${words["due"]} ${Math.round((at - zero) / MINUTE)}`;
    if (due.kind === "readings" && x > nowX + 70 && !frame.small) parts.push(s("text", { class: "ax", x, y: 16, "text-anchor": "middle" }, label));
    for (const vital of TILES) {
      if (!due.take.includes(vital)) continue;
      parts.push(...inLane(lanes, vital, (l) => [s("circle", { class: "todo", cx: x, cy: l.top + l.height / 2, r: 6 })]));
    }
    return parts;
  });
}

const UNITS: Record<string, string> = { bp: "mmHg", "heart-rate": "/min", spo2: "%", forecast: "ng/mL" };

function labels(lanes: Lane[], { words, forecast }: Drawn): SVGElement[] {
  return lanes.flatMap((l) => {
    const middle = l.top + l.height / 2;
    const unit = UNITS[l.id];
    const label = (l.id === "forecast" && forecast?.substance) || (words[l.id] ?? l.id);
    if (!unit) return [s("text", { class: "lb", x: 12, y: middle + 5 }, label)];
    if (l.height < (l.id === "forecast" ? 40 : 50)) return [s("text", { class: "lb", x: 12, y: middle + 5 }, `${label} `, s("tspan", { class: "un" }, unit))];
    return [s("text", { class: "lb", x: 12, y: middle - 2 }, label), s("text", { class: "un", x: 12, y: middle + 14 }, unit)];
  });
}

type Point = [at: number, value: number];

function points(state: State, vital: Vital): Point[] {
  return state.readings.flatMap((r): Point[] => {
    const value = r.values[vital];
    return value === undefined ? [] : [[Date.parse(r.at), value]];
  });
}

function scale(l: Lane, low: number, high: number): (value: number) => number {
  const pad = Math.min(8, l.height * 0.18);
  return (value) => l.top + pad + (1 - (value - low) / (high - low || 1)) * (l.height - 2 * pad);
}

function line(frame: Frame, y: (v: number) => number, values: Point[], css: string, radius: number): SVGElement[] {
  const shown = values.filter(([at]) => at >= frame.from);
  const path = shown.map(([at, v]) => `${frame.x(at).toFixed(1)},${y(v).toFixed(1)}`).join(" ");
  return [
    s("polyline", { class: css, points: path }),
    ...shown.map(([at, v]) => s("circle", { class: "dot", cx: frame.x(at), cy: y(v), r: radius })),
  ];
}

function limitLines(frame: Frame, y: (v: number) => number, state: State, vitals: Vital[], low: number, high: number): SVGElement[] {
  return state.limits
    .filter((l) => vitals.includes(l.vital) && l.value > low && l.value < high)
    .flatMap((l) => [
      s("line", { class: "limit", x1: frame.left, x2: frame.right, y1: y(l.value), y2: y(l.value) }),
      s("text", { class: "ax", x: frame.right - 6, y: y(l.value) + (y(l.value) - y(high) < LINE ? LINE : -4), "text-anchor": "end" }, l.words),
    ]);
}

function unsentDots(frame: Frame, y: (v: number) => number, unsent: Unsent[], vital: Vital): SVGElement[] {
  return unsent.flatMap((u) => {
    const value = u.values[vital];
    return value === undefined ? [] : [s("circle", { class: "hollow uns", cx: frame.x(u.at), cy: y(value), r: 4.5 })];
  });
}

function pressure(frame: Frame, l: Lane, { state, unsent }: Drawn): SVGElement[] {
  const upper = points(state, "systolic");
  const lower = points(state, "diastolic");
  const all = [...upper, ...lower].map(([, v]) => v);
  const limits = state.limits.filter((x) => x.vital === "systolic").map((x) => x.value);
  const low = Math.min(60, ...all) - 5;
  const high = Math.max(160, ...all, ...(all.length ? limits : [])) + 5;
  const y = scale(l, low, high);
  const ticks = (l.height < ALL_TICKS ? [80, 160] : [80, 120, 160]).flatMap((v) => [
    s("line", { class: "grid", x1: frame.left, x2: frame.right, y1: y(v), y2: y(v) }),
    s("text", { class: "ax", x: frame.left - 6, y: y(v) + 4, "text-anchor": "end" }, String(v)),
  ]);
  const sticks = upper.flatMap(([at, v], n) => {
    const other = lower[n];
    return other && at >= frame.from ? [s("line", { class: "stick", x1: frame.x(at), x2: frame.x(at), y1: y(v), y2: y(other[1]) })] : [];
  });
  const last = upper.at(-1);
  const lastLow = lower.at(-1);
  const beyond = state.last.systolic?.beyond || state.last.diastolic?.beyond;
  const ring = last && lastLow && beyond ? [
    s("circle", { class: "ring", cx: frame.x(last[0]), cy: y(last[1]), r: 9 }),
    s("text", { class: "lb", x: frame.x(last[0]) - 14, y: Math.max(l.top + 16, y(last[1]) - 4), "text-anchor": "end" }, `${last[1]}/${lastLow[1]}`),
  ] : [];
  return [
    ...ticks,
    ...limitLines(frame, y, state, ["systolic"], low, high),
    ...sticks,
    ...line(frame, y, upper, "meas", 4),
    ...line(frame, y, lower, "meas", 4),
    ...unsentDots(frame, y, unsent, "systolic"),
    ...unsentDots(frame, y, unsent, "diastolic"),
    ...ring,
  ];
}

function curve(frame: Frame, l: Lane, { state, unsent }: Drawn, vital: "heart-rate" | "spo2"): SVGElement[] {
  const values = points(state, vital);
  const figures = values.map(([, v]) => v);
  const [low, high] = vital === "spo2"
    ? [Math.min(91, ...figures) - 1, 100]
    : [Math.min(60, ...figures) - 5, Math.max(100, ...figures) + 5];
  const y = scale(l, low, high);
  return [
    ...limitLines(frame, y, state, [vital], low, high),
    ...line(frame, y, values, "meas thin", 3.2),
    ...unsentDots(frame, y, unsent, vital),
  ];
}

function predicted(frame: Frame, l: Lane, { forecast, words }: Drawn): SVGElement[] {
  const fits = Math.floor((frame.right - frame.left - 16) / CHARACTER);
  const said = hasRoomForWords(frame.width, frame.height);
  const rows = Math.max(1, Math.floor((l.height - 6) / ROW));
  const about = (texts: string[], css = "un") => (said ? texts : []).flatMap((text) => wrapped(text, fits)).slice(0, rows).map((text, row) =>
    s("text", { class: row === 0 && forecast?.available ? "lb" : css, x: frame.left + 8, y: l.top + ROW * (row + 1) }, text));
  if (!forecast) return about([words["forecast-waiting"] ?? ""]);
  if (!forecast.available) return about([forecast.reason]);
  const shown = forecast.points.filter(([at]) => at >= frame.from && at <= frame.to);
  const top = Math.max(1, ...shown.map(([, , , high]) => high));
  const y = scale(l, 0, top * 1.1);
  const place = (at: number, v: number) => `${frame.x(at).toFixed(1)},${y(v).toFixed(1)}`;
  const band = [...shown.map(([at, , , high]) => place(at, high)), ...[...shown].reverse().map(([at, , low]) => place(at, low))];
  const typical = shown.flatMap(([at, v]) => (v === null ? [] : [place(at, v)]));
  return [
    s("polygon", { class: "band", points: band.join(" ") }),
    ...(typical.length ? [s("polyline", { class: "pred", points: typical.join(" ") })] : []),
    ...(l.height < 64 ? [] : [
      s("text", { class: "ax", x: frame.left - 6, y: y(0) + 2, "text-anchor": "end" }, "0"),
      s("text", { class: "ax", x: frame.left - 6, y: y(top) + 6, "text-anchor": "end" }, String(Math.round(top))),
    ]),
    ...about([forecast.model, forecast.about, forecast.band]),
  ];
}

/** Whether the lane of a plot of this size has room for words beside its curve; else they stand below the plot, or
 * where that is too low for them too, in the table. */
export function hasRoomForWords(width: number, height: number): boolean {
  return width >= NARROWEST && height >= LOWEST;
}

const NARROWEST = 560;
const LOWEST = 350;
const ROW = 15;
const CHARACTER = 6.4; // of the small text, on average

/** Whole words in rows of at most so many characters. */
export function wrapped(text: string, characters: number): string[] {
  const rows: string[] = [];
  for (const word of text.split(" ")) {
    const last = rows.at(-1);
    if (last !== undefined && last.length + 1 + word.length <= characters) rows[rows.length - 1] = `${last} ${word}`;
    else rows.push(word);
  }
  return rows;
}

function dose(frame: Frame, l: Lane, { state, now, words }: Drawn): SVGElement[] {
  const { dose: given } = state;
  if (!given.started_at || !given.ordered_mg) {
    return [s("text", { class: "un", x: frame.left + 8, y: l.top + l.height / 2 + 5 }, words["dose-not-started"])];
  }
  const start = frame.x(Date.parse(given.started_at));
  const end = given.ran_until ?? given.ends_at;
  const until = frame.x(end ? Date.parse(end) : now);
  const height = Math.min(22, l.height - 6);
  const top = l.top + (l.height - height) / 2;
  const width = Math.max(6, until - start);
  const share = Math.min(1, Number(given.given_mg) / Number(given.ordered_mg));
  const filled = given.delivery === "running" ? Math.min(width, Math.max(2, frame.x(now) - start)) : width;
  const text = `${given.given_mg} mg ${words["given"]}`;
  const place = doseWords(text, given.rate, { start, until, filled, right: frame.right });
  return [
    s("rect", { class: "dosebg", x: start, y: top, width, height, rx: 4 }),
    s("rect", { class: "dosefg", x: start, y: top, width: given.delivery === "stopped" ? width * Math.max(share, 0.02) : filled, height, rx: 4 }),
    ...(place.text === null ? [] : [s("text", { class: place.onFill ? "onfill" : "lb", x: place.text, y: top + height / 2 + 5 }, text)]),
    ...(place.rate === null ? [] : [s("text", { class: "un", x: place.rate, y: top + height / 2 + 5 }, given.rate)]),
  ];
}

interface Bar {
  start: number;
  until: number;
  filled: number;
  right: number; // where the lane ends
}

/** Where the bar's words stand: on what is given, else in the rest of the bar, else behind it; null where they fit nowhere. */
export function doseWords(text: string, rate: string, { start, until, filled, right }: Bar): { text: number | null; onFill: boolean; rate: number | null } {
  const [long, short] = [text.length * 8, rate.length * 7];
  const onFill = filled > text.length * 7;
  const empty = start + filled + 9;
  const found = onFill ? start + 9 : empty + long < until ? empty : until + 10 + long < right ? until + 10 : null;
  const behind = found !== null && found > until ? found + long + 8 : until + 10;
  const inBar = onFill ? empty : empty + long + 8;
  const rateAt = behind + short < right ? behind : inBar + short < until ? until - short - 6 : null;
  return { text: found, onFill, rate: rate === "" || found === null ? null : rateAt };
}

function tiles(frame: Frame, l: Lane, { state, unsent, words }: Drawn, vital: Vital): SVGElement[] {
  const size = Math.min(24, l.height - 3);
  const middle = l.top + l.height / 2;
  const tile = (at: number, text: string, css: string) => at < frame.from ? [] : [
    s("rect", { class: `mk ${css}`, x: frame.x(at) - 12, y: middle - size / 2, width: 24, height: size, rx: 6 }),
    s("text", { class: "mkt", x: frame.x(at), y: middle + 5 }, text),
  ];
  const saved = state.readings.flatMap((r) => {
    const value = r.values[vital];
    if (value !== undefined) return tile(Date.parse(r.at), String(value), "");
    return r.not_asked.includes(vital) ? tile(Date.parse(r.at), "–", "") : [];
  });
  const waiting = unsent.flatMap((u) => {
    const value = u.values[vital];
    return value === undefined ? [] : [
      ...tile(u.at, String(value), "uns"),
      s("text", { class: "un", x: frame.x(u.at) + 16, y: middle + 4 }, words["unsent"]),
    ];
  });
  return [...saved, ...waiting];
}

const NOTED = new Set(["note-written", "drug-given", "sign-seen", "added"]);

function notes(frame: Frame, l: Lane, { state }: Drawn): SVGElement[] {
  const middle = l.top + l.height / 2;
  const shown = state.lines.filter((line_) => NOTED.has(line_.kind) && line_.status === "applied").reverse();
  const parts = shown.flatMap((line_, n) => {
    const x = frame.x(Math.max(frame.from, Date.parse(line_.at)));
    return [
      s("circle", { class: "note", cx: x, cy: middle, r: Math.min(10, l.height / 2 - 1) }),
      s("text", { class: "notet", x, y: middle + 4.5 }, String(n + 1)),
    ];
  });
  const last = shown.at(-1);
  if (!last || frame.small) return parts;
  const x = frame.x(Math.max(frame.from, Date.parse(last.at))) + 16;
  const fits = Math.max(0, Math.floor((frame.right - x) / 6.6));
  const text = `${last.author}: ${last.text}`;
  parts.push(s("text", { x, y: middle + 4.5 }, text.length > fits ? `${text.slice(0, Math.max(0, fits - 1))}…` : text));
  return parts;
}

function future(frame: Frame, now: number): SVGElement {
  const x = frame.x(now);
  return s("rect", { class: "future", x, y: HEADER, width: Math.max(0, frame.right - x), height: frame.height - HEADER - FOOTER });
}

function nowLine(frame: Frame, { state, now, words }: Drawn): SVGElement[] {
  const x = frame.x(now);
  const label = `${words["now"]} ${state.zero ? sessionMinute(now, Date.parse(state.zero)) : timeOfDay(now)}`;
  const width = label.length * 7.4 + 12;
  return [
    s("line", { class: "now", x1: x, x2: x, y1: HEADER - 2, y2: frame.height - FOOTER }),
    s("rect", { class: "nowb", x: x - width + 1, y: 4, width, height: 18, rx: 5 }),
    s("text", { class: "onfill", x: x - width / 2 + 1, y: 17.5, "text-anchor": "middle" }, label),
  ];
}

function lastSaved(frame: Frame, lanes: Lane[], { state, forecast, now, words }: Drawn): SVGElement[] {
  const x = frame.right + 14;
  const { systolic, diastolic } = state.last;
  const parts: SVGElement[] = [s("line", { class: "lane", x1: frame.right + 4, x2: frame.right + 4, y1: HEADER, y2: frame.height - FOOTER })];
  const beyond = systolic?.beyond || diastolic?.beyond;
  const put = (id: string, draw: (at: number, height: number) => SVGElement[]) =>
    parts.push(...inLane(lanes, id, (l) => draw(l.top + l.height / 2 + 7, l.height)));
  if (systolic && diastolic) {
    const ago = `${Math.max(0, Math.floor((now - Date.parse(systolic.at)) / MINUTE))} ${words["min-ago"]}`;
    const limit = `▲ ${frame.small ? words["limit"] : words["beyond"]}`;
    put("bp", (at, height) => {
      const figure = s("text", { class: "val big", x, y: at - 8 }, `${systolic.value}/${diastolic.value}`);
      if (height < LINES_OF_PRESSURE) return [figure, s("text", { class: beyond ? "warn" : "un", x, y: at + 8 }, beyond ? limit : ago)];
      return [figure, s("text", { class: "un", x, y: at + 10 }, ago), ...(beyond ? [s("text", { class: "warn", x, y: at + 26 }, limit)] : [])];
    });
  }
  const figure = (id: string, text: string, unit: string, css = "val") =>
    put(id, (at, height) => [s("text", { class: height < HIGH_FIGURE ? `${css} m` : css, x, y: at }, text, s("tspan", { class: "un", dx: 4 }, unit))]);
  if (state.last["heart-rate"]) figure("heart-rate", String(state.last["heart-rate"].value), "/min");
  if (state.last.spo2) figure("spo2", `${state.last.spo2.beyond ? "▲ " : ""}${state.last.spo2.value}`, "%");
  const predictedNow = nearest(forecast, now);
  if (predictedNow) {
    const span = interval(predictedNow);
    if (predictedNow[1] === null) figure("forecast", span, "", "val p span");
    else figure("forecast", String(Math.round(predictedNow[1])), frame.small ? "" : span, "val p");
    if (predictedNow[1] !== null && frame.small) put("forecast", (at) => [s("text", { class: "un", x, y: at - 17 }, span)]);
    const said = frame.small ? words["predicted"] : words["predicted-now"];
    put("forecast", (at, height) => (height < LINES_OF_FORECAST ? [] : [s("text", { class: "un", x, y: at + 17 }, said)]));
  }
  if (state.dose.started_at && state.dose.ordered_mg) figure("dose", state.dose.given_mg, frame.small ? "" : `${words["of"]} ${state.dose.ordered_mg} mg`, "val m");
  if (state.last.moaas) figure("moaas", String(state.last.moaas.value), `${words["of"]} 5`, "val m");
  if (state.last.dissociation) figure("dissociation", String(state.last.dissociation.value), `${words["of"]} 10`, "val m");
  const count = state.lines.filter((l) => NOTED.has(l.kind) && l.status === "applied").length;
  put("notes", (at) => [s("text", { class: "un", x, y: at - 2 }, `${count} ${words["in-all"]}`)]);
  return parts;
}

/** The band of a predicted moment: 5 to 95 of 100 people. */
export function interval([, , low, high]: Forecast["points"][number]): string {
  return `${Math.round(low)}–${Math.round(high)}`;
}

/** The predicted figure at a moment: the nearest computed one; none outside what was computed. */
export function nearest(forecast: Forecast | null, at: number): Forecast["points"][number] | null {
  if (!forecast?.available) return null;
  let best: Forecast["points"][number] | null = null;
  for (const point of forecast.points) if (!best || Math.abs(point[0] - at) < Math.abs(best[0] - at)) best = point;
  return best && Math.abs(best[0] - at) <= 5 * MINUTE ? best : null;
}
