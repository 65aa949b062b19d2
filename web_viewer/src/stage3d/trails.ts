/**
 * Ribbons that hands and feet leave, fed on a grid of sixteenths of a beat, so that they are the same at any rate of
 * pictures; between the crumbs they run smoothly.
 */
import { BufferAttribute, BufferGeometry, DynamicDrawUsage, Mesh, type RawShaderMaterial } from "three";
import { worldOf } from "../draw/figure";
import type { DancerPose, Frame } from "../score/player";
import { INDEX } from "../score/rig";
import type { Vector } from "../score/rotations";
import type { Light } from "./colours";

const STEPS_PER_BEAT = 16;
const CRUMBS = 22;
const BETWEEN = 2;
const MOST_DANCERS = 16;
const LONGEST_STEP_M = 0.8;
const TIPS: readonly { readonly joint: number; readonly offset: Vector; readonly left: boolean; readonly share: number; readonly wide_m: number }[] = [
  { joint: INDEX.l_wrist, offset: [0.14, 0, 0], left: false, share: 1, wide_m: 0.075 },
  { joint: INDEX.r_wrist, offset: [-0.14, 0, 0], left: true, share: 1, wide_m: 0.075 },
  { joint: INDEX.l_toe, offset: [0, 0.02, 0.02], left: false, share: 0.5, wide_m: 0.032 },
  { joint: INDEX.r_toe, offset: [0, 0.02, 0.02], left: true, share: 0.5, wide_m: 0.032 },
];
const POINTS_OF_ONE = CRUMBS * BETWEEN + 1;

interface Tail {
  /** Number of the newest crumb's sixteenth. */
  step: number;
  /** Newest first: places of all tips, three numbers each. */
  crumbs: Float64Array[];
  now: Float64Array;
  dance: number;
}

export class Trails {
  readonly mesh: Mesh;
  private readonly tails = new Map<number, Tail>();
  private readonly position = new BufferAttribute(new Float32Array(3 * 2 * POINTS_OF_ONE * TIPS.length * MOST_DANCERS), 3);
  private readonly light = new BufferAttribute(new Float32Array(4 * 2 * POINTS_OF_ONE * TIPS.length * MOST_DANCERS), 4);

  constructor(material: RawShaderMaterial) {
    const strips = TIPS.length * MOST_DANCERS;
    const geometry = new BufferGeometry();
    const across = new Float32Array(2 * POINTS_OF_ONE * strips).map((_, i) => (i % 2 === 0 ? -1 : 1));
    this.position.setUsage(DynamicDrawUsage);
    this.light.setUsage(DynamicDrawUsage);
    geometry.setAttribute("position", this.position);
    geometry.setAttribute("light", this.light);
    geometry.setAttribute("across", new BufferAttribute(across, 1));
    const triangles: number[] = [];
    for (let strip = 0; strip < strips; strip++) {
      for (let i = 0; i + 1 < POINTS_OF_ONE; i++) {
        const a = 2 * (strip * POINTS_OF_ONE + i);
        triangles.push(a, a + 1, a + 2, a + 2, a + 1, a + 3);
      }
    }
    geometry.setIndex(new BufferAttribute(new Uint16Array(triangles), 1));
    geometry.setDrawRange(0, 0);
    this.mesh = new Mesh(geometry, material);
    this.mesh.frustumCulled = false;
  }

  clear(): void {
    this.tails.clear();
  }

  add(frame: Frame): void {
    const here = new Set(frame.dancers.map((d) => d.id));
    for (const id of [...this.tails.keys()]) if (!here.has(id)) this.tails.delete(id);
    for (const dancer of frame.dancers.slice(0, MOST_DANCERS)) this.addOne(dancer, frame.dance);
  }

  private addOne(dancer: DancerPose, dance: number): void {
    const tips = tipsOf(dancer);
    const place = STEPS_PER_BEAT * dance;
    let tail = this.tails.get(dancer.id);
    if (tail === undefined || dance < tail.dance || place - tail.step > CRUMBS || jumped(tail.now, tips)) {
      tail = { step: Math.floor(place), crumbs: [], now: tips, dance };
      this.tails.set(dancer.id, tail);
      return;
    }
    // Crumbs lie exactly on the grid: between the pose before and this one.
    const before = STEPS_PER_BEAT * tail.dance;
    for (let step = tail.step + 1; step <= place; step++) {
      const share = place > before ? (step - before) / (place - before) : 1;
      tail.crumbs.unshift(tips.map((value, i) => tail!.now[i]! + (value - tail!.now[i]!) * Math.max(0, share)));
      tail.step = step;
    }
    tail.crumbs.length = Math.min(tail.crumbs.length, CRUMBS);
    tail.now = tips;
    tail.dance = dance;
  }

