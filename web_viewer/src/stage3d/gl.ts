/** Small helpers round three.js: raw materials and one triangle that covers the picture. */
import {
  AddEquation, BufferAttribute, BufferGeometry, ClampToEdgeWrapping, CustomBlending, GLSL3, LinearFilter, NoBlending,
  Mesh, OneFactor, OneMinusSrcAlphaFactor, RawShaderMaterial, RGBAFormat, Scene, UnsignedByteType,
  type Camera, type IUniform, type WebGLRenderer,
} from "three";

/** Of every picture that is drawn into. */
export const FORMAT = {
  format: RGBAFormat, type: UnsignedByteType, minFilter: LinearFilter, magFilter: LinearFilter,
  wrapS: ClampToEdgeWrapping, wrapT: ClampToEdgeWrapping, generateMipmaps: false,
} as const;

export type Uniforms = Readonly<Record<string, unknown>>;
/** Lay over (premultiplied; alpha 0 adds light), add, or replace what is there. */
export type Mixing = "over" | "add" | "replace";

export function made(
  vertexShader: string, fragmentShader: string, values: Uniforms, mixing: Mixing, shared: Record<string, IUniform> = {},
  defines: Readonly<Record<string, number>> = {},
): RawShaderMaterial {
  const own = Object.fromEntries(Object.entries(values).map(([name, value]) => [name, { value }]));
  const material = new RawShaderMaterial({
    vertexShader, fragmentShader, uniforms: { ...shared, ...own }, defines: { ...defines }, glslVersion: GLSL3, depthTest: false, depthWrite: false,
  });
  material.blending = mixing === "replace" ? NoBlending : CustomBlending;
  material.blendEquation = AddEquation;
  material.blendSrc = OneFactor;
  material.blendDst = mixing === "add" ? OneFactor : OneMinusSrcAlphaFactor;
  return material;
}

export function set(material: RawShaderMaterial, values: Uniforms): void {
  for (const [name, value] of Object.entries(values)) material.uniforms[name]!.value = value;
}

/** One triangle that covers everything. */
export function screen(): BufferGeometry {
  const geometry = new BufferGeometry();
  geometry.setAttribute("position", new BufferAttribute(new Float32Array([-1, -1, 3, -1, -1, 3]), 2));
  return geometry;
}

/** Compiles materials in the background, so that no picture waits for one. */
export class Compiler {
  private readonly ready = new Set<RawShaderMaterial>();
  private readonly asked = new Map<RawShaderMaterial, Promise<void>>();

  constructor(private readonly renderer: WebGLRenderer, private readonly camera: Camera) {}

  /** Whether all may be used now; what is missing is begun. */
  has(materials: readonly RawShaderMaterial[]): boolean {
    if (materials.every((material) => this.ready.has(material))) return true;
    void this.compile(materials);
    return false;
  }

  async compile(materials: readonly RawShaderMaterial[]): Promise<void> {
    await Promise.all(materials.map((material) => {
      let begun = this.asked.get(material);
      if (begun === undefined) this.asked.set(material, (begun = this.begin(material)));
      return begun;
    }));
  }

  private async begin(material: RawShaderMaterial): Promise<void> {
    const scene = new Scene();
    scene.add(new Mesh(screen(), material));
    await this.renderer.compileAsync(scene, this.camera);
    this.ready.add(material);
  }
}
