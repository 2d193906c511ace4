/** What to do with the alerts that wait now: which were not heard yet, and whether the tone sounds again. */
export interface Waiting {
  ids: string[];
  naming: boolean; // one of them names whoever sits here
}

export interface Heard {
  ids: string[];
  at: number; // milliseconds; when the tone sounded last
}

export const AGAIN_AFTER = 60_000;

/** Whether the tone sounds now: for what is new, and every minute while an alert names the person here. */
export function sounds(waiting: Waiting, heard: Heard, now: number): boolean {
  if (waiting.ids.length === 0) return false;
  const isNew = waiting.ids.some((id) => !heard.ids.includes(id));
  return isNew || (waiting.naming && now - heard.at >= AGAIN_AFTER);
}

/** The page's title with how many alerts wait, so that another tab shows it, too. */
export function titled(title: string, count: number): string {
  const bare = title.replace(/^\(\d+!\) /, "");
  return count > 0 ? `(${count}!) ${bare}` : bare;
}
