// What the server sends (apps/dosing/wire.py). Times are absolute; words are in the viewer's language.
export type Vital =
  | "systolic" | "diastolic" | "heart-rate" | "spo2" | "respiration"
  | "moaas" | "dissociation" | "nausea" | "pain" | "anxiety" | "weight";

export interface Due {
  id: string;
  kind: "readings" | "recheck" | "dose-end" | "leave";
  words: string;
  due_at: string;
  state: "upcoming" | "overdue" | "done" | "missed";
  take: Vital[];
}

export interface Crossed {
  limit: string;
  urgency: "emergency" | "stop" | "pause" | "recheck";
  title: string;
  step: string;
  owner: string;
  if_missed: string;
  opened_at: string;
  due_at: string;
  closed_by: "reading" | "check";
  signed_off: boolean;
}

export interface Item {
  id: string;
  words: string;
  standing: "missing" | "unknown" | "too-early" | "met";
  standing_words: string;
  value: string;
  who: string;
  at: string | null;
  action: string;
  place: string; // the page where it is seen to, or ""
}

export interface Reading {
  at: string;
  values: Partial<Record<Vital, number>>;
  not_asked: Vital[];
}

export interface Line {
  id: string;
  seq: number;
  at: string;
  minute: string;
  author: string;
  kind: string;
  words: string;
  text: string;
  status: "applied" | "rejected" | "corrected";
  reason: string;
}

export interface Limit {
  vital: Vital;
  value: number;
  words: string;
}

export interface Range {
  least: number;
  most: number;
  step: number;
  unit: string;
  words: string;
}

export interface State {
  seq: number;
  now: string;
  phase: { id: string; words: string; index: number; of: number; then: string; then_at: string | null };
  zero: string | null;
  arrived_at: string | null;
  dose: {
    delivery: "none" | "running" | "paused" | "stopped" | "ended";
    ordered_mg: string | null;
    given_mg: string;
    rate: string;
    started_at: string | null;
    ends_at: string | null;
    over_at: string | null;
    ran_until: string | null; // when the last of it went in, once the dose is over
    can_pause: boolean;
  };
  order: { amount: string; way: string; detail: string; pump: string };
  due: Due[];
  crossed: Crossed[];
  to_start: { ready: boolean; items: Item[]; words: string };
  to_leave: { ready: boolean; items: Item[]; words: string };
  readings: Reading[];
  last: Partial<Record<Vital, { value: number; at: string; beyond: boolean }>>;
  lines: Line[];
  limits: Limit[];
  entry: Partial<Record<Vital, Range>>;
  signs: { id: string; words: string }[];
  ended: boolean;
  signed: string;
  next: string[];
  forecast_key: string;
}

export interface Neighbour {
  id: string;
  url: string;
  chair: string;
  name: string;
  phase: string;
  zero: string | null;
  next: string;
  due_at: string | null;
  alert: string;
}

export interface Forecast {
  available: boolean;
  reason: string;
  model: string;
  substance: string;
  about: string;
  unit: string;
  band: string;
  notes: string[];
  points: [at: number, typical: number | null, low: number, high: number][]; // milliseconds since 1970; no typical on an assumed route
}

export interface Config {
  session: string;
  author: string;
  author_name: string;
  patient: string;
  chair: string;
  may_record: boolean;
  may_decide: boolean;
  urls: { events: string; stream: string; state: string; forecast: string; report: string };
  state: State;
  neighbours: Neighbour[];
  words: Record<string, string>;
  icons: Record<string, string>;
}
