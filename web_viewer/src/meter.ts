/** How this page is doing: frames a second, time to draw, and when to draw less. */

const WINDOW = 120;
const SLOW_MS = 24;
const FAST_MS = 18;
const LEVELS = [1, 0.75, 0.55, 0.4] as const;

export class Meter {
  malformed = 0;
  private intervals: number[] = [];
  private draws: number[] = [];
  private last_ms: number | null = null;
  private level = 0;
  private since = 0;

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
    const slow = quantile(this.intervals, 0.5) > SLOW_MS && this.level + 1 < LEVELS.length;
    const fast = this.since > 10 * WINDOW && this.level > 0 && quantile(this.intervals, 0.9) < FAST_MS && this.draw_ms < 5;
    if (!slow && !fast) return false;
    this.level += slow ? 1 : -1;
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
