/** Palettes as numbers for shaders, and one that fades into the next. */
import { forDancer, pick, type Palette } from "../draw/palettes";

/** Red, green, blue, 0-1. */
export type Light = [number, number, number];

export interface Colours {
  readonly left: Light;
  readonly right: Light;
  readonly core: Light;
  readonly body: Light;
  readonly haze: Light;
}

const NAMES = ["left", "right", "core", "body", "haze"] as const;
/** A bar at 120 BPM: time in which one palette becomes the next. By time, for a dance that waits must not hold colours up. */
const FADE_S = 2;

/** Follows the palette of the show; a new one fades in. */
export class Fade {
  private from: readonly Colours[] = [];
  private to: readonly Colours[] = [];
  private index = NaN;
  private since = 0;

  /** Colours for every third dancer (they take turns). */
  at(palette: number, t_s: number): readonly Colours[] {
    if (palette !== this.index) {
      this.from = Number.isNaN(this.index) ? [] : this.now(t_s);
      this.to = [0, 1, 2].map((i) => coloursOf(forDancer(pick(palette), i)));
      this.index = palette;
      this.since = t_s;
    }
    return this.now(t_s);
  }

  private now(t_s: number): readonly Colours[] {
    const share = (t_s - this.since) / FADE_S;
    if (this.from.length === 0 || !(share >= 0 && share < 1)) return this.to;
    const ease = share * share * (3 - 2 * share);
    return this.to.map((colours, i) => mixed(this.from[i]!, colours, ease));
  }
}

export function coloursOf(palette: Palette): Colours {
  const read = (hex: string): Light => [1, 3, 5].map((i) => parseInt(hex.slice(i, i + 2), 16) / 255) as Light;
  return Object.fromEntries(NAMES.map((name) => [name, read(palette[name])])) as unknown as Colours;
}

/** As light adds up (the eye's 2.2 taken off). */
export function linear(colour: Light): Light {
  return colour.map((v) => v ** 2.2) as Light;
}

function mixed(a: Colours, b: Colours, share: number): Colours {
  const mix = (p: Light, q: Light): Light => p.map((v, i) => v + (q[i]! - v) * share) as Light;
  return Object.fromEntries(NAMES.map((name) => [name, mix(a[name], b[name])])) as unknown as Colours;
}
