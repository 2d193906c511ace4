// Requests made by htmx: the CSRF header, and what happens when the server refuses.
import { CSRF_HEADER, csrfToken, isOwnOrigin } from "../lib/csrf";
import { toast } from "./toasts";

interface Htmx {
  config: { responseHandling: unknown[] };
}

interface ConfigRequest {
  path: string;
  headers: Record<string, string>;
}

interface AfterRequest {
  xhr: XMLHttpRequest;
}

export function startRequests(htmx: Htmx): void {
  // A form that comes back with its errors is shown; other refusals keep what is on the page.
  htmx.config.responseHandling = [
    { code: "204", swap: false },
    { code: "[23]..", swap: true },
    { code: "422", swap: true },
    { code: "...", swap: false, error: true },
  ];
  document.addEventListener("htmx:configRequest", (event) => {
    const detail = (event as CustomEvent<ConfigRequest>).detail;
    if (isOwnOrigin(detail.path, location.href)) detail.headers[CSRF_HEADER] = csrfToken();
  });
  document.addEventListener("htmx:responseError", (event) => {
    const { xhr } = (event as CustomEvent<AfterRequest>).detail;
    if (xhr.status === 423) return; // parts/unlock asks who is here
    toast(xhr.getResponseHeader("X-Reason") ?? document.body.dataset["failed"] ?? "", "bad");
  });
  // htmx notes the page's address for a history we do not use; workstations are shared, so nothing is left behind.
  document.addEventListener("DOMContentLoaded", () => sessionStorage.removeItem("htmx-current-path-for-history"));
  document.addEventListener("htmx:sendError", () => toast(document.body.dataset["offline"] ?? "", "wait"));
}
