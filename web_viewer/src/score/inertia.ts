/** The one way a jump is hidden: an offset that starts as the jump and dies away (docs/conventions.md §4). */
import { N_JOINTS, type Body } from "./rig";
import { at3, at4, conjugate, fromRotvec, limited, multiply, scale, subtract, toRotvec, type Numbers, type Vector } from "./rotations";

export const DURATION_S = 0.35;
export const STEP_S = 1 / 120;
const MAX_TURN_RAD_S = 8;
const MAX_ROOT_M_S = 2;

/** Metres per second, and radians per second in the parent's frame (23 x 3). */
export interface Velocity {
  readonly root: Vector;
  readonly turn: Numbers;
}

export interface Offset {
  readonly t_s: number;
  readonly duration_s: number;
  readonly root: Vector;
  readonly turn: Numbers;
  readonly velocity: Velocity;
}

export const STILL: Velocity = { root: [0, 0, 0], turn: new Float64Array(3 * N_JOINTS) };

/** Limited velocity of a motion from two poses `STEP_S` apart. */
export function velocity(earlier: Body, later: Body): Velocity {
  const turn = new Float64Array(3 * N_JOINTS);
  for (let joint = 0; joint < N_JOINTS; joint++) {
    const step = multiply(at4(later.turns, joint), conjugate(at4(earlier.turns, joint)));
    turn.set(limited(scale(toRotvec(step), 1 / STEP_S), MAX_TURN_RAD_S), 3 * joint);
  }
  return { root: limited(scale(subtract(later.root, earlier.root), 1 / STEP_S), MAX_ROOT_M_S), turn };
}

/** The offset that leads from `before` (moving with `going`) into `after` (moving with `coming`). */
export function jump(t_s: number, duration_s: number, before: Body, going: Velocity, after: Body, coming: Velocity): Offset {
  const turn = new Float64Array(3 * N_JOINTS);
  const rate = new Float64Array(3 * N_JOINTS);
  for (let joint = 0; joint < N_JOINTS; joint++) {
    turn.set(toRotvec(multiply(at4(before.turns, joint), conjugate(at4(after.turns, joint)))), 3 * joint);
    rate.set(limited(subtract(at3(going.turn, joint), at3(coming.turn, joint)), MAX_TURN_RAD_S), 3 * joint);
  }
  const root = limited(subtract(going.root, coming.root), MAX_ROOT_M_S);
  return { t_s, duration_s, root: subtract(before.root, after.root), turn, velocity: { root, turn: rate } };
}

/** `body` (the new motion at `t_s`) with what is left of the jump added. */
export function apply(offset: Offset, body: Body, t_s: number): Body {
  const u = Math.min(Math.max((t_s - offset.t_s) / offset.duration_s, 0), 1);
  if (u === 1) return body;
  const value = 1 + u * u * u * (-10 + u * (15 - 6 * u));
  const rate = offset.duration_s * u * (1 + u * u * (-6 + u * (8 - 3 * u)));
  return moved(body, (i) => value * offset.root[i]! + rate * offset.velocity.root[i]!,
    (i) => value * offset.turn[i]! + rate * offset.velocity.turn[i]!);
}

/** `body` with its root moved and its joints turned from the left by rotation vectors. */
export function moved(body: Body, root: (axis: number) => number, turn: (i: number) => number): Body {
  const turns = new Float64Array(4 * N_JOINTS);
  for (let joint = 0; joint < N_JOINTS; joint++) {
    const q = fromRotvec([turn(3 * joint), turn(3 * joint + 1), turn(3 * joint + 2)]);
    turns.set(multiply(q, at4(body.turns, joint)), 4 * joint);
  }
  return { root: [body.root[0] + root(0), body.root[1] + root(1), body.root[2] + root(2)], turns };
}
