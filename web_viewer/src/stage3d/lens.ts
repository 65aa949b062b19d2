/**
 * The camera of the 3-D stage: level, shifted like a view camera's, following slowly (livedance/render/camera.py). Hands
 * and feet stay in the picture but in a close-up; it turns by at most ten degrees a second except at a cut, which is
 * another preset; a long push in and out over eight bars each keeps a fixed view alive.
 */
import { CAMERAS, PRESETS, type Moved } from "../draw/camera";
import type { Frame } from "../score/player";
import { INDEX } from "../score/rig";

/** Least height of the picture where a dancer stands: raised arms fit. */
const TALL_M = 2.46;
const BELOW_M = 0.13;
const REACH_M = 1.02;
const HAND_M = 0.24;
const CLOSE_TOP_M = 2.12;
const FLOOR_SHARE = 0.25;
const SETTLE_S = 0.9;
const SINK_S = 1.6;
/** Peaks (jumps, a lift) widen the picture at once and for so long. */
const PEAK_S = 5;
const LOW_HEAD_M = 1.05;
const LOW_LENS_M = 0.5;
const PUSH = 0.045;
const PUSH_BEATS = 32;
const TURN_PER_S = (10 * Math.PI) / 180;
const JUMP_S = 2;
const NEAR_M = 0.35;
const FAR_M = 80;

/** One frozen projection. */
export interface Sight {
  /** Stage to picture, column by column. */
  readonly matrix: readonly number[];
  readonly eye: readonly [number, number, number];
  readonly yaw: number;
  /** Half width and half height of the picture at one metre, shift of the horizon. */
  readonly half: readonly [number, number];
  readonly shift: number;
  /** Pixels per metre at one metre. */
  readonly focal: number;
}

interface Place {
  x: number;
  z: number;
  height: number;
  lens: number;
}

export class Lens {
  private key = "";
  private at_s = 0;
  private yaw = 0;
  private peak = 0;
  private readonly now: Place = { x: 0, z: 0, height: TALL_M, lens: 1 };
  private readonly speed: Place = { x: 0, z: 0, height: 0, lens: 0 };

  see(frame: Frame, name: string, width: number, height: number, mirror: boolean, moved: Moved): Sight {
    const known = CAMERAS.find((camera) => camera === name) ?? "front";
    const preset = PRESETS[known];
    const dt = frame.t_s - this.at_s;
    const key = `${known}/${frame.dancers.length > 0}`;
    const cuts = key !== this.key || !(dt >= 0 && dt < JUMP_S);
    this.key = key;
    this.at_s = frame.t_s;
    const wanted = preset.yaw + moved.yaw + (preset.orbit > 0 ? 0.6 * Math.sin(preset.orbit * frame.dance) : 0);
    const turn = cuts ? Infinity : TURN_PER_S * dt;
    this.yaw += Math.min(turn, Math.max(-turn, wanted - this.yaw));
    const goal = this.goal(frame, width / height, preset.height, cuts ? 0 : dt);
    for (const part of ["x", "z", "height", "lens"] as const) {
      if (cuts) [this.now[part], this.speed[part]] = [goal[part], 0];
      else this.spring(part, goal[part], dt, part === "lens" ? SINK_S : SETTLE_S);
    }
    const push = 1 + PUSH * Math.cos((Math.PI * frame.dance) / PUSH_BEATS);
    const tall = this.now.height * preset.zoom * (known === "close" ? 0.92 : 1) * (Number.isFinite(push) ? push : 1);
    const bottom = known === "close" ? CLOSE_TOP_M - tall : -(BELOW_M + FLOOR_SHARE * Math.max(0, tall - TALL_M * (1 + PUSH)));
    return project(this.now, this.yaw, preset.distance, tall, bottom, width, height, mirror, moved);
  }

  private goal(frame: Frame, aspect: number, lens: number, dt: number): Place {
    const [c, s] = [Math.cos(this.yaw), Math.sin(this.yaw)];
    let [left, right, front, top, head] = [Infinity, -Infinity, -Infinity, 0, 0];
    for (const { places } of frame.dancers) {
      const [x, z] = [places[0]!, places[2]!];
      left = Math.min(left, c * x - s * z);
      right = Math.max(right, c * x - s * z);
      front = Math.max(front, s * x + c * z);
      for (const joint of [INDEX.l_wrist, INDEX.r_wrist, INDEX.head]) top = Math.max(top, places[3 * joint + 1]! + HAND_M);
      head += places[3 * INDEX.head + 1]! / frame.dancers.length;
    }
    if (frame.dancers.length === 0) return { x: 0, z: 0, height: TALL_M, lens };
    this.peak = Math.max(top, TALL_M - BELOW_M + (this.peak - TALL_M + BELOW_M) * Math.exp(-dt / PEAK_S));
    const wide = (right - left + 2 * REACH_M) / aspect;
    const low = Math.min(1, Math.max(0, (LOW_HEAD_M - head) / 0.35));
    return {
      x: 0.5 * (left + right), z: front, height: Math.max(this.peak + BELOW_M, wide),
      lens: lens + low * (Math.min(lens, LOW_LENS_M) - lens),
    };
  }

  /** Exact solution of the critically damped spring, so that 30 and 144 pictures a second agree. */
  private spring(part: keyof Place, goal: number, dt: number, settle_s: number): void {
    const rate = 2 / settle_s;
    const offset = this.now[part] - goal;
    const slope = this.speed[part] + rate * offset;
    const fade = Math.exp(-rate * dt);
    this.now[part] = goal + (offset + slope * dt) * fade;
    this.speed[part] = (this.speed[part] - rate * slope * dt) * fade;
  }
}

function project(
  at: Place, yaw: number, distance: number, tall: number, bottom: number, width: number, height: number,
  mirror: boolean, moved: Moved,
): Sight {
  const away = distance + moved.away;
  const focal = (height / tall) * distance;
  const [fx, fy] = [((mirror ? -2 : 2) * focal) / width, (2 * focal) / height];
  const [c, s] = [Math.cos(yaw), Math.sin(yaw)];
  const lens = at.lens + moved.y;
  const shift = (2 * (at.lens - bottom)) / tall - 1;
  const [side, near] = [at.x + moved.x, away + at.z];
  // Rows of the projection: side, up, depth for the buffer, depth in metres.
  const [a, b] = [(FAR_M + NEAR_M) / (FAR_M - NEAR_M), (-2 * FAR_M * NEAR_M) / (FAR_M - NEAR_M)];
  const rows = [
    [c * fx, 0, -s * fx, -side * fx],
    [-s * shift, fy, -c * shift, near * shift - lens * fy],
    [-s * a, 0, -c * a, near * a + b],
    [-s, 0, -c, near],
  ];
  const matrix = [0, 1, 2, 3].flatMap((column) => rows.map((row) => row[column]!));
  const eye: [number, number, number] = [c * side + s * near, lens, c * near - s * side];
  return { matrix, eye, yaw, half: [width / (2 * focal), height / (2 * focal)], shift, focal };
}
