/** How this page is doing: frames a second, time to draw, and when to draw less. */

const WINDOW = 120;
const SLOW_MS = 24;
const FAST_MS = 18;
/** Drawing less must shorten the time between pictures to this share, or it is taken back. */
const HELPED = 0.9;
const CHEAP_MS = 5;
/** Frames until another change is tried. */
const PATIENCE = 1200;
const LEVELS = [1, 0.75, 0.55, 0.4] as const;

export class Meter {
  malformed = 0;
  private intervals: number[] = [];
  private draws: number[] = [];
  private last_ms: number | null = null;
  private level = 0;
  private since = 0;
  private patience = WINDOW;
  private before_ms: number | null = null;

  /** One frame began at `now_ms` and took `draw_ms`; returns whether the quality changed. */
  frame(now_ms: number, draw_ms: number): boolean {
    if (this.last_ms !== null && now_ms - this.last_ms < 1000) this.intervals.push(now_ms - this.last_ms);
    this.last_ms = now_ms;
    this.draws.push(draw_ms);
    this.intervals = this.intervals.slice(-WINDOW);
    this.draws = this.draws.slice(-WINDOW);
    this.since++;
    return this.adapt();
  }

  get fps(): number {
    return this.intervals.length > 0 ? 1000 / mean(this.intervals) : 0;
  }

  get draw_ms(): number {
    return this.draws.length > 0 ? mean(this.draws) : 0;
  }

  /** 1 is full size; less is cheaper. */
  get quality(): number {
    return LEVELS[this.level]!;
  }

  private adapt(): boolean {
    if (this.since < WINDOW) return false;
    const usual = quantile(this.intervals, 0.5);
    if (this.before_ms !== null) {
      const helped = usual < HELPED * this.before_ms;
      this.before_ms = null;
      // The screen itself is slow (30 Hz), or something else is: sharp and slow is better than blurred and slow.
      if (!helped) return this.change(-1, PATIENCE);
    }
    if (this.since < this.patience) return false;
    if (usual > SLOW_MS && this.level + 1 < LEVELS.length) {
      this.before_ms = usual;
      return this.change(1, WINDOW);
    }
    const fast = this.level > 0 && quantile(this.intervals, 0.9) < FAST_MS && this.draw_ms < CHEAP_MS;
    return fast && this.since > PATIENCE ? this.change(-1, WINDOW) : false;
  }

  private change(step: number, patience: number): true {
    this.level += step;
    this.patience = patience;
    this.since = 0;
    return true;
  }
}

function mean(values: readonly number[]): number {
  return values.reduce((a, b) => a + b, 0) / values.length;
}

function quantile(values: readonly number[], share: number): number {
  const sorted = [...values].sort((a, b) => a - b);
  return sorted[Math.floor(share * (sorted.length - 1))] ?? 0;
}
