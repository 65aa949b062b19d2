/** The glowing lines on a dancer: visor, headphones, seam of the suit, bands at wrists and ankles. */
import { INDEX } from "../score/rig";
import type { DancerPose } from "../score/player";
import { at4, rotate, type Vector } from "../score/rotations";
import type { Point, View } from "./camera";
import { worldOf } from "./figure";

export interface Mark {
  /** Index of the body group it is drawn with. */
  readonly group: number;
  readonly line: readonly Point[];
  readonly width_m: number;
  readonly light: number;
}

const VISOR: readonly Vector[] = arc(-1.15, 1.15, 11).map((a) => [0.1 * Math.sin(a), -0.004, 0.012 + 0.092 * Math.cos(a)]);
const BAND: readonly Vector[] = arc(-1.5, 1.5, 11).map((a) => [0.108 * Math.sin(a), 0.02 + 0.1 * Math.cos(a), -0.004]);
const CUP: readonly Vector[] = arc(0, 2 * Math.PI, 9).map((a) => [0, 0.036 * Math.sin(a), 0.004 + 0.03 * Math.cos(a)]);
type Stop = readonly [joint: number, place: Vector];
const FRONT: readonly Stop[] = [
  [INDEX.neck, [0, -0.03, 0.062]], [INDEX.chest, [0, 0.12, 0.104]], [INDEX.chest, [0, 0.03, 0.1]],
  [INDEX.hips, [0, 0.2, 0.084]], [INDEX.hips, [0, 0.08, 0.088]],
];
const BACK: readonly Stop[] = [
  [INDEX.neck, [0, 0.06, -0.04]], [INDEX.chest, [0, 0.12, -0.08]], [INDEX.chest, [0, 0.02, -0.082]],
  [INDEX.hips, [0, 0.18, -0.084]], [INDEX.hips, [0, 0.02, -0.096]],
];
const RINGS: readonly { readonly group: number; readonly joint: number; readonly centre: Vector; readonly axis: 0 | 1; readonly radius: number }[] = [
  { group: 2, joint: INDEX.l_elbow, centre: [0.218, 0, 0], axis: 0, radius: 0.0285 },
  { group: 3, joint: INDEX.r_elbow, centre: [-0.218, 0, 0], axis: 0, radius: 0.0285 },
  { group: 4, joint: INDEX.l_knee, centre: [0, -0.375, -0.001], axis: 1, radius: 0.037 },
  { group: 5, joint: INDEX.r_knee, centre: [0, -0.375, -0.001], axis: 1, radius: 0.037 },
];

export function marksOf(pose: DancerPose, view: View): Mark[] {
  const on = (joint: number) => (place: Vector): Point => view.project(...worldOf(pose, joint, place));
  const head = on(INDEX.head);
  const middle = head([0, 0, 0]).depth;
  const marks: Mark[] = [];
  const visor = VISOR.map(head).filter((p) => p.depth < middle + 0.012);
  if (visor.length > 2) marks.push({ group: 1, line: visor, width_m: 0.026, light: 1 });
  marks.push({ group: 1, line: BAND.map(head), width_m: 0.011, light: 0.55 });
  for (const side of [-1, 1]) {
    if (head([0.1 * side, 0, 0]).depth > middle + 0.05) continue;
    marks.push({ group: 1, line: CUP.map(([, y, z]) => head([0.104 * side, y, z])), width_m: 0.013, light: 0.9 });
  }
  const facing = rotate(at4(pose.worlds, INDEX.chest), [0, 0, 1])[2];
  const seam = (facing >= 0 ? FRONT : BACK).map(([joint, place]) => on(joint)(place));
  if (Math.abs(facing) > 0.15) marks.push({ group: 0, line: seam, width_m: 0.01, light: Math.min(1, 1.4 * Math.abs(facing)) });
  for (const ring of RINGS) marks.push({ group: ring.group, line: nearSide(ring, on(ring.joint)), width_m: 0.012, light: 0.9 });
  return marks;
}

/** The half of a ring round a limb that faces the lens. */
function nearSide(ring: (typeof RINGS)[number], project: (place: Vector) => Point): Point[] {
  const [cx, cy, cz] = ring.centre;
  const middle = project(ring.centre).depth;
  const all = arc(0, 2 * Math.PI, 17).slice(0, 16).map((a) => {
    const [u, v] = [ring.radius * Math.cos(a), ring.radius * Math.sin(a)];
    return project(ring.axis === 0 ? [cx, cy + u, cz + v] : [cx + u, cy, cz + v]);
  });
  const near = all.map((p) => p.depth <= middle);
  const start = near.findIndex((is, i) => is && !near[(i + 15) % 16]);
  if (start < 0) return all;
  const out: Point[] = [];
  for (let i = 0; i < 16 && near[(start + i) % 16]; i++) out.push(all[(start + i) % 16]!);
  return out;
}

function arc(from: number, to: number, count: number): number[] {
  return Array.from({ length: count }, (_, i) => from + ((to - from) * i) / (count - 1));
}
