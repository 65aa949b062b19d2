/** Where the score has nothing: carry on, come to rest, stand and sway (docs/conventions.md §4). */
import { REST_OFFSETS_M, SOLE_TO_ANKLE_M } from "../wire.generated";
import { INDEX, N_JOINTS, type Body, type JointName } from "./rig";
import { moved, STILL, type Velocity } from "./inertia";
import { aboutY, aboutZ, at4, conjugate, fromRotvec, heading, multiply, slerp, type Numbers, type Quaternion, type Vector } from "./rotations";

const STOP_S = 0.2;
const HOLD_S = 0.25;
const EASE_S = 1.25;
const SWAY_HZ = 0.25;
const SWAY_M = 0.015;
const SWAY_CHEST_RAD = 0.03;
const ARM_DOWN_RAD = 1.31;
const ELBOW_RAD = 0.35;
const KNEE_RAD = 0.12;
const LEG_M = -(REST_OFFSETS_M[INDEX.l_knee]![1] + REST_OFFSETS_M[INDEX.l_ankle]![1]);
const STAND_HEIGHT_M = SOLE_TO_ANKLE_M + LEG_M * Math.cos(KNEE_RAD);

const STAND_TURNS: Partial<Record<JointName, Vector>> = {
  l_shoulder: [0, 0, -ARM_DOWN_RAD],
  r_shoulder: [0, 0, ARM_DOWN_RAD],
  l_elbow: [0, -ELBOW_RAD, 0],
  r_elbow: [0, ELBOW_RAD, 0],
  l_hip: [-KNEE_RAD, 0, 0],
  r_hip: [-KNEE_RAD, 0, 0],
  l_knee: [2 * KNEE_RAD, 0, 0],
  r_knee: [2 * KNEE_RAD, 0, 0],
  l_ankle: [-KNEE_RAD, 0, 0],
  r_ankle: [-KNEE_RAD, 0, 0],
};

const STAND: Numbers = (() => {
  const turns = new Float64Array(4 * N_JOINTS);
  for (let joint = 0; joint < N_JOINTS; joint++) turns[4 * joint] = 1;
  for (const [name, turn] of Object.entries(STAND_TURNS)) turns.set(fromRotvec(turn), 4 * INDEX[name as JointName]);
  return turns;
})();

/** A stretch without score that begins at `t_s` with the pose and velocity shown then. */
export interface Gap {
  readonly t_s: number;
  readonly body: Body;
  readonly velocity: Velocity;
  readonly hands: Uint8Array;
  readonly contact: Numbers;
}

/** Standing in the middle of the stage since time 0. */
export const REST: Gap = {
  t_s: 0,
  body: { root: [0, STAND_HEIGHT_M, 0], turns: STAND },
  velocity: STILL,
  hands: new Uint8Array(2),
  contact: new Float64Array([1, 1, 1, 1]),
};

export function poseInGap(gap: Gap, t_s: number): { body: Body; contact: Numbers } {
  const dt = Math.max(t_s - gap.t_s, 0);
  const drift = STOP_S * -Math.expm1(-dt / STOP_S);
  const held = moved(gap.body, (i) => drift * gap.velocity.root[i]!, (i) => drift * gap.velocity.turn[i]!);
  const u = Math.min(Math.max((dt - HOLD_S) / EASE_S, 0), 1);
  const ease = u * u * (3 - 2 * u);
  const stand = standing(held, heading(at4(gap.body.turns, 0)), dt);
  const turns = new Float64Array(4 * N_JOINTS);
  for (let joint = 0; joint < N_JOINTS; joint++) {
    turns.set(slerp(at4(held.turns, joint), at4(stand.turns, joint), ease), 4 * joint);
  }
  const root: Vector = [
    held.root[0] + ease * (stand.root[0] - held.root[0]),
    held.root[1] + ease * (stand.root[1] - held.root[1]),
    held.root[2] + ease * (stand.root[2] - held.root[2]),
  ];
  return { body: { root, turns }, contact: gap.contact.map((c) => c + ease * (1 - c)) };
}

function standing(body: Body, yaw: number, dt: number): Body {
  const wave = Math.sin(2 * Math.PI * SWAY_HZ * dt);
  const aside = SWAY_M * wave;
  const lean = aboutZ(-Math.asin(aside / LEG_M));
  const turns = STAND.slice();
  const set = (joint: number, q: Quaternion): void => turns.set(q, 4 * joint);
  set(0, aboutY(yaw));
  set(INDEX.chest, aboutZ(-SWAY_CHEST_RAD * wave));
  for (const [hip, ankle] of [[INDEX.l_hip, INDEX.l_ankle], [INDEX.r_hip, INDEX.r_ankle]] as const) {
    // The feet stay where they are while the hips move aside: legs lean, soles stay flat.
    set(hip, multiply(lean, at4(turns, hip)));
    set(ankle, multiply(at4(turns, ankle), conjugate(lean)));
  }
  return { root: [body.root[0] + aside * Math.cos(yaw), STAND_HEIGHT_M, body.root[2] - aside * Math.sin(yaw)], turns };
}
