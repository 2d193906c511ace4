/** Says at most once per `pause` milliseconds that something may be done; the first time at once. */
export function paced(pause: number, now: () => number): () => boolean {
  let last = Number.NEGATIVE_INFINITY;
  return () => {
    if (now() - last < pause) return false;
    last = now();
    return true;
  };
}
