/**
 * The camera of the 3-D stage: level, shifted like a view camera's, following slowly (livedance/render/camera.py). Hands
 * and feet stay in the picture but in a close-up; it turns by at most ten degrees a second except at a cut, which is
 * another preset; a long push in and out over eight bars each keeps a fixed view alive.
 */
import { CAMERAS, PRESETS, type Moved } from "../draw/camera";
import type { Frame } from "../score/player";
import { INDEX } from "../score/rig";

/** Least height of the picture where a dancer stands: raised arms nearly fit. */
const TALL_M = 2.4;
const BELOW_M = 0.13;
const REACH_M = 1.02;
const HAND_M = 0.24;
const SOLE_M = 0.07;
const CLOSE_TOP_M = 2.12;
const FLOOR_SHARE = 0.25;
const SETTLE_S = 0.9;
const SINK_S = 1.6;
/** Peaks (jumps, a lift) widen the picture at once and for so long. */
const PEAK_S = 6;
/** Joints that stay in the picture, and what a hand or a shoe takes up round its joint. */
const SEEN = ["head", "l_wrist", "r_wrist", "l_toe", "r_toe", "l_elbow", "r_elbow", "l_knee", "r_knee"] as const;
const LOW_HEAD_M = 1.05;
const LOW_LENS_M = 0.5;
const PUSH = 0.035;
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
  lens: number;
}

export class Lens {
  private key = "";
  private at_s = 0;
  private yaw = 0;
  /** Top, bottom and height of the picture that holds everybody: they give way at once and come back slowly. */
  private top = 0;
  private low = 0;
  private held = 0;
  private readonly now: Place = { x: 0, z: 0, lens: 1 };
  private readonly speed: Place = { x: 0, z: 0, lens: 0 };

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
    const goal = this.goal(frame, preset.height);
    for (const part of ["x", "z", "lens"] as const) {
      if (cuts) [this.now[part], this.speed[part]] = [goal[part], 0];
      else this.spring(part, goal[part], dt, part === "lens" ? SINK_S : SETTLE_S);
    }
    this.hold(frame, preset.distance + moved.away, width / height, cuts ? 0 : Math.exp(-dt / PEAK_S));
    const push = 1 + PUSH * Math.cos((Math.PI * frame.dance) / PUSH_BEATS) - PUSH;
    const tall = Math.max(TALL_M, this.held) * preset.zoom * (known === "close" ? 0.9 : 1) * push;
    const bottom = known === "close" ? CLOSE_TOP_M - tall : this.low - (FLOOR_SHARE * Math.max(0, tall - 1.1 * TALL_M));
    return project(this.now, this.yaw, preset.distance, tall, bottom, width, height, mirror, moved);
  }

  private goal(frame: Frame, lens: number): Place {
    const [c, s] = [Math.cos(this.yaw), Math.sin(this.yaw)];
    let [left, right, front, head] = [Infinity, -Infinity, -Infinity, 0];
    for (const { places } of frame.dancers) {
      const [x, z] = [places[0]!, places[2]!];
      left = Math.min(left, c * x - s * z);
      right = Math.max(right, c * x - s * z);
      front = Math.max(front, s * x + c * z);
      head += places[3 * INDEX.head + 1]! / frame.dancers.length;
    }
    if (frame.dancers.length === 0) return { x: 0, z: 0, lens };
    const low = Math.min(1, Math.max(0, (LOW_HEAD_M - head) / 0.35));
    return { x: 0.5 * (left + right), z: front, lens: lens + low * (Math.min(lens, LOW_LENS_M) - lens) };
  }

  /** Find the picture, where the dancers stand, that holds every hand and foot as the lens sees them. */
  private hold(frame: Frame, distance: number, aspect: number, stays: number): void {
    const [c, s] = [Math.cos(this.yaw), Math.sin(this.yaw)];
    let [top, low, wide] = [0, 0, REACH_M];
    for (const { places } of frame.dancers) {
      for (const name of SEEN) {
        const i = 3 * INDEX[name];
        const [x, y, z] = [places[i]!, places[i + 1]!, places[i + 2]!];
        const nearer = distance / Math.max(1, distance + this.now.z - (s * x + c * z));
        wide = Math.max(wide, Math.abs(c * x - s * z - this.now.x) * nearer + HAND_M);
        top = Math.max(top, this.now.lens + (y + HAND_M - this.now.lens) * nearer);
        low = Math.min(low, this.now.lens + (y - this.now.lens) * nearer);
      }
    }
    const back = (from: number, to: number): number => to + (from - to) * stays;
    this.top = Math.max(top, back(this.top, TALL_M - BELOW_M));
    this.low = Math.min(low - SOLE_M, back(this.low, -BELOW_M));
    const tall = Math.max(this.top - this.low, (2 * wide) / aspect) * (1 + 2 * PUSH);
    this.held = Math.max(tall, back(this.held, TALL_M));
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
