/** What a person chose, and what is shown for it. */
export type Choice = "system" | "light" | "dark";

export function choiceOf(text: string | undefined): Choice {
  return text === "light" || text === "dark" ? text : "system";
}

export function applied(choice: Choice, systemIsDark: boolean): "light" | "dark" {
  if (choice === "system") return systemIsDark ? "dark" : "light";
  return choice;
}

/** The cookie that remembers a choice for a year; 'system' forgets it. */
export function cookieFor(choice: Choice, secure: boolean): string {
  const age = choice === "system" ? 0 : 365 * 24 * 3600;
  return `theme=${choice}; path=/; max-age=${age}; samesite=lax${secure ? "; secure" : ""}`;
}
