/**
 * The score: windows of motion in dance beats, laid out as runs of samples that continue one another
 * (docs/conventions.md §3; the same sums as livedance/dance/score.py).
 */
import { CONTACT_JOINTS, KEEP_BEATS, type Window } from "../wire.generated";
import { pin } from "./foot_pin";
import { forwardKinematics, N_JOINTS, type Body } from "./rig";
import { at4, slerp, type Numbers, type Quaternion, type Vector } from "./rotations";

const MAX_WINDOWS = 256;
const EPSILON = 1e-9;
const TURN = 4 * N_JOINTS;
const FEET = 3 * CONTACT_JOINTS.length;

/** Motion as it is played: doubles, quaternions of unit length. */
export interface Motion {
  readonly dancer: number;
  readonly plan: number;
  readonly origin: number;
  readonly beatStart: number;
  readonly beatEnd: number;
  readonly perBeat: number;
  readonly seamSamples: number;
  readonly samples: number;
  /** (samples + 3) x 3: sample i at row i + 1. */
  readonly root: Numbers;
  /** (samples + 1) x 23 x 4. */
  readonly turns: Numbers;
  /** (samples + 1) x 4. */
  readonly contact: Numbers;
  /** (samples + 1) x 4 x 3: places of the contact joints. */
  readonly feet: Numbers;
  readonly hands: Uint8Array;
}

/** What one source dancer does at one dance position. */
export interface Sample {
  readonly body: Body;
  readonly contact: Numbers;
  readonly hands: Uint8Array;
  readonly origin: number;
  readonly plan: number;
}

interface Span {
  readonly start: number;
  readonly end: number;
  readonly motion: Motion;
  /** First sample in the span, or the one before when it begins between samples. */
  readonly first: number;
  /** After the last sample in the span. */
  readonly stop: number;
}

/** A stretch of samples that continue one another; sample i lies at firstBeat + i / perBeat. */
export class Run {
  readonly start: number;
  readonly end: number;
  readonly firstBeat: number;
  readonly perBeat: number;
  readonly seamSamples: number;
  readonly origin: number;
  private readonly count: number;
  private readonly root: Numbers;
  private readonly turns: Numbers;
  private readonly contact: Numbers;
  private readonly feet: Numbers;
  private readonly hands: Uint8Array;
  private readonly plans: Numbers;

  constructor(group: readonly Span[]) {
    const first = group[0]!;
    const last = group[group.length - 1]!;
    this.start = first.start;
    this.end = last.end;
    this.perBeat = first.motion.perBeat;
    this.firstBeat = first.motion.beatStart + first.first / this.perBeat;
    this.seamSamples = Math.abs(first.start - first.motion.beatStart) < EPSILON ? first.motion.seamSamples : 0;
    this.origin = first.motion.origin;
    this.count = group.reduce((sum, span) => sum + span.stop - span.first, 0);
    this.root = concatenate([
      first.motion.root.subarray(3 * first.first, 3 * (first.first + 1)),
      ...group.map((span) => span.motion.root.subarray(3 * (span.first + 1), 3 * (span.stop + 1))),
      last.motion.root.subarray(3 * (last.stop + 1), 3 * (last.stop + 3)),
    ]);
    this.turns = joined(group, TURN, (m) => m.turns);
    this.contact = joined(group, 4, (m) => m.contact);
    this.feet = joined(group, FEET, (m) => m.feet);
    this.hands = new Uint8Array(2 * this.count);
    this.plans = new Float64Array(this.count);
    let at = 0;
    for (const span of group) {
      this.hands.set(span.motion.hands.subarray(2 * span.first, 2 * span.stop), 2 * at);
      this.plans.fill(span.motion.plan, at, at + span.stop - span.first);
      at += span.stop - span.first;
    }
  }

  planAt(position: number): number {
    return this.plans[this.index(position)[0]]!;
  }

  /** The pose at `position`, feet pinned while they stand. */
  sample(position: number): Sample {
    const [i, s] = this.index(position);
    const turns = new Float64Array(TURN);
    for (let joint = 0; joint < N_JOINTS; joint++) {
      const row = i * N_JOINTS + joint;
      turns.set(slerp(at4(this.turns, row), at4(this.turns, row + N_JOINTS), s), 4 * joint);
    }
    const contact = between(this.contact, i, 4, s);
    let body: Body = { root: catmullRom(this.root, i, s), turns };
    if (s > 0) body = pin(body, contact, between(this.feet, i, FEET, s));
    return { body, contact, hands: this.hands.subarray(2 * i, 2 * i + 2), origin: this.origin, plan: this.plans[i]! };
  }

