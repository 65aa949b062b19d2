/**
 * The body: spheres on the rig, grouped into convex parts. The shape of livedance/render/body.py, so that window and
 * page show the same dancer; here each part becomes a piece of a canvas path.
 */
import { INDEX, type JointName } from "../score/rig";

/** Joint it rides on, place in that joint's frame, radius; metres. */
export interface Sphere {
  readonly joint: number;
  readonly offset: readonly [number, number, number];
  readonly radius: number;
}

export const GROUPS = ["torso", "head", "l_arm", "r_arm", "l_leg", "r_leg"] as const;

/** The convex hull of a few spheres. */
export interface Part {
  readonly group: number;
  readonly spheres: readonly number[];
  /** True where it grows out of another group: its own outline is not drawn there. */
  readonly joins: boolean;
}

type Row = readonly [joint: JointName, x: number, y: number, z: number, radius: number];

const ARM: readonly Row[] = [
  ["l_shoulder", 0, 0, 0, 0.047], ["l_shoulder", 0.055, 0, 0, 0.049], ["l_shoulder", 0.13, 0, 0, 0.045],
  ["l_shoulder", 0.215, 0, 0, 0.039], ["l_shoulder", 0.285, 0, 0, 0.035], ["l_elbow", 0.06, 0, 0, 0.039],
  ["l_elbow", 0.13, 0, 0, 0.035], ["l_elbow", 0.25, 0, 0, 0.024],
];
const HAND: readonly Row[] = [
  ["l_wrist", 0, 0, 0, 0.024], ["l_wrist", 0.085, 0, 0.026, 0.016], ["l_wrist", 0.078, 0, -0.026, 0.014],
  ["l_wrist", 0.025, -0.004, 0.026, 0.015],
];
/** Root and tip of five fingers, slightly spread. */
const FINGERS: readonly (readonly [Row, Row])[] = [
  [["l_wrist", 0.03, -0.004, 0.028, 0.012], ["l_wrist", 0.082, -0.014, 0.062, 0.009]],
  [["l_wrist", 0.084, 0, 0.027, 0.011], ["l_wrist", 0.163, -0.024, 0.036, 0.008]],
  [["l_wrist", 0.082, 0, 0.009, 0.0115], ["l_wrist", 0.172, -0.028, 0.01, 0.0085]],
  [["l_wrist", 0.08, 0, -0.009, 0.011], ["l_wrist", 0.164, -0.032, -0.014, 0.008]],
  [["l_wrist", 0.078, 0, -0.026, 0.0095], ["l_wrist", 0.143, -0.034, -0.036, 0.007]],
];
const LEG: readonly Row[] = [
  ["l_hip", 0, 0, 0, 0.084], ["l_hip", 0.004, -0.08, 0, 0.087], ["l_hip", 0.004, -0.17, 0.002, 0.081],
  ["l_hip", 0.002, -0.29, 0.004, 0.066], ["l_hip", 0, -0.43, 0, 0.051], ["l_knee", 0, -0.07, -0.008, 0.054],
  ["l_knee", 0, -0.14, -0.012, 0.055], ["l_knee", 0, -0.24, -0.007, 0.046], ["l_knee", 0, -0.34, -0.002, 0.037],
  ["l_knee", 0, -0.42, 0, 0.034], ["l_ankle", 0, -0.064, -0.05, 0.034], ["l_ankle", 0.004, -0.068, 0.105, 0.032],
  ["l_ankle", 0.002, -0.074, 0.18, 0.025],
];
const TORSO: readonly Row[] = [
  ["hips", 0.074, -0.01, 0, 0.094], ["hips", -0.074, -0.01, 0, 0.094], ["hips", 0.062, 0.09, 0, 0.086],
  ["hips", -0.062, 0.09, 0, 0.086], ["hips", 0.048, 0.2, 0, 0.082], ["hips", -0.048, 0.2, 0, 0.082],
  ["chest", 0.068, 0.105, 0.012, 0.09], ["chest", -0.068, 0.105, 0.012, 0.09], ["neck", 0.136, -0.048, 0, 0.052],
  ["neck", -0.136, -0.048, 0, 0.052], ["neck", 0, 0.026, 0, 0.05], ["neck", 0, 0.064, 0.006, 0.045],
  ["neck", 0, 0.115, 0.012, 0.044],
];
const HEAD: readonly Row[] = [
  ["head", 0, 0.02, -0.014, 0.091], ["head", 0, -0.006, 0.02, 0.081], ["head", 0, -0.088, 0.046, 0.04],
];

