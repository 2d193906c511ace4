/** What is needed of a radio button; an HTMLInputElement has it. */
export interface Radio {
  value: string;
  checked: boolean;
}

/** One question: its answers in order. */
export interface Question<R extends Radio = HTMLInputElement> {
  radios: R[];
}

/** The answer whose value is the digit of the key; none for other keys and for values that are not offered. */
export function answerFor<R extends Radio>(question: Question<R>, key: string): R | undefined {
  if (!/^[0-9]$/.test(key)) return undefined;
  return question.radios.find((radio) => radio.value === key);
}

/** Where the focus goes after an answer: the chosen, else the first answer of the next question. */
export function nextQuestion<R extends Radio>(questions: Question<R>[], index: number): R | undefined {
  const next = questions[index + 1];
  return next?.radios.find((radio) => radio.checked) ?? next?.radios[0];
}
