// A questionnaire whose questions are all on the page: one after the other, or as a list, without waiting for the line.
import { concernOf, countOf, firstOpen, mayPass, nextStep, stepBefore, type Step } from "../lib/steps";
import type { Kept } from "./keeping";
import type { Merged } from "./sending";

const WAIT_FOR_THE_LINE = 8000; // milliseconds before saying that it has to wait
const AS_LIST = "openkap-list";

class Steps {
  private place: number;
  private list = false;
  private readonly fieldsets: HTMLFieldSetElement[];
  private readonly cards = [...document.querySelectorAll<HTMLElement>("[data-help-card]")];
  private readonly helped = new Set<string>();

  constructor(private readonly form: HTMLFormElement, private readonly kept: Kept) {
    this.fieldsets = [...form.querySelectorAll<HTMLFieldSetElement>("fieldset[data-question]")];
    this.place = this.fromAddress() ?? firstOpen(this.steps());
    form.addEventListener("submit", (event) => void this.next(event), { capture: true });
    form.addEventListener("change", (event) => this.answered(event));
    form.addEventListener("openkap:told", (event) => this.told((event as CustomEvent<Merged & { news: string[] }>).detail));
    document.querySelector("[data-step-back]")?.addEventListener("click", (event) => this.back(event));
    document.querySelector("[data-step-toggle]")?.addEventListener("click", () => this.toggle());
    addEventListener("popstate", () => this.goTo(this.fromAddress() ?? this.place, false));
    document.querySelector("[data-step-way]")?.removeAttribute("hidden");
    history.replaceState(null, "", this.addressOf(this.place));
    this.draw();
  }

  private steps(): Step[] {
    return this.fieldsets.map((fieldset) => ({
      hidden: fieldset.disabled || fieldset.dataset["open"] !== undefined,
      answered: fieldset.querySelector("input:checked") !== null,
      mayLeaveOut: fieldset.dataset["mayLeaveOut"] !== undefined,
    }));
  }

  private fromAddress(): number | null {
    const name = decodeURIComponent(location.hash.slice(1));
    const found = this.fieldsets.findIndex((fieldset) => fieldset.dataset["question"] === name);
    return found === -1 || this.steps()[found]?.hidden ? null : found;
  }

  private addressOf(place: number): string {
    return `#${encodeURIComponent(this.fieldsets[place]?.dataset["question"] ?? "")}`;
  }

  private draw(): void {
    const steps = this.steps();
    this.fieldsets.forEach((fieldset, index) => {
      fieldset.hidden = steps[index]?.hidden === true || (!this.list && index !== this.place);
    });
    const progress = document.querySelector<HTMLElement>("[data-step-progress]");
    if (progress) progress.hidden = this.list;
    const { number, count } = countOf(steps, this.place);
    const bar = progress?.querySelector("progress");
    if (bar) Object.assign(bar, { value: number, max: count });
    const words = progress?.querySelector<HTMLElement>("[data-step-count]");
    if (words) words.textContent = (words.dataset["words"] ?? "").replace("%(number)s", `${number}`).replace("%(count)s", `${count}`);
  }

  private goTo(place: number, asks = true): void {
    this.complain(false);
    this.place = place;
    if (asks) history.pushState(null, "", this.addressOf(place));
    this.draw();
    const heading = this.fieldsets[place]?.querySelector<HTMLElement>(".question-text");
    (this.cards.find((card) => !card.hidden) ?? heading)?.focus();
    document.getElementById("content")?.scrollTo(0, 0);
    scrollTo(0, 0);
  }

  private async next(event: Event): Promise<void> {
    event.preventDefault();
    event.stopImmediatePropagation();
    const here = this.fieldsets[this.place];
    if (!this.list && !mayPass(this.steps()[this.place])) return this.complain(true);
    this.showHelp(this.list ? this.fieldsets : here ? [here] : []);
    if (this.fieldsets.some((fieldset) => fieldset.dataset["open"] !== undefined)) await this.settled();
    const place = this.list ? null : nextStep(this.steps(), this.place);
    if (place !== null) return this.goTo(place);
    if ((await this.settled()) === "kept") location.assign(this.form.dataset["steps"] ?? "");
  }

