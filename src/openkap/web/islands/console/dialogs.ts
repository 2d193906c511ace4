// Short forms over the console: one question, one answer, nothing lost when it is closed.
import { h } from "./dom";

export interface Field {
  name: string;
  label: string;
  kind: "text" | "number" | "area" | "choice" | "several" | "yes-no";
  options?: { value: string; words: string }[];
  required?: boolean;
  step?: string;
  value?: string;
  hint?: string;
}

export interface Question {
  title: string;
  text?: string;
  facts?: string[];
  fields?: Field[];
  save: string;
  cancel: string;
  danger?: boolean;
}

export type Answers = Record<string, string | string[]>;

function choices(field: Field, several: boolean): HTMLElement {
  const type = several ? "checkbox" : "radio";
  return h(
    "fieldset", { class: `ask-choices ${field.kind === "yes-no" ? "beside" : ""}` }, h("legend", {}, field.label),
    ...(field.options ?? []).map((o) =>
      h("label", { class: "pick" }, h("input", { type, name: field.name, value: o.value, required: !several && field.required, checked: field.value === o.value }), h("span", {}, o.words)),
    ),
  );
}

function control(field: Field): HTMLElement {
  if (field.kind === "choice" || field.kind === "several" || field.kind === "yes-no") return choices(field, field.kind === "several");
  const shared = { class: "form-control", id: `ask-${field.name}`, name: field.name, required: field.required, value: field.value, autocomplete: "off" };
  const input =
    field.kind === "area"
      ? h("textarea", { ...shared, value: null, rows: 3, maxlength: 2000 }, field.value)
      : h("input", { ...shared, type: "text", maxlength: 200, inputmode: field.kind === "number" ? "decimal" : "text" });
  return h("div", { class: "ask-field" }, h("label", { class: "form-label", for: `ask-${field.name}` }, field.label), input, field.hint && h("p", { class: "form-hint" }, field.hint));
}

function read(form: HTMLFormElement, fields: Field[]): Answers {
  const data = new FormData(form);
  const answers: Answers = {};
  for (const field of fields) {
    answers[field.name] = field.kind === "several" ? data.getAll(field.name).map(String) : String(data.get(field.name) ?? "").trim();
  }
  return answers;
}

/** Asks over the page. Resolves to the answers, or null when it was closed. */
export function ask(question: Question): Promise<Answers | null> {
  return new Promise((resolve) => {
    let answers: Answers | null = null;
    const form = h(
      "form", { method: "dialog" },
      h("h2", { id: "ask-title" }, question.title),
      question.text && h("p", {}, question.text),
      question.facts && h("ul", { class: "ask-facts" }, ...question.facts.map((fact) => h("li", {}, fact))),
      ...(question.fields ?? []).map(control),
      h(
        "div", { class: "foot" },
        h("button", { type: "button", class: "btn", onclick: () => dialog.close() }, question.cancel),
        h("button", { type: "submit", class: question.danger ? "btn stop" : "btn primary" }, question.save),
      ),
    );
    form.addEventListener("submit", () => (answers = read(form, question.fields ?? [])));
    const dialog = h("dialog", { class: "dialog ask", "aria-labelledby": "ask-title" }, form);
    dialog.addEventListener("close", () => {
      dialog.remove();
      resolve(answers);
    });
    document.body.append(dialog);
    dialog.showModal();
  });
}
