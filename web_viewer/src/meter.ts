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
/** On a slow machine a judgement does not wait for all pictures of a window. */
const LONG_MS = 2000;
const FEWEST = 12;
/** So few pictures a second for so long: nothing more can be left out. */
const HOPELESS_FPS = 15;
const HOPELESS_MS = 4000;

export class Meter {
  malformed = 0;
  private intervals: number[] = [];
  private draws: number[] = [];
  private last_ms: number | null = null;
  private level = 0;
  private since = 0;
  private patience = WINDOW;
  private before_ms: number | null = null;
  private changed_ms = 0;
  private hopeless_ms = 0;

  constructor(private readonly levels: readonly number[] = LEVELS, start = 0) {
    this.level = start;
  }

  /** One frame began at `now_ms` and took `draw_ms`; returns whether the quality changed. */
  frame(now_ms: number, draw_ms: number): boolean {
    const interval_ms = this.last_ms === null ? 0 : now_ms - this.last_ms;
    if (interval_ms > 0 && interval_ms < 1000) this.intervals.push(interval_ms);
    if (this.last_ms === null || interval_ms >= 1000) this.changed_ms = now_ms;
    this.last_ms = now_ms;
    this.draws.push(draw_ms);
    this.intervals = this.intervals.slice(-WINDOW);
    this.draws = this.draws.slice(-WINDOW);
    this.since++;
    const isBad = this.since >= FEWEST && 1000 / mean(this.intervals.slice(-FEWEST)) < HOPELESS_FPS && interval_ms < 1000;
    this.hopeless_ms = isBad ? this.hopeless_ms + interval_ms : 0;
    return this.adapt(now_ms);
  }

  get fps(): number {
    return this.intervals.length > 0 ? 1000 / mean(this.intervals) : 0;
  }

  get draw_ms(): number {
    return this.draws.length > 0 ? mean(this.draws) : 0;
  }

  /** 1 is full size; less is cheaper. */
  get quality(): number {
    return this.levels[this.level]!;
  }

  /** Whether even the least takes too long, for seconds. */
  get isHopeless(): boolean {
    return this.hopeless_ms > HOPELESS_MS;
  }

  private adapt(now_ms: number): boolean {
    const isLong = this.since >= FEWEST && now_ms - this.changed_ms >= LONG_MS;
    if (this.since < WINDOW && !isLong) return false;
    const since = this.intervals.slice(-Math.min(this.since, WINDOW));
    const usual = quantile(since, 0.5);
    if (this.before_ms !== null) {
      const helped = usual < HELPED * this.before_ms;
      this.before_ms = null;
      // The screen itself is slow (30 Hz), or something else is: sharp and slow is better than blurred and slow.
      if (!helped) return this.change(-1, PATIENCE, now_ms);
    }
    if (this.since < this.patience && !(isLong && this.patience === WINDOW)) return false;
    if (usual > SLOW_MS && this.level + 1 < this.levels.length) {
      this.before_ms = usual;
      return this.change(1, WINDOW, now_ms);
    }
    const fast = this.level > 0 && quantile(since, 0.9) < FAST_MS && this.draw_ms < CHEAP_MS;
    return fast && this.since > PATIENCE ? this.change(-1, WINDOW, now_ms) : false;
  }

  private change(step: number, patience: number, now_ms: number): true {
    this.changed_ms = now_ms;
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
