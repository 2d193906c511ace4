// The path of a pen in a box of 600 by 200: 'M x y L x y ...', whole numbers, at most so long.
export const WIDTH = 600;
export const HEIGHT = 200;
const LONGEST = 19_000;

export interface Box {
  left: number;
  top: number;
  width: number;
  height: number;
}

/** Where a pointer is in the pad's own units, kept inside it. */
export function placeIn(box: Box, x: number, y: number): [number, number] {
  const inside = (value: number, most: number) => Math.min(most, Math.max(0, Math.round(value)));
  return [inside(((x - box.left) / box.width) * WIDTH, WIDTH), inside(((y - box.top) / box.height) * HEIGHT, HEIGHT)];
}

/** The path with one more point; a point that says nothing new, or beyond the longest path, is left out. */
export function drawnOn(path: string, begins: boolean, [x, y]: [number, number]): string {
  const step = `${begins || !path ? "M" : "L"} ${x} ${y}`;
  if (path.length + step.length > LONGEST || (!begins && path.endsWith(` ${x} ${y}`))) return path;
  return path ? `${path} ${step}` : step;
}
