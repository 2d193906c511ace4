/** Says whether it was called for the second time within `pause` milliseconds; then counts anew. */
export function twice(pause: number, now: () => number): () => boolean {
  let last = Number.NEGATIVE_INFINITY;
  return () => {
    const moment = now();
    const again = moment - last < pause;
    last = again ? Number.NEGATIVE_INFINITY : moment;
    return again;
  };
}
