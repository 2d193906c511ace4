// The dock: choose values, then Save, which names the patient, the chair and what will be stored.
import { byId, h, icon } from "./dom";
import { EMPTY, choose, faults, isEmpty, notAsked, payloadOf, summary, type, type Draft } from "./draft";
import type { Config, State, Vital } from "./types";

const TYPED: Vital[] = ["systolic", "diastolic", "heart-rate", "spo2"];
const SCORES: Vital[] = ["nausea", "anxiety", "pain"];

export class Dock {
  private draft: Draft = EMPTY;
  private readonly inputs = new Map<Vital, HTMLInputElement>();
  private readonly keys: { vital: Vital; value: number; button: HTMLButtonElement }[] = [];
  private readonly skips: { vital: Vital; button: HTMLButtonElement }[] = [];
  private readonly selects = new Map<Vital, HTMLSelectElement>();
  private readonly save: HTMLButtonElement;
  private readonly said: HTMLSpanElement;
  private readonly air: HTMLInputElement;
  private open = true;

  constructor(
    private readonly config: Config,
    private state: State,
    private readonly store: (payload: Record<string, unknown>) => void,
    private readonly act: (name: string) => void,
  ) {
    const { words } = config;
    this.said = h("span", { class: "w" });
    this.save = h(
      "button", { type: "button", class: "save", onclick: () => this.saveNow() },
      h("b", {}, words["save"]),
      h("span", { class: "p" }, (words["for-person"] ?? "").replace("%(name)s", config.patient).replace("%(chair)s", config.chair)),
      this.said,
    );
    this.air = h("input", { type: "checkbox", checked: true, onchange: () => this.set({ ...this.draft, roomAir: this.air.checked }) });
    byId("dock").replaceChildren(this.readings(), this.tile("moaas", "alert-5", 3, [5, 4, 3, 2, 1, 0], false), this.tile("dissociation", "none-most", 6, [0, 1, 2, 3, 4, 5, 6, 7, 8, 9, 10], true), this.also(), this.save);
    this.show();
  }

  /** Takes the new state: what can be entered, and whether anything can be. */
  update(state: State): void {
    this.state = state;
    this.open = this.config.may_record && !state.ended;
    for (const vital of TYPED) {
      const range = state.entry[vital];
      const input = this.inputs.get(vital);
      if (range && input) input.title = `${range.least}–${range.most} ${range.unit}`;
    }
    this.show();
  }

  /** Puts the cursor where a reading is typed. */
  focus(): void {
    this.inputs.get("systolic")?.focus();
  }

  private readings(): HTMLElement {
    const { words } = this.config;
    const field = (vital: Vital, label: string, unit: string) => {
      const input = h("input", { type: "text", "aria-label": words[vital], inputmode: "numeric", maxlength: 5, autocomplete: "off", id: `read-${vital}`, oninput: () => this.set(type(this.draft, vital, input.value)) });
      input.addEventListener("keydown", (event) => {
        if (event.key === "Enter") this.saveNow();
      });
      this.inputs.set(vital, input);
      return h("label", { class: "reading", for: `read-${vital}` }, h("small", {}, label, h("span", { class: "u" }, unit)), input);
    };
    return h(
      "div", { class: "tile" },
      h("h2", {}, words["readings"], h("span", { class: "opt" }, words["monitor-first"])),
      h("div", { class: "fields" }, field("systolic", words["sys"] ?? "", "mmHg"), field("diastolic", words["dia"] ?? "", "mmHg"), field("heart-rate", words["heart-rate"] ?? "", "/min"), field("spo2", words["spo2"] ?? "", "%")),
      h("label", { class: "air" }, this.air, h("span", {}, words["room-air"])),
    );
  }

  private tile(vital: Vital, hint: string, columns: number, values: number[], skip: boolean): HTMLElement {
    const { words } = this.config;
    const buttons = values.map((value) => {
      const button = h("button", { type: "button", class: "key", "aria-pressed": "false", "aria-label": `${words[vital]} ${value}`, onclick: () => this.set(choose(this.draft, vital, value)) }, String(value));
      this.keys.push({ vital, value, button });
      return button;
    });
    if (skip) {
      const button = h("button", { type: "button", class: "key txt", "aria-pressed": "false", onclick: () => this.set(notAsked(this.draft, vital)) }, words["not-asked"]);
      this.skips.push({ vital, button });
      buttons.push(button);
    }
    return h("div", { class: "tile" }, h("h2", {}, words[vital], h("span", { class: "opt" }, words[hint])), h("div", { class: `keys k${columns}`, role: "group", "aria-label": words[vital] }, ...buttons));
  }

  private also(): HTMLElement {
    const { words } = this.config;
    const scores = SCORES.map((vital) => {
      const select = h("select", { "aria-label": (words["score"] ?? "").replace("%(what)s", words[vital] ?? vital), onchange: () => this.set(type(this.draft, vital, select.value)) }, h("option", { value: "" }, words[vital]), ...Array.from({ length: 11 }, (_, n) => h("option", { value: n }, `${words[vital]} ${n}`)));
      this.selects.set(vital, select);
      return select;
    });
    const button = (name: string, drawing: string) => h("button", { type: "button", class: "key txt", onclick: () => this.act(name) }, icon(drawing), words[name]);
    return h("div", { class: "tile" }, h("h2", {}, words["also"], h("span", { class: "opt" }, words["kept-with-minute"])), h("div", { class: "keys k3 also" }, ...scores, button("note", "note"), button("drug", "pill"), button("event", "flag")));
  }

  private set(draft: Draft): void {
    this.draft = draft;
    this.show();
  }

  private show(): void {
    const { words } = this.config;
    const wrong = faults(this.draft, this.state.entry);
    for (const { vital, value, button } of this.keys) button.setAttribute("aria-pressed", String(this.draft.values[vital] === value));
    for (const { vital, button } of this.skips) button.setAttribute("aria-pressed", String(this.draft.notAsked.includes(vital)));
    for (const [vital, input] of this.inputs) input.setAttribute("aria-invalid", String(wrong.includes(vital) && input.value !== ""));
    const lines = isEmpty(this.draft) ? [words["nothing-chosen"] ?? ""] : summary(this.draft, words);
    const faulty = wrong.map((vital) => `${words[vital] ?? vital}: ${words["cannot-be-right"]}`);
    this.said.replaceChildren(...[...lines, ...faulty].map((text) => h("span", {}, text)));
    this.save.disabled = !this.open || isEmpty(this.draft) || wrong.length > 0;
  }

  private saveNow(): void {
    if (this.save.disabled) return;
    this.store(payloadOf(this.draft));
    for (const input of this.inputs.values()) input.value = "";
    for (const select of this.selects.values()) select.value = "";
    this.set({ ...EMPTY, roomAir: this.draft.roomAir });
  }
}
