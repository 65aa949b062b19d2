/**
 * Show time in this page, from four-stamp pings. Of the last 32 answers the one with the least round trip says what
 * the offset is; answers that took three times as long tell nothing. Small changes are slewed, so show time never
 * stands still or goes back for the dancer.
 */

const KEEP = 32;
const WORST_RATIO = 3;
/** Round trips below this count as equally good: timers are coarse. */
const FLOOR_S = 0.0005;
const STEP_S = 0.25;
const SLEW_S_PER_S = 0.02;

interface Answer {
  readonly offset_s: number;
  readonly rtt_s: number;
}

export class ClockSync {
  private answers: Answer[] = [];
  private target_s: number | null = null;
  private offset_s = 0;
  private slewed_s: number | null = null;

  get synced(): boolean {
    return this.target_s !== null;
  }

  /** The least round trip of the last answers. */
  get rtt_s(): number {
    return this.answers.reduce((least, a) => Math.min(least, a.rtt_s), Infinity);
  }

  /** A first guess (the stamp in `welcome`), until the first answer. */
  guess(local_s: number, show_s: number): void {
    this.answers = [];
    this.target_s = this.offset_s = show_s - local_s;
    this.slewed_s = local_s;
  }

  /** An answer: sent at `t0` (local), taken at `t1`, answered at `t2` (show), back at `t3` (local). */
  answer(t0: number, t1: number, t2: number, t3: number): void {
    const rtt_s = Math.max(0, t3 - t0 - (t2 - t1));
    const offset_s = (t1 - t0 + (t2 - t3)) / 2;
    if (![rtt_s, offset_s].every(Number.isFinite)) return;
    if (this.answers.length > 3 && rtt_s > WORST_RATIO * Math.max(this.rtt_s, FLOOR_S)) return;
    const isFirst = this.answers.length === 0;
    this.answers = [...this.answers, { offset_s, rtt_s }].slice(-KEEP);
    // Of equally good answers the newest: clocks drift.
    const best = this.answers.reduce((a, b) => (b.rtt_s <= Math.max(a.rtt_s, FLOOR_S) ? b : a));
    this.target_s = best.offset_s;
    if (isFirst || Math.abs(this.target_s - this.offset_s) > STEP_S) this.offset_s = this.target_s;
  }

  /** Show time at `local_s` (seconds of the page's own clock); call with rising times. */
  showTime(local_s: number): number {
    if (this.target_s !== null) {
      const passed = Math.max(0, local_s - (this.slewed_s ?? local_s));
      const error = this.target_s - this.offset_s;
      this.offset_s += Math.sign(error) * Math.min(Math.abs(error), SLEW_S_PER_S * passed);
    }
    this.slewed_s = local_s;
    return local_s + this.offset_s;
  }
}
