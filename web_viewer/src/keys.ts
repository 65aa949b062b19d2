/** The one key map (livedance/control/keymap.py; a test compares): what each key does to the show. */

export interface KeyAct {
  readonly op: string;
  readonly value?: number;
  readonly args?: Readonly<Record<string, unknown>>;
}

const field = (name: string): Readonly<Record<string, unknown>> => ({ field: name });

export const KEYS: Readonly<Record<string, KeyAct>> = {
  " ": { op: "tap" },
  b: { op: "toggle", args: field("blackout") },
  z: { op: "toggle", args: field("freeze") },
  x: { op: "hit" },
  n: { op: "phrase_new" },
  h: { op: "half" },
  r: { op: "resync" },
  "[": { op: "nudge_ms", value: -10 },
  "]": { op: "nudge_ms", value: 10 },
  "-": { op: "add", value: -5, args: field("delay_ms") },
  "+": { op: "add", value: 5, args: field("delay_ms") },
  "=": { op: "add", value: 5, args: field("delay_ms") },
  c: { op: "step", args: field("camera") },
  p: { op: "step", args: field("palette") },
  d: { op: "demo" },
  ...Object.fromEntries([1, 2, 3, 4, 5, 6, 7, 8, 9].map((n) => [String(n), { op: "set", args: { scene: n } }])),
};

/** Keys that concern only this screen. */
export const LOCAL_KEYS = { fullscreen: "f", info: "i" } as const;

/** The act of a key press, or null; keys held with Ctrl, Alt or Meta belong to the browser. */
export function actOf(event: Pick<KeyboardEvent, "key" | "ctrlKey" | "altKey" | "metaKey">): KeyAct | null {
  if (event.ctrlKey || event.altKey || event.metaKey) return null;
  return Object.hasOwn(KEYS, event.key.toLowerCase()) ? KEYS[event.key.toLowerCase()]! : null;
}
