// Forms: one submission at a time, and the first error gets the focus.
export function startForms(): void {
  document.addEventListener("submit", (event) => {
    const form = event.target;
    if (!(form instanceof HTMLFormElement) || form.method === "get" || form.dataset["resubmit"] !== undefined) return;
    if (form.dataset["sending"] !== undefined) {
      event.preventDefault();
      return;
    }
    form.dataset["sending"] = "";
    setTimeout(() => delete form.dataset["sending"], 5000); // a download or a failed send must not lock the form
  });
  addEventListener("pageshow", () => {
    for (const form of document.querySelectorAll<HTMLFormElement>("form[data-sending]")) delete form.dataset["sending"];
  });
  document.querySelector<HTMLElement>(".error-summary, [aria-invalid='true']")?.focus();
}
