/** The rig: forward kinematics and mirror. */
import { JOINT_NAMES, MIRROR, PARENTS, REST_OFFSETS_M } from "../wire.generated";
import { add, at4, multiply, rotate, type Numbers, type Quaternion, type Vector } from "./rotations";

export type JointName = (typeof JOINT_NAMES)[number];

export const N_JOINTS = JOINT_NAMES.length;
export const INDEX = Object.fromEntries(JOINT_NAMES.map((name, i) => [name, i])) as Readonly<Record<JointName, number>>;

/** Root (3) and parent-local rotations (23 x 4) of one pose; not changed once made. */
export interface Body {
  readonly root: Vector;
  readonly turns: Numbers;
}

/** World places (23 x 3) and rotations (23 x 4) of all joints. */
export interface Placed {
  readonly places: Numbers;
  readonly worlds: Numbers;
}

export function forwardKinematics(body: Body): Placed {
  const places = new Float64Array(3 * N_JOINTS);
  const worlds = new Float64Array(4 * N_JOINTS);
  for (let joint = 0; joint < N_JOINTS; joint++) {
    const parent = PARENTS[joint]!;
    if (parent < 0) {
      places.set(body.root, 0);
      worlds.set(body.turns.subarray(0, 4), 0);
      continue;
    }
    const above = at4(worlds, parent);
    const offset = rotate(above, REST_OFFSETS_M[joint]!);
    for (let axis = 0; axis < 3; axis++) places[3 * joint + axis] = places[3 * parent + axis]! + offset[axis]!;
    worlds.set(multiply(above, at4(body.turns, joint)), 4 * joint);
  }
  return { places, worlds };
}

/** Left and right change places. */
export function mirrored(body: Body): Body {
  const turns = new Float64Array(4 * N_JOINTS);
  for (let joint = 0; joint < N_JOINTS; joint++) {
    const [w, x, y, z] = at4(body.turns, MIRROR[joint]!);
    turns.set([w, x, -y, -z], 4 * joint);
  }
  return { root: [-body.root[0], body.root[1], body.root[2]], turns };
}

/** Turned about the vertical axis of the stage, then moved. */
export function placed(body: Body, yaw: Quaternion | null, x: number, z: number): Body {
  const turns = body.turns.slice();
  let root = body.root;
  if (yaw !== null) {
    root = rotate(yaw, root);
    turns.set(multiply(yaw, at4(turns, 0)), 0);
  }
  return { root: add(root, [x, 0, z]), turns };
}