  private index(position: number): [number, number] {
    const place = (position - this.firstBeat) * this.perBeat;
    const i = Math.min(Math.max(Math.floor(place), 0), this.count - 1);
    return [i, Math.min(Math.max(place - i, 0), 1)];
  }
}

/** The runs of one source dancer, in order. */
export class Track {
  constructor(readonly runs: readonly Run[] = []) {}

  runAt(position: number): Run | null {
    return this.runs.find((run) => run.start <= position && position < run.end) ?? null;
  }

  nextStart(position: number): number | null {
    return this.runs.find((run) => run.start > position)?.start ?? null;
  }
}

const EMPTY = new Track();

/** Windows of all source dancers. */
export class Score {
  private readonly known = new Map<number, Map<string, Motion>>();
  private readonly tracks = new Map<number, Track>();

  /** False when the same plan is already there from the same beat. */
  add(motion: Motion): boolean {
    const known = this.known.get(motion.dancer) ?? new Map<string, Motion>();
    this.known.set(motion.dancer, known);
    const key = `${motion.plan}/${motion.beatStart}`;
    if (known.has(key)) return false;
    known.set(key, motion);
    if (known.size > MAX_WINDOWS) dropFarthest(known);
    this.tracks.set(motion.dancer, layOut(known));
    return true;
  }

  /** Forget windows that ended 12 dance beats or longer before `position`. */
  trim(position: number): void {
    for (const [dancer, known] of this.known) {
      const old = [...known].filter(([, motion]) => motion.beatEnd <= position - KEEP_BEATS);
      for (const [key] of old) known.delete(key);
      if (old.length > 0) this.tracks.set(dancer, layOut(known));
    }
  }

  track(dancer: number): Track {
    return this.tracks.get(dancer) ?? EMPTY;
  }

  /** The first dance beat after everything that is known of `dancer`. */
  end(dancer: number): number | null {
    const runs = this.track(dancer).runs;
    return runs.length > 0 ? runs[runs.length - 1]!.end : null;
  }
}

/** Integers of the wire to motion, with the samples that lie just outside it carried on in a straight line. */
export function motionOf(window: Window): Motion {
  const n = window.samples;
  const turns = new Float64Array(TURN * (n + 1));
  for (let i = 0; i < TURN * n; i += 4) {
    const [w, x, y, z] = [0, 1, 2, 3].map((k) => window.rotations[i + k]!) as [number, number, number, number];
    const norm = Math.sqrt(w * w + x * x + y * y + z * z);
    turns.set([w / norm, x / norm, y / norm, z / norm], i);
  }
  for (let joint = 0; joint < N_JOINTS; joint++) {
    const row = (n - 2) * N_JOINTS + joint;
    turns.set(slerp(at4(turns, row), at4(turns, row + N_JOINTS), 2), TURN * n + 4 * joint);
  }
  const root = new Float64Array(3 * (n + 3));
  root.set(window.root, 3);
  for (let axis = 0; axis < 3; axis++) {
    const x = (i: number): number => root[3 * (i + 1) + axis]!;
    const step = x(n - 1) - x(n - 2);
    root[axis] = 2 * x(0) - x(1);
    root[3 * (n + 1) + axis] = x(n - 1) + step;
    root[3 * (n + 2) + axis] = x(n - 1) + 2 * step;
  }
  const contact = new Float64Array(4 * (n + 1));
  for (let i = 0; i < 4 * n; i++) contact[i] = window.contacts[i]! / 255;
  contact.copyWithin(4 * n, 4 * (n - 1), 4 * n);
  return {
    dancer: window.dancer, plan: window.plan, origin: window.origin, samples: n, perBeat: window.samples_per_beat,
    seamSamples: window.seam_samples, beatStart: window.beat_start,
    beatEnd: window.beat_start + n / window.samples_per_beat,
    root, turns, contact, feet: feetOf(root, turns, n), hands: window.hands,
  };
}

