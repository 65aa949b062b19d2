/**
 * One source dancer read at one lag, through time: score, gaps and the jumps between them
 * (docs/conventions.md §2, §4; the same as livedance/dance/voice.py).
 */
import { Origin, type Clock } from "../wire.generated";
import { poseInGap, REST, type Gap } from "./gap";
import { apply, DURATION_S, jump, STEP_S, velocity, type Offset } from "./inertia";
import type { Body } from "./rig";
import type { Numbers } from "./rotations";
import type { Run, Track } from "./score";

export const HISTORY_S = 2;
const MIN_SEAM_S = 0.1;
const MAX_SEAM_S = 0.6;

/** A clock state from the moment on at which it counts; within an epoch positions never go back. */
export class Regime {
  private constructor(
    readonly t_s: number, readonly clock: Clock, readonly leastBeat: number, readonly leastDance: number,
  ) {}

  static after(before: Regime | null, t_s: number, clock: Clock): Regime {
    if (before === null || before.clock.epoch !== clock.epoch) return new Regime(t_s, clock, -Infinity, -Infinity);
    return new Regime(t_s, clock, before.beatAt(t_s), before.danceAt(t_s));
  }

  beatAt(t_s: number): number {
    return Math.max(this.leastBeat, this.line(t_s));
  }

  danceAt(t_s: number): number {
    return Math.max(this.leastDance, this.clock.dance_offset + this.clock.dance_ratio * this.line(t_s));
  }

  /** When dance beat `position` is reached, not before the regime begins. */
  timeOf(position: number): number {
    if (position <= this.leastDance) return this.t_s;
    const { t_s, beat_position, beats_per_s, dance_offset, dance_ratio } = this.clock;
    return Math.max(this.t_s, t_s + ((position - dance_offset) / dance_ratio - beat_position) / beats_per_s);
  }

  private line(t_s: number): number {
    return this.clock.beat_position + (t_s - this.clock.t_s) * this.clock.beats_per_s;
  }
}

/** What a voice shows at one time, before mirror and place. */
export interface Shown {
  readonly body: Body;
  readonly contact: Numbers;
  readonly hands: Uint8Array;
  readonly origin: number;
}

interface Segment {
  readonly t_s: number;
  readonly regime: Regime | null;
  readonly run: Run | null;
  /** What is shown when `run` is null. */
  readonly gap: Gap;
  readonly offset: Offset | null;
}

export class Voice {
  private segments: Segment[];
  private track: Track;

  constructor(t_s: number, regime: Regime | null, private readonly lag: number, track: Track) {
    this.track = track;
    const run = regime ? track.runAt(regime.danceAt(t_s) - lag) : null;
    this.segments = [{ t_s, regime, run, gap: REST, offset: null }];
  }

  /** Pass every end and start of a run that is reached by `t_s`. */
  advance(t_s: number): void {
    for (let next = this.next(t_s); next !== null; next = this.next(t_s)) this.enter(next[0], next[1]);
  }

  /** Take a changed score; interrupts only when another window wins where the dancer is now. */
  onTrack(t_s: number, track: Track): void {
    this.track = track;
    const now = this.last();
    if (now.regime === null) return;
    const position = this.position(now, t_s);
    const run = track.runAt(position);
    if (run === null) return;
    if (now.run !== null && run.planAt(position) === now.run.planAt(position)) {
      this.segments[this.segments.length - 1] = { ...now, run };
    } else {
      this.jump(now, t_s, run, now.regime);
    }
  }

  /** Take a new clock; a new epoch is a jump. */
  onClock(t_s: number, regime: Regime): void {
    const before = this.last();
    const now: Segment = { ...before, t_s, regime };
    if (now.run !== null && before.regime?.clock.epoch === regime.clock.epoch) {
      this.push(now);
      return;
    }
    const run = this.track.runAt(this.position(now, t_s));
    if (run === null && now.run === null) this.push(now);
    else this.jump(before, t_s, run, regime);
  }

  /** What is shown at `t_s`, up to 2 s before the last `advance`, or later. */
  shown(t_s: number): Shown {
    let index = this.segments.length - 1;
    while (index > 0 && this.segments[index]!.t_s > t_s) index--;
    return this.shownIn(this.segments[index]!, t_s);
  }

  private last(): Segment {
    return this.segments[this.segments.length - 1]!;
  }

  private position(segment: Segment, t_s: number): number {
    return segment.regime ? segment.regime.danceAt(t_s) - this.lag : 0;
  }

  private shownIn(segment: Segment, t_s: number): Shown {
    if (segment.run === null) {
      const { body, contact } = poseInGap(segment.gap, t_s);
      return { body, contact, hands: segment.gap.hands, origin: Origin.IDLE };
    }
    const sample = segment.run.sample(this.position(segment, t_s));
    return segment.offset ? { ...sample, body: apply(segment.offset, sample.body, t_s) } : sample;
  }

  /** Time and dance position of the next end or start of a run, if it is reached by `t_s`. */
  private next(t_s: number): [number, number] | null {
    const now = this.last();
    if (now.regime === null) return null;
    const edge = now.run ? now.run.end : this.track.nextStart(this.position(now, now.t_s));
    if (edge === null) return null;
    const at = Math.max(now.t_s, now.regime.timeOf(edge + this.lag));
    return at <= t_s ? [at, Math.max(edge, this.position(now, at))] : null;
  }

  private enter(t_s: number, position: number): void {
    const before = this.last();
    const run = this.track.runAt(position);
    const entered = run !== null && run.seamSamples > 0 && position - run.start < 1 / run.perBeat;
    this.jump(before, t_s, run, before.regime, run && entered ? seamDuration(run, before.regime) : DURATION_S);
  }

  /** Go on with `run` (null: a gap) under `regime`, from what `before` showed. */
  private jump(before: Segment, t_s: number, run: Run | null, regime: Regime | null, duration_s = DURATION_S): void {
    const shown = this.shownIn(before, t_s);
    const going = velocity(this.shownIn(before, t_s - STEP_S).body, shown.body);
    if (run === null) {
      const gap: Gap = { t_s, body: shown.body, velocity: going, hands: shown.hands, contact: shown.contact };
      this.push({ t_s, regime, run: null, gap, offset: null });
      return;
    }
    const clean: Segment = { t_s, regime, run, gap: before.gap, offset: null };
    const after = this.shownIn(clean, t_s).body;
    const coming = velocity(after, this.shownIn(clean, t_s + STEP_S).body);
    this.push({ ...clean, offset: jump(t_s, duration_s, shown.body, going, after, coming) });
  }

  private push(segment: Segment): void {
    this.segments.push(segment);
    while (this.segments.length > 2 && this.segments[1]!.t_s < segment.t_s - HISTORY_S) this.segments.shift();
  }
}

function seamDuration(run: Run, regime: Regime | null): number {
  const rate = regime ? regime.clock.beats_per_s * regime.clock.dance_ratio : 2;
  return Math.min(Math.max(run.seamSamples / run.perBeat / rate, MIN_SEAM_S), MAX_SEAM_S);
}
