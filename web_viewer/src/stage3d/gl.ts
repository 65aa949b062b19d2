/** Small helpers round three.js: raw materials and one triangle that covers the picture. */
import {
  AddEquation, BufferAttribute, BufferGeometry, ClampToEdgeWrapping, CustomBlending, GLSL3, LinearFilter, NoBlending,
  OneFactor, OneMinusSrcAlphaFactor, RawShaderMaterial, RGBAFormat, UnsignedByteType, type IUniform,
} from "three";

/** Of every picture that is drawn into. */
export const FORMAT = {
  format: RGBAFormat, type: UnsignedByteType, minFilter: LinearFilter, magFilter: LinearFilter,
  wrapS: ClampToEdgeWrapping, wrapT: ClampToEdgeWrapping, generateMipmaps: false,
} as const;

export type Uniforms = Readonly<Record<string, unknown>>;
/** Lay over (premultiplied; alpha 0 adds light), add, or replace what is there. */
export type Mixing = "over" | "add" | "replace";

export function made(vertexShader: string, fragmentShader: string, values: Uniforms, mixing: Mixing, shared: Record<string, IUniform> = {}): RawShaderMaterial {
  const own = Object.fromEntries(Object.entries(values).map(([name, value]) => [name, { value }]));
  const material = new RawShaderMaterial({
    vertexShader, fragmentShader, uniforms: { ...shared, ...own }, glslVersion: GLSL3, depthTest: false, depthWrite: false,
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