  /** Lay the ribbons for this picture, facing `eye`. */
  update(frame: Frame, eye: Vector, tints: ReadonlyMap<number, readonly [Light, Light]>, gain: number): void {
    let strip = 0;
    if (gain > 0) {
      for (const { id } of frame.dancers) {
        const tail = this.tails.get(id);
        const tint = tints.get(id);
        if (tail === undefined || tint === undefined || tail.crumbs.length < 3) continue;
        TIPS.forEach((tip, k) => {
          const late = STEPS_PER_BEAT * tail.dance - tail.step;
          this.lay(strip++, tail, k, late, eye, tip.left ? tint[0] : tint[1], gain * tip.share, tip.wide_m);
        });
      }
    }
    const geometry = this.mesh.geometry;
    geometry.setDrawRange(0, strip * 6 * (POINTS_OF_ONE - 1));
    this.mesh.visible = strip > 0;
    for (const attribute of [this.position, this.light]) {
      attribute.clearUpdateRanges();
      attribute.addUpdateRange(0, strip * 2 * POINTS_OF_ONE * attribute.itemSize);
      attribute.needsUpdate = true;
    }
  }

  private lay(strip: number, tail: Tail, tip: number, late: number, eye: Vector, tint: Light, gain: number, wide_m: number): void {
    const point = (i: number): Vector => {
      const crumb = i <= 0 ? tail.now : tail.crumbs[Math.min(i, tail.crumbs.length) - 1]!;
      return [crumb[3 * tip]!, crumb[3 * tip + 1]!, crumb[3 * tip + 2]!];
    };
    const count = tail.crumbs.length;
    let before = point(0);
    for (let i = 0; i < POINTS_OF_ONE; i++) {
      const place = i / BETWEEN;
      const k = Math.floor(place);
      const here = k >= count ? point(count) : curve(point(Math.max(0, k - 1)), point(k), point(k + 1), point(k + 2), place - k);
      const next = i + 1 < POINTS_OF_ONE ? point(Math.min(count, Math.floor(place + 1))) : here;
      const along: Vector = [next[0] - before[0], next[1] - before[1], next[2] - before[2]];
      const speed = Math.hypot(...along);
      const age = Math.min(1, Math.max(0, place - 1 + late) / (CRUMBS - 1));
      const fresh = place >= count ? 0 : (1 - age) * (1 - age);
      const side = across(along, [eye[0] - here[0], eye[1] - here[1], eye[2] - here[2]], 0.5 * wide_m * (0.35 + 0.65 * (1 - age)));
      const strength = gain * fresh * Math.min(1, speed * 14) * Math.min(1, 0.15 + place * 0.35);
      const at = 2 * (strip * POINTS_OF_ONE + i);
      for (const [row, sign] of [[at, -1], [at + 1, 1]] as const) {
        this.position.setXYZ(row, here[0] + sign * side[0], here[1] + sign * side[1], here[2] + sign * side[2]);
        this.light.setXYZW(row, tint[0], tint[1], tint[2], strength);
      }
      before = here;
    }
  }
}

function tipsOf(dancer: DancerPose): Float64Array {
  return Float64Array.from(TIPS.flatMap((tip) => [...worldOf(dancer, tip.joint, tip.offset)]));
}

function jumped(a: Float64Array, b: Float64Array): boolean {
  return a.some((value, i) => Math.abs(value - b[i]!) > LONGEST_STEP_M);
}

/** Catmull-Rom from b to c. */
function curve(a: Vector, b: Vector, c: Vector, d: Vector, s: number): Vector {
  const at = (i: 0 | 1 | 2): number =>
    b[i] + 0.5 * s * (c[i] - a[i] + s * (2 * a[i] - 5 * b[i] + 4 * c[i] - d[i] + s * (3 * (b[i] - c[i]) + d[i] - a[i])));
  return [at(0), at(1), at(2)];
}

/** Perpendicular to both, `size` long. */
function across(a: Vector, b: Vector, size: number): Vector {
  const c: Vector = [a[1] * b[2] - a[2] * b[1], a[2] * b[0] - a[0] * b[2], a[0] * b[1] - a[1] * b[0]];
  const k = size / Math.max(1e-6, Math.hypot(...c));
  return [c[0] * k, c[1] * k, c[2] * k];
}
