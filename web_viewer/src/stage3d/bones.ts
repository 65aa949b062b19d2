/**
 * From a pose to what moves each vertex: a rigid motion per bone, toes that stay flat, fingers that close. The same
 * sums as livedance/render/mesh/rig.py, so that window and page move alike; rotations are the score's own, never
 * guessed from joint places.
 */
import type { DancerPose } from "../score/player";
import { INDEX, type JointName } from "../score/rig";
import {
  aboutY, add, at3, at4, fromRotvec, multiply, rotate, scale, slerp, subtract, cross, length,
  type Quaternion, type Vector,
} from "../score/rotations";

/** Numbers of one bone: three rows of a 3 x 4 matrix. */
export const NUMBERS = 12;
const TOE_FLAT_M = [0.045, 0.11] as const;
const CLOSE_S = 0.045;
const JUMP_S = 0.5;
const FINGERS = ["thumb", "index", "middle", "ring", "little"] as const;
/** How far root and middle of each finger are bent: relaxed, fist, flat, point, spread. */
const CURLS_RAD: readonly (readonly (readonly [number, number])[])[] = [
  [[0.3, 0.25], [0.35, 0.45], [0.42, 0.52], [0.5, 0.58], [0.55, 0.6]],
  [[0.75, 0.8], [1.35, 1.65], [1.4, 1.7], [1.42, 1.7], [1.4, 1.65]],
  [[0.1, 0.05], [0.05, 0.05], [0.05, 0.05], [0.05, 0.05], [0.05, 0.05]],
  [[0.7, 0.7], [0.02, 0.05], [1.35, 1.65], [1.4, 1.7], [1.4, 1.65]],
  [[-0.1, 0], [-0.05, 0.05], [-0.05, 0.05], [-0.05, 0.05], [-0.05, 0.05]],
];
const SPREAD_RAD = [-0.3, -0.2, -0.03, 0.14, 0.32] as const;
const RELAXED = 0;
const SPREAD = 4;
const UP: Vector = [0, 1, 0];
const IDENTITY: Quaternion = [1, 0, 0, 0];

/** Bend of root and middle and turn aside, for two hands of five fingers. */
export type Bends = Float64Array;

export function bendsOf(hands: readonly [number, number]): Bends {
  const out = new Float64Array(30);
  hands.forEach((hand, side) => {
    const pose = Math.min(hand, CURLS_RAD.length - 1);
    const apart = pose === SPREAD ? 1 : pose === RELAXED ? 0.3 : 0;
    FINGERS.forEach((_, i) => out.set([...CURLS_RAD[pose]![i]!, apart * SPREAD_RAD[i]!], 15 * side + 3 * i));
  });
  return out;
}

/** Opens and closes hands within a few pictures: a hand pose comes from one sample to the next. */
export class Fingers {
  private readonly now = new Map<number, { t_s: number; bends: Bends }>();

  follow(pose: DancerPose, t_s: number): Bends {
    const wanted = bendsOf(pose.hands);
    const last = this.now.get(pose.id);
    const dt = last === undefined ? NaN : t_s - last.t_s;
    if (last !== undefined && dt >= 0 && dt < JUMP_S) {
      const stays = Math.exp(-dt / CLOSE_S);
      wanted.forEach((goal, i) => (wanted[i] = goal + (last.bends[i]! - goal) * stays));
    }
    this.now.set(pose.id, { t_s, bends: wanted });
    return wanted;
  }
}

export class Bones {
  readonly count: number;
  private readonly row: Readonly<Record<string, number>>;
  private readonly joints: readonly (readonly [bone: number, joint: number])[];

  constructor(names: readonly string[], private readonly rest: readonly Vector[], private readonly step_m: number) {
    this.count = names.length;
    this.row = Object.fromEntries(names.map((name, i) => [name, i]));
    this.joints = names.flatMap((name, i) => (Object.hasOwn(INDEX, name) ? [[i, INDEX[name as JointName]] as const] : []));
  }

