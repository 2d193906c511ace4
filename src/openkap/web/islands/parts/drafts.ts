// Drafts: what is typed into a form with data-draft is kept on the server until it is saved.
export function startDrafts(): void {
  // filled in by the next slice
}
