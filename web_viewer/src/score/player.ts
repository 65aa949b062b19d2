/**
 * The score player: windows, clock states and arrangements in; the shown dancers at any time out.
 * The same algorithm as livedance/dance/player.py (docs/conventions.md); both pass tests/golden/player.json.
 */
import type { Clock, Window } from "../wire.generated";
import { forwardKinematics, mirrored, placed, type Body } from "./rig";
import { aboutY, type Numbers } from "./rotations";
import { motionOf, Score, type Motion } from "./score";
import { HISTORY_S, Regime, Voice, type Shown } from "./voice";

const MAX_WAITING = 256;

/** One dancer on stage, made from a source dancer. */
export interface ShownDancer {
  readonly id: number;
  readonly source: number;
  readonly mirror: boolean;
  readonly lag_beats: number;
  readonly x_m: number;
  readonly z_m: number;
  readonly yaw_rad: number;
}

/** Who is shown from a dance beat on. */
export interface Arrangement {
  readonly beat: number;
  readonly dancers: readonly ShownDancer[];
}

/** One shown dancer at one time. */
export interface DancerPose {
  readonly id: number;
  /** World places (23 x 3), metres. */
  readonly places: Numbers;
  /** World rotations (23 x 4). */
  readonly worlds: Numbers;
  readonly contact: Numbers;
  readonly hands: readonly [number, number];
  readonly origin: number;
}

/** All shown dancers at one time. */
export interface Frame {
  readonly t_s: number;
  readonly beat: number;
  readonly dance: number;
  readonly dancers: readonly DancerPose[];
}

type Payload =
  | { readonly kind: "window"; readonly motion: Motion }
  | { readonly kind: "clock"; readonly clock: Clock }
  | { readonly kind: "arrangement"; readonly arrangement: Arrangement };

interface Waiting {
  readonly t_s: number;
  readonly payload: Payload;
}

const ALONE: Arrangement = {
  beat: -Infinity,
  dancers: [{ id: 0, source: 0, mirror: false, lag_beats: 0, x_m: 0, z_m: 0, yaw_rad: 0 }],
};

export class ScorePlayer {
  readonly score = new Score();
  private regime: Regime | null = null;
  private regimes: Regime[] = [];
  private arrangements: Arrangement[] = [ALONE];
  private voices = new Map<string, { source: number; lag: number; voice: Voice }>();
  private waiting: Waiting[] = [];
  private now = -Infinity;

  /** `delay_s`: poses are asked for at show time + delay; events then count that much later too. */
  constructor(public delay_s = 0) {}

  // --- what is told ---

  addWindow(window: Window, t_s: number | null = window.t_s): void {
    this.tell(t_s, { kind: "window", motion: motionOf(window) });
  }

  setClock(clock: Clock): void {
    this.tell(clock.t_s, { kind: "clock", clock });
  }

  setArrangement(arrangement: Arrangement, t_s: number | null = null): void {
    this.tell(t_s, { kind: "arrangement", arrangement });
  }

  // --- what is asked ---

  /** The newest clock state that counts by the latest time asked for. */
  get clock(): Clock | null {
    return this.regime?.clock ?? null;
  }

  beatAt(t_s: number): number {
    return this.regimeAt(t_s)?.beatAt(t_s) ?? 0;
  }

  danceAt(t_s: number): number {
    return this.regimeAt(t_s)?.danceAt(t_s) ?? 0;
  }

  poseAt(t_s: number): Frame {
    this.advance(t_s);
    const regime = this.regimeAt(t_s);
    const dance = regime?.danceAt(t_s) ?? 0;
    const shown = new Map<string, Shown>();
    const dancers = this.arrangementAt(regime ? dance : Infinity).dancers.map((dancer) => {
      const key = keyOf(dancer.source, dancer.lag_beats);
      const now = shown.get(key) ?? this.voice(dancer.source, dancer.lag_beats, t_s).shown(t_s);
      shown.set(key, now);
      return onStage(dancer, now);
    });
    return { t_s, beat: regime?.beatAt(t_s) ?? 0, dance, dancers };
  }

  // --- events in the order of their times ---

  private tell(t_s: number | null, payload: Payload): void {
    const at = t_s === null ? this.now : Math.max(t_s + this.delay_s, this.now);
    let index = this.waiting.length;
    while (index > 0 && this.waiting[index - 1]!.t_s > at) index--;
    this.waiting.splice(index, 0, { t_s: at, payload });
    if (this.waiting.length > MAX_WAITING) this.advance(this.waiting[0]!.t_s);
  }

