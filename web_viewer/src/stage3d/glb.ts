/** Reads the dancers' own glTF files (`livedance/training/character/gltf.py`); anything else is an `Error`. */
import type { Vector } from "../score/rotations";

/** One mesh: an array per vertex attribute, and triangles. */
export interface Shape {
  readonly position: Int16Array<ArrayBuffer>;
  readonly normal: Int8Array<ArrayBuffer>;
  readonly joints: Uint8Array<ArrayBuffer>;
  readonly weights: Uint8Array<ArrayBuffer>;
  /** Material, and how open it lies to light from everywhere (of 255): two for each vertex. */
  readonly worn: Uint8Array<ArrayBuffer>;
  readonly triangles: Uint16Array<ArrayBuffer>;
}

export interface Character {
  /** Names of the bones, in the order in which vertices count them. */
  readonly bones: readonly string[];
  /** Where each bone begins in the rest pose, metres. */
  readonly rest: readonly Vector[];
  /** Metres per unit of `position`. */
  readonly step_m: number;
  readonly near: Shape;
  /** Where a processor draws. */
  readonly middle: Shape;
  readonly far: Shape;
}

interface Accessor {
  readonly bufferView: number;
  readonly byteOffset?: number;
  readonly componentType: number;
  readonly type: string;
  readonly count: number;
}

interface Tree {
  readonly nodes: readonly { readonly name: string }[];
  readonly skins: readonly [{ readonly joints: readonly number[]; readonly inverseBindMatrices: number }];
  readonly meshes: readonly {
    readonly name: string;
    readonly primitives: readonly [{ readonly attributes: Readonly<Record<string, number>>; readonly indices: number }];
  }[];
  readonly accessors: readonly Accessor[];
  readonly bufferViews: readonly { readonly byteOffset: number; readonly byteStride?: number }[];
}

const JSON_CHUNK = 0x4e4f534a;
const MAGIC = 0x46546c67;
const WIDTHS: Readonly<Record<string, number>> = { SCALAR: 1, VEC2: 2, VEC3: 3, VEC4: 4, MAT4: 16 };
const SIZES: Readonly<Record<number, number>> = { 5120: 1, 5121: 1, 5122: 2, 5123: 2, 5126: 4 };

export function readCharacter(file: ArrayBuffer): Character {
  const view = new DataView(file);
  if (view.getUint32(0, true) !== MAGIC || view.getUint32(16, true) !== JSON_CHUNK) throw new Error("not a dancer's file");
  const length = view.getUint32(12, true);
  const tree = JSON.parse(new TextDecoder().decode(new Uint8Array(file, 20, length))) as Tree;
  const body = file.slice(20 + length + 8);
  const skin = tree.skins[0];
  const bind = new Float32Array(read(tree, body, skin.inverseBindMatrices));
  const shape = (name: string): Shape => {
    const mesh = tree.meshes.find((m) => m.name === name)!.primitives[0];
    const bytes = (attribute: string): ArrayBuffer => read(tree, body, mesh.attributes[attribute]!);
    return {
      position: new Int16Array(bytes("POSITION")), normal: new Int8Array(bytes("NORMAL")),
      joints: new Uint8Array(bytes("JOINTS_0")), weights: new Uint8Array(bytes("WEIGHTS_0")),
      worn: new Uint8Array(bytes("_WORN")), triangles: new Uint16Array(read(tree, body, mesh.indices)),
    };
  };
  return {
    bones: skin.joints.map((node) => tree.nodes[node]!.name),
    rest: skin.joints.map((_, i): Vector => [-bind[16 * i + 12]!, -bind[16 * i + 13]!, -bind[16 * i + 14]!]),
    step_m: bind[0]!,
    near: shape("near"), middle: shape("middle"), far: shape("far"),
  };
}

/** The bytes of one accessor, one value after the other. */
function read(tree: Tree, body: ArrayBuffer, index: number): ArrayBuffer {
  const { bufferView, byteOffset = 0, componentType, type, count } = tree.accessors[index]!;
  const { byteOffset: start, byteStride } = tree.bufferViews[bufferView]!;
  const wide = SIZES[componentType]! * WIDTHS[type]!;
  const stride = byteStride ?? wide;
  const from = new Uint8Array(body, start + byteOffset, stride * (count - 1) + wide);
  const out = new Uint8Array(wide * count);
  for (let i = 0; i < count; i++) out.set(from.subarray(i * stride, i * stride + wide), i * wide);
  return out.buffer;
}
