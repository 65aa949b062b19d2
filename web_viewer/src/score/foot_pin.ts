/** Feet that stand, stand still between samples too: two-bone IK of the leg (docs/conventions.md §3). */
import { REST_OFFSETS_M } from "../wire.generated";
import { INDEX, type Body } from "./rig";
import { add, at3, at4, conjugate, cross, length, multiply, rotate, scale, subtract, type Numbers, type Quaternion, type Vector } from "./rotations";

const LEGS = (["l", "r"] as const).map((s) => ({
  hip: INDEX[`${s}_hip`], knee: INDEX[`${s}_knee`], ankle: INDEX[`${s}_ankle`], offset: REST_OFFSETS_M[INDEX[`${s}_hip`]]!,
}));
const THIGH = REST_OFFSETS_M[INDEX.l_knee]!;
const SHIN = REST_OFFSETS_M[INDEX.l_ankle]!;
const FOOT = REST_OFFSETS_M[INDEX.l_toe]!;
const THIGH_M = -THIGH[1];
const SHIN_M = -SHIN[1];
const REACH = 0.9999;
const HINGE = 0.01;

/** `body` with each foot that stands led to its target; `contact` (4), `targets` (4 x 3). */
export function pin(body: Body, contact: Numbers, targets: Numbers): Body {
  if (Math.max(...contact) <= 0) return body;
  const turns = body.turns.slice();
  LEGS.forEach((leg, side) => {
    const heel = contact[2 * side]!;
    const toe = contact[2 * side + 1]!;
    if (Math.max(heel, toe) <= 0) return;
    const local = [at4(body.turns, leg.hip), at4(body.turns, leg.knee), at4(body.turns, leg.ankle)] as const;
    const goals = [at3(targets, 2 * side), at3(targets, 2 * side + 1)] as const;
    const [hip, knee, ankle] = solve(body.root, at4(body.turns, 0), local, leg.offset, [heel, toe], goals);
    turns.set(hip, 4 * leg.hip);
    turns.set(knee, 4 * leg.knee);
    turns.set(ankle, 4 * leg.ankle);
  });
  return { root: body.root, turns };
}

type Three = readonly [Quaternion, Quaternion, Quaternion];

function solve(
  root: Vector, pelvis: Quaternion, local: Three, offset: Vector,
  weights: readonly [number, number], goals: readonly [Vector, Vector],
): Three {
  let thigh = multiply(pelvis, local[0]);
  let shin = multiply(thigh, local[1]);
  const foot = multiply(shin, local[2]);
  const hip = add(root, rotate(pelvis, offset));
  const knee = add(hip, rotate(thigh, THIGH));
  const ankle = add(knee, rotate(shin, SHIN));
  const toe = add(ankle, rotate(foot, FOOT));
  const heelAsks = scale(subtract(goals[0], ankle), weights[0]);
  const toeAsks = scale(subtract(goals[1], toe), weights[1]);
  const correction = scale(add(heelAsks, toeAsks), Math.max(...weights) / (weights[0] + weights[1]));
  const goal = add(subtract(ankle, hip), correction);

  // The knee opens or closes about its hinge until the ankle is as far from the hip as the goal.
  const reach = Math.min(length(goal), REACH * (THIGH_M + SHIN_M));
  const along = subtract(knee, hip);
  const below = subtract(ankle, knee);
  const hinge = add(cross(along, below), scale(rotate(thigh, [1, 0, 0]), HINGE));
  shin = multiply(turn(hinge, bend(reach) - bend(length(subtract(ankle, hip)))), shin);

  // Then the whole leg turns about the hip so that the ankle lies in the goal's direction.
  const swing = between(add(along, rotate(shin, SHIN)), goal);
  thigh = multiply(swing, thigh);
  shin = multiply(swing, shin);
  return [multiply(conjugate(pelvis), thigh), multiply(conjugate(thigh), shin), multiply(conjugate(shin), foot)];
}

/** The angle (0 = straight) at which the ankle is `reach` from the hip: law of cosines. */
function bend(reach: number): number {
  const cosine = (reach * reach - THIGH_M * THIGH_M - SHIN_M * SHIN_M) / (2 * THIGH_M * SHIN_M);
  return Math.acos(Math.min(1, Math.max(-1, cosine)));
}

function turn(axis: Vector, angle: number): Quaternion {
  const k = Math.sin(0.5 * angle) / Math.max(length(axis), 1e-9);
  return [Math.cos(0.5 * angle), axis[0] * k, axis[1] * k, axis[2] * k];
}

/** The smallest rotation from direction a to b; they are never opposite here. */
function between(a: Vector, b: Vector): Quaternion {
  const n = length(a) * length(b);
  const [x, y, z] = cross(a, b);
  const w = n + a[0] * b[0] + a[1] * b[1] + a[2] * b[2];
  const k = 1 / Math.max(Math.sqrt(w * w + x * x + y * y + z * z), 1e-9);
  return [w * k, x * k, y * k, z * k];
}
