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
import { WARDROBE, type Outfit } from "./wardrobe";

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

/** One mesh, or its points, with room for many dancers. */
class Troupe {
  readonly object: Mesh | Points;
  private count = 0;
  private readonly geometry = new InstancedBufferGeometry();
  private readonly who: InstancedBufferAttribute;
  private readonly left: InstancedBufferAttribute;
  private readonly right: InstancedBufferAttribute;

  constructor(shape: Shape, { dye }: Outfit, most: number, material: RawShaderMaterial, order: number, isPoints = false) {
    const { geometry } = this;
    const own = (name: string, size: number): InstancedBufferAttribute => {
      const attribute = new InstancedBufferAttribute(new Float32Array(size * most), size);
      attribute.setUsage(DynamicDrawUsage);
      geometry.setAttribute(name, attribute);
      return attribute;
    };
    geometry.setAttribute("position", new BufferAttribute(shape.position, 3));
    geometry.setAttribute("normal", new BufferAttribute(shape.normal, 3, true));
    geometry.setAttribute("joints", new BufferAttribute(shape.joints, 4));
    geometry.setAttribute("weights", new BufferAttribute(shape.weights, 4, true));
    geometry.setAttribute("dye", new InstancedBufferAttribute(new Float32Array(4 * most).map((_, i) => dye[i % 4]!), 4));
    geometry.setAttribute("worn", new BufferAttribute(shape.worn, 2));
    [this.who, this.left, this.right] = [own("who", 4), own("left", 3), own("right", 3)];
    if (!isPoints) geometry.setIndex(new BufferAttribute(shape.triangles, 1));
    this.object = isPoints ? new Points(geometry, material) : new Mesh(geometry, material);
    this.object.renderOrder = order;
    this.object.frustumCulled = this.object.matrixAutoUpdate = this.object.matrixWorldAutoUpdate = false;
  }

  clear(): void {
    this.count = 0;
  }

  add({ row, x, z, yaw, left, right }: Placed): void {
    this.who.setXYZW(this.count, row, x, z, yaw);
    this.left.setXYZ(this.count, ...left);
    this.right.setXYZ(this.count, ...right);
    this.count++;
  }

  /** Show who was added. */
  show(): void {
    this.object.visible = this.count > 0;
    this.geometry.instanceCount = this.count;
    if (this.count === 0) return;
    for (const attribute of [this.who, this.left, this.right]) {
      attribute.clearUpdateRanges();
      attribute.addUpdateRange(0, this.count * attribute.itemSize);
      attribute.needsUpdate = true;
    }
  }
}

/** One dancer to be drawn: a row of bones, moved and turned on the stage, in two lights. */
interface Placed {
  readonly row: number;
  readonly x: number;
  readonly z: number;
  readonly yaw: number;
  readonly left: Light;
  readonly right: Light;
}

export class People {
  readonly texture: DataTexture;
  readonly objects: readonly (Mesh | Points)[];
  /** What the floor mirrors: drawn first. */
  readonly mirrored: ReadonlySet<object>;
  private readonly near: readonly Troupe[];
  private readonly far: readonly Troupe[];
  private readonly mirrors: readonly Troupe[];
  private readonly dust: readonly Troupe[];
  private readonly troupes: readonly Troupe[];
  private readonly bones: Bones;
  private readonly data: Float32Array;
  private readonly size: number;
  private readonly fingers = new Fingers();
  private readonly memories = new Map<number, Memory>();
  private readonly homes = new Map<number, { x: number; z: number; t_s: number }>();
  private crowd: readonly Member[] = [];

