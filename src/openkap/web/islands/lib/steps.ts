/** One question as the steps see it. */
export interface Step {
  hidden: boolean; // ruled out by an answer before it, or not decided yet
  answered: boolean;
  mayLeaveOut: boolean;
}

/** The place of the next question that is put, after `place`; null at the end. */
export function nextStep(steps: readonly Step[], place: number): number | null {
  const found = steps.findIndex((step, index) => index > place && !step.hidden);
  return found === -1 ? null : found;
}

/** The place of the one before; null at the beginning. */
export function stepBefore(steps: readonly Step[], place: number): number | null {
  for (let index = place - 1; index >= 0; index -= 1) if (!steps[index]?.hidden) return index;
  return null;
}

/** Where to begin or go on: the first question without an answer, or the last one. */
export function firstOpen(steps: readonly Step[]): number {
  const found = steps.findIndex((step) => !step.hidden && !step.answered && !step.mayLeaveOut);
  if (found !== -1) return found;
  return Math.max(0, steps.findLastIndex((step) => !step.hidden));
}

/** 'Question 3 of 9', counted among those that are put. */
export function countOf(steps: readonly Step[], place: number): { number: number; count: number } {
  const shown = steps.map((step, index) => ({ step, index })).filter(({ step }) => !step.hidden);
  return { number: shown.findIndex(({ index }) => index === place) + 1, count: shown.length };
}

/** Whether a question may be passed as it stands. */
export function mayPass(step: Step | undefined): boolean {
  return step === undefined || step.answered || step.mayLeaveOut;
}

/** An answer as it bears on danger: '0' says no, REFUSED says nothing, null is no answer yet. */
export interface Said {
  danger: boolean; // whether the question asks about suicide or self-harm
  value: string | null;
}

/** Which words about help belong there: for who said so, for who would rather not say, or none. */
export function concernOf(said: readonly Said[]): "" | "unsaid" | "said" {
  const asked = said.filter((one) => one.danger && one.value !== null && one.value !== "0");
  if (asked.some((one) => one.value !== "REFUSED")) return "said";
  return asked.length > 0 ? "unsaid" : "";
}