  private advance(t_s: number): void {
    while (this.waiting.length > 0 && this.waiting[0]!.t_s <= t_s) {
      const event = this.waiting.shift()!;
      for (const { voice } of this.voices.values()) voice.advance(event.t_s);
      this.now = Math.max(this.now, event.t_s);
      this.take(event.t_s, event.payload);
    }
    for (const { voice } of this.voices.values()) voice.advance(t_s);
    this.now = Math.max(this.now, t_s);
  }

  private take(t_s: number, payload: Payload): void {
    if (payload.kind === "window") this.onWindow(t_s, payload.motion);
    else if (payload.kind === "clock") this.onClock(t_s, payload.clock);
    else this.onArrangement(t_s, payload.arrangement);
  }

  private onWindow(t_s: number, motion: Motion): void {
    if (this.regime) this.score.trim(this.regime.danceAt(t_s));
    if (!this.score.add(motion)) return;
    for (const { source, voice } of this.voices.values()) {
      if (source === motion.dancer) voice.onTrack(t_s, this.score.track(source));
    }
  }

  private onClock(t_s: number, clock: Clock): void {
    const before = this.regime;
    if (before && clock.t_s < before.clock.t_s) return;
    if (!before) this.need(t_s); // Whoever is shown stands until now, whether somebody looked or not.
    this.regime = Regime.after(before, t_s, clock);
    this.regimes = [...this.regimes.filter((r) => r.t_s >= t_s - HISTORY_S).slice(-MAX_WAITING), this.regime];
    if (before) {
      this.settle(before.danceAt(t_s));
      if (this.regime.danceAt(t_s) < before.danceAt(t_s)) this.settle(Infinity);
    }
    for (const { voice } of this.voices.values()) voice.onClock(t_s, this.regime);
  }

  private onArrangement(t_s: number, arrangement: Arrangement): void {
    if (this.regime) this.settle(this.regime.danceAt(t_s));
    this.arrangements.push(arrangement);
    this.need(t_s);
  }

  // --- arrangements and voices ---

  private arrangementAt(dance: number): Arrangement {
    for (let i = this.arrangements.length - 1; i > 0; i--) {
      if (this.arrangements[i]!.beat <= dance) return this.arrangements[i]!;
    }
    return this.arrangements[0]!;
  }

  /** Forget what was shown before the arrangement at `dance`, voices included. */
  private settle(dance: number): void {
    this.arrangements = this.arrangements.slice(this.arrangements.indexOf(this.arrangementAt(dance)));
    const used = new Set(this.arrangements.flatMap((a) => a.dancers.map((d) => keyOf(d.source, d.lag_beats))));
    for (const key of [...this.voices.keys()]) if (!used.has(key)) this.voices.delete(key);
  }

  /** Start a voice for everyone who is or will be shown. */
  private need(t_s: number): void {
    for (const { dancers } of this.arrangements) for (const d of dancers) this.voice(d.source, d.lag_beats, t_s);
  }

  private voice(source: number, lag: number, t_s: number): Voice {
    const key = keyOf(source, lag);
    const known = this.voices.get(key);
    if (known !== undefined) return known.voice;
    const voice = new Voice(t_s, this.regime, lag, this.score.track(source));
    this.voices.set(key, { source, lag, voice });
    return voice;
  }

  private regimeAt(t_s: number): Regime | null {
    for (let i = this.regimes.length - 1; i >= 0; i--) if (this.regimes[i]!.t_s <= t_s) return this.regimes[i]!;
    return this.regimes[0] ?? null;
  }
}

function keyOf(source: number, lag: number): string {
  return `${source}/${lag}`;
}

/** Mirrored, turned and placed. */
function onStage(dancer: ShownDancer, shown: Shown): DancerPose {
  let body: Body = shown.body;
  let hands: readonly [number, number] = [shown.hands[0]!, shown.hands[1]!];
  let contact = shown.contact;
  if (dancer.mirror) {
    body = mirrored(body);
    hands = [hands[1], hands[0]];
    contact = new Float64Array([contact[2]!, contact[3]!, contact[0]!, contact[1]!]);
  }
  body = placed(body, dancer.yaw_rad ? aboutY(dancer.yaw_rad) : null, dancer.x_m, dancer.z_m);
  return { id: dancer.id, ...forwardKinematics(body), contact, hands, origin: shown.origin };
}