  /** What is not with the server yet keeps the patient here, and the page says why. */
  private async settled(): Promise<string> {
    const button = this.form.querySelector<HTMLButtonElement>("[data-step-next]");
    button?.setAttribute("aria-busy", "true");
    const late = new Promise<string>((resolve) => setTimeout(() => resolve("waiting"), WAIT_FOR_THE_LINE));
    const state = await Promise.race([this.kept.settled(), late]);
    button?.removeAttribute("aria-busy");
    return state;
  }

  private back(event: Event): void {
    const place = this.list ? null : stepBefore(this.steps(), this.place);
    if (place === null) return; // the link leads out
    event.preventDefault();
    for (const card of this.cards) card.hidden = true;
    this.goTo(place);
  }

  private toggle(): void {
    this.list = !this.list;
    const button = document.querySelector<HTMLElement>("[data-step-toggle]");
    if (button) button.textContent = button.dataset[this.list ? "stepsWords" : "list"] ?? "";
    this.form.toggleAttribute(`data-${AS_LIST}`, this.list);
    this.form.before(...this.cards);
    this.draw();
  }

  private answered(event: Event): void {
    this.complain(false);
    const fieldset = (event.target as Element).closest<HTMLFieldSetElement>("fieldset[data-question]");
    fieldset?.querySelector("[data-elsewhere]")?.setAttribute("hidden", "");
    if (!fieldset || !this.list || fieldset.dataset["danger"] === undefined) return;
    this.showHelp([fieldset]);
    fieldset.after(...this.cards); // in a long list the top of the page is out of sight
  }

  /** Help that there is now comes with the very next thing shown, line or no line; after the first time in short. */
  private showHelp(fieldsets: HTMLFieldSetElement[]): void {
    const concern = concernOf(
      fieldsets.map((fieldset) => ({
        danger: fieldset.dataset["danger"] !== undefined,
        value: fieldset.querySelector<HTMLInputElement>("input:checked")?.value ?? null,
      })),
    );
    for (const card of this.cards) {
      card.hidden = card.dataset["helpCard"] !== concern;
      card.toggleAttribute("data-again", this.helped.has(concern));
    }
    this.helped.add(concern);
  }

  private complain(on: boolean): void {
    const line = this.form.querySelector<HTMLElement>("[data-step-mistake]");
    if (line) line.hidden = !on;
  }

  /** What the server says: which questions are put, and what another device answered. */
  private told(told: Merged & { news: string[] }): void {
    const asked = new Set(told.asked ?? []);
    const open = new Set(told.open ?? []);
    for (const fieldset of this.fieldsets) {
      const name = fieldset.dataset["question"] ?? "";
      fieldset.disabled = !asked.has(name);
      fieldset.toggleAttribute("data-open", open.has(name));
      const other = told.elsewhere?.[name];
      if (other) this.sayElsewhere(fieldset, "words", other);
      else if (told.news.includes(name)) this.sayElsewhere(fieldset, "news", null);
    }
    if (this.steps()[this.place]?.hidden) this.place = firstOpen(this.steps());
    this.draw();
  }

  private sayElsewhere(fieldset: HTMLFieldSetElement, kind: "words" | "news", other: { value: string; words: string } | null): void {
    const note = fieldset.querySelector<HTMLElement>("[data-elsewhere]");
    const text = note?.querySelector("[data-text]");
    const take = note?.querySelector<HTMLButtonElement>("[data-take]");
    if (!note || !text || !take) return;
    text.textContent = (note.dataset[kind] ?? "").replace("%(words)s", other?.words ?? "");
    note.hidden = false;
    take.hidden = other === null;
    if (!fieldset.hidden) note.scrollIntoView({ block: "nearest" });
    take.onclick = () => {
      const wanted = [...fieldset.querySelectorAll<HTMLInputElement>("input[type=radio]")].find((one) => one.value === other?.value);
      if (!wanted) return;
      wanted.checked = true;
      wanted.dispatchEvent(new Event("change", { bubbles: true }));
    };
  }
}

export function startSteps(kept: Kept[]): void {
  for (const one of kept) if (one.form.dataset["steps"] !== undefined) new Steps(one.form, one);
  for (const field of document.querySelectorAll<HTMLInputElement>("input[data-with-script]")) field.disabled = false;
}
