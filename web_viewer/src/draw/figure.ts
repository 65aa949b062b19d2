/** One dancer in the picture: projected spheres, a path per group, groups from far to near. */
import type { DancerPose } from "../score/player";
import { at3, at4, rotate, type Vector } from "../score/rotations";
import { DEPTHS, GROUPS, PARTS, SPHERES } from "./body";
import type { Point, View } from "./camera";

const CIRCLE = 14;
const TURN = Array.from({ length: CIRCLE }, (_, i) => (2 * Math.PI * i) / CIRCLE);
const COS = TURN.map(Math.cos);
const SIN = TURN.map(Math.sin);

export interface Figure {
  readonly pose: DancerPose;
  readonly points: readonly Point[];
  /** Union of the parts of each group. */
  readonly paths: readonly Path2D[];
  /** The same without the parts that grow out of another group. */
  readonly edges: readonly Path2D[];
  /** Groups from far to near. */
  readonly order: readonly number[];
  /** -1 far … 1 near, relative to the hips. */
  readonly nearness: readonly number[];
  /** Pixels per metre at the hips. */
  readonly scale: number;
  readonly depth: number;
}

export function figureOf(pose: DancerPose, view: View): Figure {
  const points = SPHERES.map((sphere) => {
    const [x, y, z] = worldOf(pose, sphere.joint, sphere.offset);
    return view.project(x, y, z);
  });
  const paths = GROUPS.map(() => new Path2D());
  const edges = GROUPS.map(() => new Path2D());
  for (const part of PARTS) {
    const piece = new Path2D();
    if (part.spheres.length === 2) capsule(piece, points, part.spheres[0]!, part.spheres[1]!);
    else hull(piece, points, part.spheres);
    paths[part.group]!.addPath(piece);
    // Shoulders and hips are lit as the torso's outline, so that limbs grow out of it without a line between.
    if (!part.joins) edges[part.group]!.addPath(piece);
    else for (const trunk of [paths[0]!, edges[0]!]) trunk.addPath(piece);
  }
  const hips = view.project(...at3(pose.places, 0));
  const depths = DEPTHS.map(({ rows, behind }) => mean(rows.map((row) => points[row]!.depth)) + behind);
  const order = GROUPS.map((_, i) => i).sort((a, b) => depths[b]! - depths[a]!);
  const nearness = depths.map((depth) => Math.max(-1, Math.min(1, (hips.depth - depth) / 0.6)));
  return { pose, points, paths, edges, order, nearness, scale: hips.scale, depth: hips.depth };
}

/** A place in a joint's frame, in the world. */
export function worldOf(pose: DancerPose, joint: number, offset: Vector): Vector {
  const [x, y, z] = rotate(at4(pose.worlds, joint), offset);
  const [px, py, pz] = at3(pose.places, joint);
  return [px + x, py + y, pz + z];
}

/** Two circles and their common tangents; always the same way round, so that paths unite. */
function capsule(path: Path2D, points: readonly Point[], i: number, j: number): void {
  const [a, b] = [points[i]!, points[j]!];
  const [ra, rb] = [SPHERES[i]!.radius * a.scale, SPHERES[j]!.radius * b.scale];
  const distance = Math.hypot(b.x - a.x, b.y - a.y);
  if (distance <= Math.abs(ra - rb) + 1e-6) {
    const [c, r] = ra > rb ? [a, ra] : [b, rb];
    path.moveTo(c.x + r, c.y);
    path.arc(c.x, c.y, r, 0, 2 * Math.PI);
    return;
  }
  const along = Math.atan2(b.y - a.y, b.x - a.x);
  const open = Math.acos((ra - rb) / distance);
  path.moveTo(a.x + ra * Math.cos(along + open), a.y + ra * Math.sin(along + open));
  path.arc(a.x, a.y, ra, along + open, along - open + 2 * Math.PI);
  path.arc(b.x, b.y, rb, along - open, along + open);
  path.closePath();
}

/** Convex hull of several circles (monotone chain), the same way round as `capsule`. */
function hull(path: Path2D, points: readonly Point[], rows: readonly number[]): void {
  const all: [number, number][] = [];
  for (const row of rows) {
    const p = points[row]!;
    const r = SPHERES[row]!.radius * p.scale;
    for (let k = 0; k < CIRCLE; k++) all.push([p.x + r * COS[k]!, p.y + r * SIN[k]!]);
  }
  all.sort((p, q) => p[0] - q[0] || p[1] - q[1]);
  const outline = [...half(all), ...half(all.reverse())];
  outline.forEach(([x, y], i) => (i === 0 ? path.moveTo(x, y) : path.lineTo(x, y)));
  path.closePath();
}

function half(sorted: readonly [number, number][]): [number, number][] {
  const out: [number, number][] = [];
  for (const p of sorted) {
    while (out.length >= 2 && cross(out[out.length - 2]!, out[out.length - 1]!, p) <= 0) out.pop();
    out.push(p);
  }
  out.pop();
  return out;
}

function cross(o: readonly [number, number], a: readonly [number, number], b: readonly [number, number]): number {
  return (a[0] - o[0]) * (b[1] - o[1]) - (a[1] - o[1]) * (b[0] - o[0]);
}

function mean(values: readonly number[]): number {
  return values.reduce((a, b) => a + b, 0) / values.length;
}
