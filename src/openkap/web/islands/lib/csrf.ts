/** The page's CSRF token, as the server wrote it into <meta name="csrf-token">. */
export function csrfToken(page: Document = document): string {
  return page.querySelector<HTMLMetaElement>('meta[name="csrf-token"]')?.content ?? "";
}

export const CSRF_HEADER = "X-CSRFToken";

/** Whether a request may carry the token: to our own origin only. */
export function isOwnOrigin(address: string, here: string): boolean {
  return new URL(address, here).origin === new URL(here).origin;
}