function feetOf(root: Numbers, turns: Numbers, n: number): Numbers {
  const feet = new Float64Array(FEET * (n + 1));
  for (let i = 0; i < n; i++) {
    const place: Vector = [root[3 * i + 3]!, root[3 * i + 4]!, root[3 * i + 5]!];
    const { places } = forwardKinematics({ root: place, turns: turns.subarray(TURN * i, TURN * (i + 1)) });
    CONTACT_JOINTS.forEach((joint, k) => feet.set(places.subarray(3 * joint, 3 * joint + 3), FEET * i + 3 * k));
  }
  for (let k = 0; k < FEET; k++) {
    feet[FEET * n + k] = feet[FEET * (n - 1) + k]! + (feet[FEET * (n - 1) + k]! - feet[FEET * (n - 2) + k]!);
  }
  return feet;
}

/** Windows are laid down in rising (plan, beatStart), each over those before. */
function layOut(known: Map<string, Motion>): Track {
  let spans: Span[] = [];
  const rising = [...known.values()].sort((a, b) => a.plan - b.plan || a.beatStart - b.beatStart);
  for (const motion of rising) spans = paint(spans, motion);
  spans.sort((a, b) => a.start - b.start);
  const groups: Span[][] = [];
  for (const span of spans) {
    const group = groups[groups.length - 1];
    if (group !== undefined && continues(group, span)) group.push(span);
    else groups.push([span]);
  }
  return new Track(groups.map((group) => new Run(group)));
}

function paint(spans: readonly Span[], motion: Motion): Span[] {
  const { beatStart: start, beatEnd: end } = motion;
  const out = [makeSpan(start, end, motion)];
  for (const span of spans) {
    if (span.start < start - EPSILON) out.push(makeSpan(span.start, Math.min(span.end, start), span.motion));
    if (span.end > end + EPSILON) out.push(makeSpan(Math.max(span.start, end), span.end, span.motion));
  }
  return out;
}

function makeSpan(start: number, end: number, motion: Motion): Span {
  const first = Math.floor((start - motion.beatStart) * motion.perBeat + 1e-6);
  const stop = Math.ceil((end - motion.beatStart) * motion.perBeat - 1e-6);
  return { start, end, motion, first, stop };
}

function continues(group: readonly Span[], span: Span): boolean {
  const first = group[0]!.motion;
  const last = group[group.length - 1]!;
  const grid = (span.start - first.beatStart) * span.motion.perBeat;
  return (
    Math.abs(span.start - last.end) < EPSILON &&
    Math.abs(span.start - span.motion.beatStart) < EPSILON &&
    span.motion.seamSamples === 0 &&
    span.motion.origin === last.motion.origin &&
    span.motion.perBeat === first.perBeat &&
    Math.abs(grid - Math.round(grid)) < 1e-6
  );
}

/** The samples of each span and the one that follows the last. */
function joined(group: readonly Span[], width: number, of: (motion: Motion) => Numbers): Numbers {
  const last = group[group.length - 1]!;
  return concatenate([
    ...group.map((span) => of(span.motion).subarray(width * span.first, width * span.stop)),
    of(last.motion).subarray(width * last.stop, width * (last.stop + 1)),
  ]);
}

function concatenate(parts: readonly Numbers[]): Numbers {
  const out = new Float64Array(parts.reduce((sum, part) => sum + part.length, 0));
  let at = 0;
  for (const part of parts) {
    out.set(part, at);
    at += part.length;
  }
  return out;
}

function between(rows: Numbers, i: number, width: number, s: number): Numbers {
  const out = new Float64Array(width);
  for (let k = 0; k < width; k++) {
    const a = rows[i * width + k]!;
    out[k] = a + s * (rows[(i + 1) * width + k]! - a);
  }
  return out;
}

/** Uniform Catmull-Rom through rows i + 1 (s = 0) and i + 2 (s = 1). */
function catmullRom(rows: Numbers, i: number, s: number): Vector {
  const s2 = s * s;
  const s3 = s2 * s;
  const weights: Quaternion = [2 * s2 - s - s3, 3 * s3 - 5 * s2 + 2, s + 4 * s2 - 3 * s3, s3 - s2];
  const axis = (k: number): number =>
    0.5 * weights.reduce((sum, weight, row) => sum + weight * rows[3 * (i + row) + k]!, 0);
  return [axis(0), axis(1), axis(2)];
}

function dropFarthest(known: Map<string, Motion>): void {
  const [key] = [...known].reduce((far, entry) => (entry[1].beatStart > far[1].beatStart ? entry : far));
  known.delete(key);
}
