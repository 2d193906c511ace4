// Questionnaires at the keyboard: a digit chooses the answer of that value and goes on to the next question.
import { answerFor, nextQuestion, type Question } from "./lib/questions";

function questionsOf(form: HTMLFormElement): Question[] {
  return [...form.querySelectorAll("fieldset")].map((fieldset) => ({
    radios: [...fieldset.querySelectorAll<HTMLInputElement>("input[type=radio]")],
  }));
}

function start(form: HTMLFormElement): void {
  form.addEventListener("keydown", (event) => {
    if (event.ctrlKey || event.metaKey || event.altKey) return;
    const focused = event.target;
    if (!(focused instanceof HTMLInputElement) || focused.type !== "radio") return;
    const questions = questionsOf(form);
    const index = questions.findIndex((question) => question.radios.includes(focused));
    const question = questions[index];
    const chosen = question && answerFor(question, event.key);
    if (!chosen) return;
    event.preventDefault();
    chosen.checked = true;
    chosen.dispatchEvent(new Event("change", { bubbles: true }));
    (nextQuestion(questions, index) ?? chosen).focus();
  });
}

document.querySelectorAll<HTMLFormElement>("form[data-questions]").forEach(start);