  /** Write what takes a vertex of the file to its place into `out`, `NUMBERS` for each bone, from `at` on. */
  write(pose: DancerPose, bends: Bends, out: Float32Array, at: number): void {
    const turned: Quaternion[] = [];
    const place: Vector[] = [];
    for (const [bone, joint] of this.joints) {
      turned[bone] = at4(pose.worlds, joint);
      place[bone] = at3(pose.places, joint);
    }
    const { hips, spine, chest } = this.row as Record<"hips" | "spine" | "chest", number>;
    turned[spine] = slerp(turned[hips]!, turned[chest]!, 0.5);
    place[spine] = add(place[hips]!, rotate(turned[hips]!, subtract(this.rest[spine]!, this.rest[hips]!)));
    for (const side of ["l", "r"] as const) {
      this.layToes(side, turned, place);
      this.bendFingers(side, bends, turned, place);
    }
    for (let bone = 0; bone < this.count; bone++) {
      this.writeBone(turned[bone]!, place[bone]!, this.rest[bone]!, out, at + bone * NUMBERS);
    }
  }

  /** The toes of a foot that stands on its ball lie flat on the floor. */
  private layToes(side: "l" | "r", turned: Quaternion[], place: Vector[]): void {
    const toe = this.row[`${side}_toe`]!;
    const foot = turned[this.row[`${side}_ankle`]!]!;
    const [low, high] = TOE_FLAT_M;
    const sole = rotate(foot, UP);
    const share = clip((high - place[toe]![1]) / (high - low)) * clip((sole[1] - 0.2) / 0.3);
    turned[toe] = multiply(slerp(IDENTITY, between(sole, UP), share), foot);
  }

  private bendFingers(side: "l" | "r", bends: Bends, turned: Quaternion[], place: Vector[]): void {
    const sign = side === "l" ? 1 : -1;
    const wrist = this.row[`${side}_wrist`]!;
    FINGERS.forEach((name, i) => {
      const axis: Vector = [0, (i === 0 ? 0.45 : 0) * sign, (i === 0 ? -0.55 : -1) * sign];
      const own = (side === "l" ? 0 : 15) + 3 * i;
      let before = wrist;
      for (const [part, k] of [["root", 0], ["tip", 1]] as const) {
        const bone = this.row[`${side}_${name}_${part}`]!;
        let bend = fromRotvec(scale(axis, bends[own + k]!));
        if (k === 0) bend = multiply(aboutY(sign * bends[own + 2]!), bend);
        turned[bone] = multiply(turned[before]!, bend);
        place[bone] = add(place[before]!, rotate(turned[before]!, subtract(this.rest[bone]!, this.rest[before]!)));
        before = bone;
      }
    });
  }

  private writeBone([w, x, y, z]: Quaternion, place: Vector, rest: Vector, out: Float32Array, at: number): void {
    const rows = [
      1 - 2 * (y * y + z * z), 2 * (x * y - w * z), 2 * (x * z + w * y),
      2 * (x * y + w * z), 1 - 2 * (x * x + z * z), 2 * (y * z - w * x),
      2 * (x * z - w * y), 2 * (y * z + w * x), 1 - 2 * (x * x + y * y),
    ];
    for (let i = 0; i < 3; i++) {
      const [a, b, c] = [rows[3 * i]!, rows[3 * i + 1]!, rows[3 * i + 2]!];
      out[at + 4 * i] = a * this.step_m;
      out[at + 4 * i + 1] = b * this.step_m;
      out[at + 4 * i + 2] = c * this.step_m;
      out[at + 4 * i + 3] = place[i]! - (a * rest[0] + b * rest[1] + c * rest[2]);
    }
  }
}

/** The smallest rotation from `a` to `b`, unit vectors that are not opposite. */
function between(a: Vector, b: Vector): Quaternion {
  const axis = cross(a, b);
  const w = 1 + a[0] * b[0] + a[1] * b[1] + a[2] * b[2];
  const norm = Math.max(1e-9, Math.sqrt(w * w + length(axis) ** 2));
  return [w / norm, axis[0] / norm, axis[1] / norm, axis[2] / norm];
}

function clip(x: number): number {
  return Math.min(1, Math.max(0, x));
}
