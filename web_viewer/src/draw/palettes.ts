/** Colour sets: the same as livedance/render/palettes.py (a test compares). */

export interface Palette {
  readonly name: string;
  /** Light on the left edge of every limb, trail of the left hand. */
  readonly left: string;
  readonly right: string;
  /** Seams, visor and beat rings. */
  readonly core: string;
  /** The dark body that the lights fall on. */
  readonly body: string;
  /** Beams and floor of the stage. */
  readonly haze: string;
}

function palette(name: string, left: string, right: string, core: string, body: string, haze: string): Palette {
  return { name, left: `#${left}`, right: `#${right}`, core: `#${core}`, body: `#${body}`, haze: `#${haze}` };
}

export const PALETTES: readonly Palette[] = [
  palette("ultraviolet", "18D8FF", "FF1FA8", "8FF3FF", "140B2A", "6A1FD0"),
  palette("sunset", "FF7A1A", "FF2266", "FFD27A", "200A16", "C02A50"),
  palette("acid", "B4FF1A", "11E0A0", "F0FF8A", "08180E", "2A9A3A"),
  palette("ice", "2E8CFF", "4FD8FF", "B4E8FF", "081226", "1F5AC8"),
  palette("ember", "FF3B1F", "FFA818", "FFD880", "1C0806", "B03010"),
  palette("orchid", "A04CFF", "FF5CC8", "FFA8E8", "190A26", "8A30C0"),
  palette("reef", "12CDB6", "FF5F40", "FFCF90", "0A1420", "107C8C"),
  palette("moonlight", "7C94D4", "5870B8", "A8BCEC", "0C0E16", "50608C"),
];

/** Palette `index`; any whole number is fine, they repeat. */
export function pick(index: number): Palette {
  const n = PALETTES.length;
  return PALETTES[((Math.trunc(index) % n) + n) % n]!;
}

/** The variation for one of several dancers: the lights change places. */
export function forDancer(base: Palette, dancer: number): Palette {
  if (dancer % 3 === 0) return base;
  const mixed = mix(base.core, base.haze, 0.35);
  return dancer % 3 === 1 ? { ...base, left: base.right, right: mixed } : { ...base, left: mixed, right: base.left };
}

/** `a` moved towards `b` by `share`. */
export function mix(a: string, b: string, share: number): string {
  const [p, q] = [channels(a), channels(b)];
  return hex(p.map((v, i) => v + (q[i]! - v) * share));
}

/** `colour` times `gain`, at most full. */
export function scaled(colour: string, gain: number): string {
  return hex(channels(colour).map((v) => v * gain));
}

/** `colour` with an alpha. */
export function faded(colour: string, alpha: number): string {
  const [r, g, b] = channels(colour);
  return `rgba(${r},${g},${b},${Math.max(0, Math.min(1, alpha)).toFixed(3)})`;
}

function channels(colour: string): number[] {
  return [1, 3, 5].map((i) => parseInt(colour.slice(i, i + 2), 16));
}

function hex(values: readonly number[]): string {
  return "#" + values.map((v) => Math.max(0, Math.min(255, Math.round(v))).toString(16).padStart(2, "0")).join("");
}
