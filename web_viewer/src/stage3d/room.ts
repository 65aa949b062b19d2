/** The room behind and below the dancers: one triangle. Where a processor draws, it is drawn small and enlarged. */
import { Camera, Mesh, Scene, WebGLRenderTarget, type IUniform, type WebGLRenderer } from "three";
import { FORMAT, made, screen, set } from "./gl";
import pasteFrag from "./shaders/paste.frag";
import roomFrag from "./shaders/room.frag";
import roomVert from "./shaders/room.vert";

const SHRINK = 3;

export class Room {
  /** What belongs into the scene. */
  readonly mesh: Mesh;
  private readonly small: WebGLRenderTarget | null;
  private readonly scene = new Scene();
  private readonly camera = new Camera();
  private readonly paint;

  constructor(shared: Record<string, IUniform>, isSoftware: boolean) {
    this.paint = made(roomVert, roomFrag, { gloss: 0 }, "replace", shared);
    this.small = isSoftware ? new WebGLRenderTarget(1, 1, { ...FORMAT, count: 2, depthBuffer: false }) : null;
    const drawn = new Mesh(screen(), this.paint);
    drawn.frustumCulled = false;
    this.scene.add(drawn);
    const paste = made(roomVert, pasteFrag, { image: this.small?.textures[0], shine: this.small?.textures[1] }, "replace");
    this.mesh = this.small === null ? drawn : new Mesh(screen(), paste);
    this.mesh.frustumCulled = false;
    for (const material of [this.paint, paste]) material.transparent = true;
  }

  /** Before the scene is drawn. */
  prepare(renderer: WebGLRenderer, width: number, height: number, gloss: number): void {
    set(this.paint, { gloss });
    if (this.small === null) return;
    this.small.setSize(Math.ceil(width / SHRINK), Math.ceil(height / SHRINK));
    renderer.setRenderTarget(this.small);
    renderer.render(this.scene, this.camera);
  }
}
