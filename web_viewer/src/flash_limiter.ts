/**
 * No more than three general or red flashes in any second, after WCAG 2.3.1: the last pass of every picture, as
 * livedance/render/flash_limiter.py. It watches the picture on a grid of cells and says how much of a new picture may be
 * shown, mixed with the one before. It lowers a risk; it is no certificate.
 */
export const COLUMNS = 32;
export const ROWS = 18;
const CELLS = COLUMNS * ROWS;
const SWING = 0.1;
const DARK_BELOW = 0.8;
const RED_SHARE = 0.8;
const RED_SWING = 0.2;
const TRANSITIONS_PER_S = 6;
const AREA = 0.25;
const WINDOW_S = 0.999;
const SHARES = [1, 0.7, 0.5, 0.35, 0.24, 0.16, 0.1, 0.06, 0.03, 0] as const;
const WHITE_UV = [0.1978, 0.4683] as const;
const DARK = 0.03;

const LINEAR = Float32Array.from({ length: 256 }, (_, i) => {
  const level = i / 255;
  return level <= 0.04045 ? level / 12.92 : ((level + 0.055) / 1.055) ** 2.4;
});

/** Counts swings of one value per cell. */
class Swings {
  private readonly low = new Float32Array(CELLS);
  private readonly high = new Float32Array(CELLS);
  private readonly rising = new Int8Array(CELLS);
  private readonly times = new Float64Array(CELLS * (TRANSITIONS_PER_S + 1)).fill(-Infinity);

  constructor(private readonly swing: number, private readonly darkBelow: number) {}

  start(value: Float32Array): void {
    this.low.set(value);
    this.high.set(value);
    this.rising.fill(0);
    this.times.fill(-Infinity);
  }

  turns(cell: number, value: number): boolean {
    const up = value - this.low[cell]! >= this.swing && this.low[cell]! < this.darkBelow && this.rising[cell]! <= 0;
    return up || (this.high[cell]! - value >= this.swing && value < this.darkBelow && this.rising[cell]! >= 0);
  }

  /** Share of cells that would turn once more than they may in the second up to `t_s`. */
  over(value: Float32Array, t_s: number): number {
    let count = 0;
    for (let cell = 0; cell < CELLS; cell++) {
      // The oldest of seven turns is still within the second: with a new one there are more than six.
      const oldest = this.times[cell * (TRANSITIONS_PER_S + 1) + 1]!;
      if (oldest > t_s - WINDOW_S && this.turns(cell, value[cell]!)) count++;
      else if (this.times[cell * (TRANSITIONS_PER_S + 1)]! > t_s - WINDOW_S) count++;
    }
    return count / CELLS;
  }

  show(value: Float32Array, t_s: number): void {
    const n = TRANSITIONS_PER_S + 1;
    for (let cell = 0; cell < CELLS; cell++) {
      const v = value[cell]!;
      if (this.turns(cell, v)) {
        const up = this.rising[cell] === 0 ? v - this.low[cell]! > this.high[cell]! - v : this.rising[cell]! < 0;
        this.rising[cell] = up ? 1 : -1;
        this.times.copyWithin(cell * n, cell * n + 1, cell * n + n);
        this.times[cell * n + n - 1] = t_s;
        this.low[cell] = this.high[cell] = v;
      } else {
        this.low[cell] = Math.min(this.low[cell]!, v);
        this.high[cell] = Math.max(this.high[cell]!, v);
      }
    }
  }
}

export class FlashLimiter {
  /** Pictures that were mixed since the start. */
  limited = 0;
  active = false;
  private readonly light = new Swings(SWING, DARK_BELOW);
  private readonly red = new Swings(RED_SWING, Infinity);
  private readonly shown = new Float32Array(CELLS * 3);
  private readonly mixed = new Float32Array(CELLS * 3);
  private readonly luminance = new Float32Array(CELLS);
  private readonly redness = new Float32Array(CELLS);
  private at_s = NaN;

  reset(): void {
    this.at_s = NaN;
    this.active = false;
  }

  /** Share of the new picture to show (1: as it is). `cells`: RGBA of the grid, alpha multiplied in. */
  take(cells: Uint8Array | Uint8ClampedArray, t_s: number): number {
    if (!(t_s >= this.at_s)) {
      this.mix(cells, 1);
      this.measure();
      this.light.start(this.luminance);
      this.red.start(this.redness);
      return this.keep(1, t_s);
    }
    for (const share of SHARES) {
      this.mix(cells, share);
      this.measure();
      if (share === 0 || (this.light.over(this.luminance, t_s) < AREA && this.red.over(this.redness, t_s) < AREA)) {
        this.light.show(this.luminance, t_s);
        this.red.show(this.redness, t_s);
        return this.keep(share, t_s);
      }
    }
    return 0;
  }

  private keep(share: number, t_s: number): number {
    this.shown.set(this.mixed);
    this.at_s = t_s;
    this.active = share < 1;
    if (this.active) this.limited++;
    return share;
  }

  private mix(cells: Uint8Array | Uint8ClampedArray, share: number): void {
    for (let i = 0, j = 0; i < 3 * CELLS; i += 3, j += 4) {
      for (let k = 0; k < 3; k++) this.mixed[i + k] = share * cells[j + k]! + (1 - share) * this.shown[i + k]!;
    }
  }

  /** Relative luminance, and where red is saturated its distance from white in u'v'. */
  private measure(): void {
    for (let cell = 0; cell < CELLS; cell++) {
      const r = LINEAR[Math.round(this.mixed[3 * cell]!)]!;
      const g = LINEAR[Math.round(this.mixed[3 * cell + 1]!)]!;
      const b = LINEAR[Math.round(this.mixed[3 * cell + 2]!)]!;
      const y = 0.2126729 * r + 0.7151522 * g + 0.072175 * b;
      this.luminance[cell] = y;
      const total = r + g + b;
      if (r < RED_SHARE * total || total <= DARK) {
        this.redness[cell] = 0;
        continue;
      }
      const x = 0.4124564 * r + 0.3575761 * g + 0.1804375 * b;
      const z = 0.0193339 * r + 0.119192 * g + 0.9503041 * b;
      const weight = Math.max(x + 15 * y + 3 * z, 1e-6);
      this.redness[cell] = Math.hypot((4 * x) / weight - WHITE_UV[0], (9 * y) / weight - WHITE_UV[1]);
    }
  }
}
