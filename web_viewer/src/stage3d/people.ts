/** Everybody on stage: bones of this moment in one texture, one draw call per kind of dancer. */
import {
  BufferAttribute, DataTexture, DynamicDrawUsage, FloatType, InstancedBufferAttribute, InstancedBufferGeometry, Matrix4,
  Mesh, NearestFilter, Points, RGBAFormat, type RawShaderMaterial,
} from "three";
import { SUITS } from "../draw/settings";
import type { DancerPose, Frame } from "../score/player";
import { Bones, Fingers } from "./bones";
import { linear, type Colours, type Light } from "./colours";
import { Memory, members, sizeOf, type Member } from "./crowd";
import type { Character, Shape } from "./glb";

export const MOST_SHOWN = 16;
export const MOST_CROWD = 64;
/** Of a large company only the first few are drawn finely. */
const FINE = 4;
const LEADERS = 3;
const FOLLOW_S = 2;

export interface Materials {
  readonly body: RawShaderMaterial;
  readonly mirrored: RawShaderMaterial;
  readonly dust: RawShaderMaterial;
}

/** One mesh with room for many dancers. */
class Troupe {
  readonly body: Mesh;
  readonly mirrored: Mesh;
  readonly dust: Points;
  count = 0;
  private readonly who: InstancedBufferAttribute;
  private readonly left: InstancedBufferAttribute;
  private readonly right: InstancedBufferAttribute;
  private readonly geometries: readonly InstancedBufferGeometry[];

  constructor(shape: Shape, most: number, materials: Materials) {
    const [whole, points] = [new InstancedBufferGeometry(), new InstancedBufferGeometry()];
    const own = (size: number): InstancedBufferAttribute => {
      const attribute = new InstancedBufferAttribute(new Float32Array(size * most), size);
      attribute.setUsage(DynamicDrawUsage);
      return attribute;
    };
    [this.who, this.left, this.right] = [own(4), own(3), own(3)];
    const attributes = {
      position: new BufferAttribute(shape.position, 3), normal: new BufferAttribute(shape.normal, 3, true),
      joints: new BufferAttribute(shape.joints, 4), weights: new BufferAttribute(shape.weights, 4, true),
      material: new BufferAttribute(shape.material, 1), who: this.who, left: this.left, right: this.right,
    };
    for (const geometry of [whole, points]) {
      for (const [name, attribute] of Object.entries(attributes)) geometry.setAttribute(name, attribute);
    }
    whole.setIndex(new BufferAttribute(shape.triangles, 1));
    this.geometries = [whole, points];
    this.body = placed(new Mesh(whole, materials.body), 4);
    this.mirrored = placed(new Mesh(whole, materials.mirrored), 2);
    this.dust = placed(new Points(points, materials.dust), 4);
  }

  add(row: number, x: number, z: number, yaw: number, left: Light, right: Light): void {
    this.who.setXYZW(this.count, row, x, z, yaw);
    this.left.setXYZ(this.count, ...left);
    this.right.setXYZ(this.count, ...right);
    this.count++;
  }

  /** Show what was added; `isDust` draws points instead of triangles. */
  show(isDust: boolean, isMirrored: boolean): void {
    const any = this.count > 0;
    this.body.visible = any && !isDust;
    this.dust.visible = any && isDust;
    this.mirrored.visible = any && isMirrored;
    if (!any) return;
    for (const geometry of this.geometries) geometry.instanceCount = this.count;
    for (const attribute of [this.who, this.left, this.right]) {
      attribute.clearUpdateRanges();
      attribute.addUpdateRange(0, this.count * attribute.itemSize);
      attribute.needsUpdate = true;
    }
  }
}

export class People {
  readonly texture: DataTexture;
  readonly objects: readonly (Mesh | Points)[];
  private readonly near: readonly Troupe[];
  private readonly far: readonly Troupe[];
  private readonly bones: Bones;
  private readonly data: Float32Array;
  private readonly size: number;
  private readonly fingers = new Fingers();
  private readonly memories = new Map<number, Memory>();
  private readonly homes = new Map<number, { x: number; z: number; t_s: number }>();
  private crowd: readonly Member[] = [];