  constructor(characters: readonly Character[], materials: Materials, isSoftware: boolean) {
    const { bones, rest, step_m } = characters[0]!;
    this.bones = new Bones(bones, rest, step_m);
    this.size = sizeOf(bones.length);
    const rows = MOST_SHOWN + MOST_CROWD;
    this.data = new Float32Array(this.size * rows);
    this.texture = new DataTexture(this.data, this.size / 4, rows, RGBAFormat, FloatType, undefined, undefined, undefined, NearestFilter, NearestFilter);
    this.near = characters.map(({ near, middle }, i) => new Troupe(isSoftware ? middle : near, WARDROBE[i]!, FINE, materials.body, 4));
    this.far = characters.map(({ far }, i) => new Troupe(far, WARDROBE[i]!, rows, materials.body, 4));
    this.mirrors = characters.map(({ far }, i) => new Troupe(far, WARDROBE[i]!, rows, materials.mirrored, 2));
    this.dust = characters.map(({ near }, i) => new Troupe(near, WARDROBE[i]!, rows, materials.dust, 4, true));
    this.troupes = [...this.near, ...this.far, ...this.mirrors, ...this.dust];
    this.objects = this.troupes.map(({ object }) => object);
    this.mirrored = new Set(this.mirrors.map(({ object }) => object));
  }

  /** From now on everybody wears these. */
  dress({ body, mirrored, dust }: Materials): void {
    for (const { object } of [...this.near, ...this.far]) object.material = body;
    for (const { object } of this.mirrors) object.material = mirrored;
    for (const { object } of this.dust) object.material = dust;
  }

  /** Place everybody as they are at `frame`, and a crowd behind. */
  update(frame: Frame, colours: readonly Colours[], crowd: number, suit: number, isMirrored: boolean): void {
    for (const troupe of this.troupes) troupe.clear();
    const add = (kind: number, isFine: boolean, dancer: Placed): void => {
      const bodies = suit === SUITS.dust ? this.dust : isFine ? this.near : this.far;
      bodies[kind]!.add(dancer);
      if (isMirrored) this.mirrors[kind]!.add(dancer);
    };
    const shown = frame.dancers.slice(0, MOST_SHOWN);
    shown.forEach((pose, i) => {
      this.bones.write(pose, this.fingers.follow(pose, frame.t_s), this.data, i * this.size);
      const { left, right } = colours[pose.id % 3]!;
      add(pose.id % this.near.length, i < FINE, { row: i, x: 0, z: 0, yaw: 0, left: linear(left), right: linear(right) });
    });
    this.remember(frame, shown);
    for (const { kind, ...dancer } of this.crowdOf(frame, shown.length, colours, Math.min(MOST_CROWD, crowd))) add(kind, false, dancer);
    this.texture.needsUpdate = true;
    for (const troupe of this.troupes) troupe.show();
  }

  /** What the crowd will dance later. */
  private remember(frame: Frame, shown: readonly DancerPose[]): void {
    shown.slice(0, LEADERS).forEach((pose, i) => {
      let memory = this.memories.get(i);
      if (memory === undefined) this.memories.set(i, (memory = new Memory(this.size)));
      memory.take(frame.dance, this.data, i * this.size);
      this.follow(i, pose, frame.t_s);
    });
  }

  private crowdOf(frame: Frame, shown: number, colours: readonly Colours[], count: number): (Placed & { kind: number })[] {
    const leaders = Math.min(LEADERS, shown);
    if (leaders === 0 || count === 0) return [];
    if (this.crowd.length !== count) this.crowd = members(count);
    return this.crowd.map((member, k) => {
      const leader = member.number % leaders;
      const row = MOST_SHOWN + k;
      this.memories.get(leader)!.recall(frame.dance - member.lag_beats, this.data, row * this.size);
      const home = this.homes.get(leader)!;
      const [c, s] = [Math.cos(member.yaw), Math.sin(member.yaw)];
      const { left, right } = colours[(member.number + 1) % 3]!;
      return {
        kind: (member.number + 1) % this.far.length, row, yaw: member.yaw, left: linear(left), right: linear(right),
        x: member.x - (c * home.x + s * home.z), z: member.z - (c * home.z - s * home.x),
      };
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

/** Tell which way round the triangles of `object` go in the picture: mirrored ones are turned over. */
export function turnOver(object: Mesh | Points, isOver: boolean): void {
  object.matrixWorld = new Matrix4().makeScale(isOver ? -1 : 1, 1, 1);
}
