/** The room behind and below the dancers: one triangle. Where a processor draws, it is drawn small and enlarged. */
import { Camera, Mesh, Scene, WebGLRenderTarget, type IUniform, type RawShaderMaterial, type WebGLRenderer } from "three";
import { SETTINGS, type Setting } from "../draw/settings";
import { FORMAT, made, screen, set } from "./gl";
import pasteFrag from "./shaders/paste.frag";
import roomFrag from "./shaders/room.frag";
import roomVert from "./shaders/room.vert";

const SHRINK = 4;

export class Room {
  /** What belongs into the scene. */
  readonly mesh: Mesh;
  /** One for every kind of room. */
  private readonly paints: readonly RawShaderMaterial[];
  private readonly pastes: readonly RawShaderMaterial[] = [];
  private readonly small: WebGLRenderTarget | null = null;
  private readonly drawn: Mesh;
  private readonly scene = new Scene();
  private readonly camera = new Camera();

  constructor(shared: Record<string, IUniform>, isSoftware: boolean) {
    this.paints = SETTINGS.map(({ room }) => made(roomVert, roomFrag, { gloss: 0 }, "replace", shared, isSoftware ? { ROOM: room, PLAIN: 1 } : { ROOM: room }));
    this.mesh = this.drawn = new Mesh(screen(), this.paints[0]);
    if (isSoftware) {
      this.small = new WebGLRenderTarget(1, 1, { ...FORMAT, count: 2, depthBuffer: false });
      const both = { image: this.small.textures[0], shine: this.small.textures[1] };
      this.pastes = [{}, { SHINE: 1 }].map((defines) => made(roomVert, pasteFrag, both, "replace", {}, defines));
      this.mesh = new Mesh(screen(), this.pastes[0]);
      this.scene.add(this.drawn);
    }
    for (const material of [...this.paints, ...this.pastes]) material.transparent = true;
    for (const mesh of [this.mesh, this.drawn]) mesh.frustumCulled = false;
  }

  materials({ room }: Setting): readonly RawShaderMaterial[] {
    return [this.paints[room]!, ...this.pastes];
  }

  /** Before the scene is drawn. */
  prepare(renderer: WebGLRenderer, width: number, height: number, { room, gloss }: Setting, shines: boolean): void {
    const paint = this.paints[room]!;
    set(paint, { gloss });
    this.drawn.material = paint;
    if (this.small === null) return;
    this.mesh.material = this.pastes[shines ? 1 : 0]!;
    this.small.setSize(Math.ceil(width / SHRINK), Math.ceil(height / SHRINK));
    renderer.setRenderTarget(this.small);
    renderer.render(this.scene, this.camera);
  }
}