  constructor(characters: readonly Character[], materials: Materials) {
    const { bones, rest, step_m } = characters[0]!;
    this.bones = new Bones(bones, rest, step_m);
    this.size = sizeOf(bones.length);
    const rows = MOST_SHOWN + MOST_CROWD;
    this.data = new Float32Array(this.size * rows);
    this.texture = new DataTexture(this.data, this.size / 4, rows, RGBAFormat, FloatType, undefined, undefined, undefined, NearestFilter, NearestFilter);
    this.near = characters.map(({ near }) => new Troupe(near, FINE, materials));
    this.far = characters.map(({ far }) => new Troupe(far, MOST_SHOWN + MOST_CROWD, materials));
    this.objects = [...this.near, ...this.far].flatMap(({ body, mirrored, dust }) => [body, mirrored, dust]);
  }

  /** Place everybody as they are at `frame`, and a crowd behind. */
  update(frame: Frame, colours: readonly Colours[], crowd: number, suit: number, isMirrored: boolean): void {
    const troupes = [...this.near, ...this.far];
    for (const troupe of troupes) troupe.count = 0;
    const shown = frame.dancers.slice(0, MOST_SHOWN);
    shown.forEach((pose, i) => {
      this.bones.write(pose, this.fingers.follow(pose, frame.t_s), this.data, i * this.size);
      const kind = pose.id % this.near.length;
      const { left, right } = colours[pose.id % 3]!;
      (i < FINE ? this.near : this.far)[kind]!.add(i, 0, 0, 0, linear(left), linear(right));
    });
    if (crowd > 0) this.addCrowd(frame, shown, colours, Math.min(MOST_CROWD, crowd));
    this.texture.needsUpdate = true;
    for (const troupe of troupes) troupe.show(suit === SUITS.dust, isMirrored);
  }

  private addCrowd(frame: Frame, shown: readonly DancerPose[], colours: readonly Colours[], count: number): void {
    const leaders = shown.slice(0, LEADERS);
    if (leaders.length === 0) return;
    if (this.crowd.length !== count) this.crowd = members(count);
    leaders.forEach((pose, i) => {
      let memory = this.memories.get(i);
      if (memory === undefined) this.memories.set(i, (memory = new Memory(this.size)));
      memory.take(frame.dance, this.data, i * this.size);
      this.follow(i, pose, frame.t_s);
    });
    this.crowd.forEach((member, k) => {
      const leader = member.number % leaders.length;
      const row = MOST_SHOWN + k;
      this.memories.get(leader)!.recall(frame.dance - member.lag_beats, this.data, row * this.size);
      const home = this.homes.get(leader)!;
      const [c, s] = [Math.cos(member.yaw), Math.sin(member.yaw)];
      const { left, right } = colours[(member.number + 1) % 3]!;
      this.far[(member.number + 1) % this.far.length]!.add(
        row, member.x - (c * home.x + s * home.z), member.z - (c * home.z - s * home.x), member.yaw, linear(left), linear(right),
      );
    });
  }

  /** Where a leader is at home: the crowd stays in its places while the leader wanders. */
  private follow(i: number, pose: DancerPose, t_s: number): void {
    const [x, z] = [pose.places[0]!, pose.places[2]!];
    const home = this.homes.get(i);
    const share = home === undefined || !(t_s >= home.t_s) ? 1 : 1 - Math.exp(-(t_s - home.t_s) / FOLLOW_S);
    const from = home ?? { x, z };
    this.homes.set(i, { x: from.x + (x - from.x) * share, z: from.z + (z - from.z) * share, t_s });
  }
}

function placed<T extends Mesh | Points>(object: T, order: number): T {
  object.renderOrder = order;
  object.frustumCulled = false;
  object.visible = false;
  object.matrixAutoUpdate = false;
  object.matrixWorldAutoUpdate = false;
  return object;
}

/** Tell which way round the triangles of `object` go in the picture: mirrored ones are turned over. */
export function turnOver(object: Mesh | Points, isOver: boolean): void {
  object.matrixWorld = new Matrix4().makeScale(isOver ? -1 : 1, 1, 1);
}