export const SPHERES: Sphere[] = [];
export const PARTS: Part[] = [];

function put(rows: readonly Row[]): number {
  const start = SPHERES.length;
  for (const [joint, x, y, z, radius] of rows) SPHERES.push({ joint: INDEX[joint], offset: [x, y, z], radius });
  return start;
}

function mirrored(rows: readonly Row[]): Row[] {
  return rows.map(([joint, x, y, z, radius]) => [joint.replace(/^l_/, "r_") as JointName, -x, y, z, radius]);
}

function add(group: number, spheres: readonly number[], joins = false): void {
  PARTS.push({ group, spheres, joins });
}

/** A limb of capsules; its first `joins` grow out of another group. */
function chain(group: number, start: number, count: number, joins = 0): void {
  for (let i = 0; i + 1 < count; i++) add(group, [start + i, start + i + 1], i < joins);
}

const torso = put(TORSO);
for (const rows of [[0, 1, 2, 3], [2, 3, 4, 5], [4, 5, 6, 7], [6, 7, 8, 9], [8, 9, 10]]) {
  add(0, rows.map((row) => torso + row));
}
const head = put(HEAD);
add(1, [torso + 10, torso + 11], true);
add(1, [torso + 11, torso + 12]);
add(1, [head, head + 1, head + 2]);
const starts = { arm: [0, 0], leg: [0, 0] };
for (const side of [0, 1] as const) {
  const own = side === 0 ? (rows: readonly Row[]) => rows : mirrored;
  const arm = put(own(ARM));
  chain(2 + side, arm, ARM.length, 2);
  const hand = put(own(HAND));
  add(2 + side, [hand, hand + 1, hand + 2, hand + 3]);
  for (const finger of FINGERS) chain(2 + side, put(own(finger)), 2);
  const leg = put(own(LEG));
  chain(4 + side, leg, 10, 1);
  add(4 + side, [leg + 9, leg + 10, leg + 11]);
  add(4 + side, [leg + 11, leg + 12]);
  starts.arm[side] = arm;
  starts.leg[side] = leg;
}

/** Spheres whose mean depth places each group in the picture, and what is added to it (limbs win ties). */
export const DEPTHS: readonly { readonly rows: readonly number[]; readonly behind: number }[] = [
  { rows: [torso, torso + 1, torso + 6, torso + 7], behind: 0.22 },
  { rows: [head, head + 1], behind: -0.1 },
  ...([0, 1] as const).map((s) => ({ rows: [3, 4, 6, 7].map((row) => starts.arm[s]! + row), behind: 0 })),
  ...([0, 1] as const).map((s) => ({ rows: [2, 3, 4, 7].map((row) => starts.leg[s]! + row), behind: 0 })),
];
/** Bones along which each limb shines: sphere rows from end to end. */
export const SHEENS: readonly { readonly group: number; readonly rows: readonly [number, number]; readonly width: number }[] =
  ([0, 1] as const).flatMap((s) => [
    { group: 2 + s, rows: [starts.arm[s]! + 1, starts.arm[s]! + 4] as const, width: 0.5 },
    { group: 2 + s, rows: [starts.arm[s]! + 4, starts.arm[s]! + 7] as const, width: 0.5 },
    { group: 4 + s, rows: [starts.leg[s]! + 1, starts.leg[s]! + 4] as const, width: 0.45 },
    { group: 4 + s, rows: [starts.leg[s]! + 5, starts.leg[s]! + 9] as const, width: 0.45 },
  ]);
/** Rows of the upper torso and of the pelvis, for the light on the chest. */
export const TRUNK = { left: torso + 8, right: torso + 9, throat: torso + 10, waist: [torso + 4, torso + 5] } as const;
export const HEAD_ROW = head;
