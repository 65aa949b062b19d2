/** From light to picture: bloom at its own scale, the flash limiter, blackout. */
import { Camera, Mesh, Scene, WebGLRenderTarget, type RawShaderMaterial, type Texture, type WebGLRenderer } from "three";
import { COLUMNS, FlashLimiter, ROWS } from "../flash_limiter";
import { FORMAT, made, screen, set } from "./gl";
import blur from "./shaders/blur.frag";
import cells from "./shaders/cells.frag";
import finish from "./shaders/finish.frag";
import room from "./shaders/room.vert";
import show from "./shaders/show.frag";

/** Steps of the bloom: half, a quarter, an eighth, a sixteenth of the picture. */
const STEPS = 4;
const SAMPLES = 4;

export interface Finish {
  readonly bloom: number;
  readonly transparent: boolean;
  /** 1 is black. */
  readonly dark: number;
  readonly t_s: number;
}

export class Post {
  readonly limiter = new FlashLimiter();
  private light: WebGLRenderTarget;
  private readonly chain: WebGLRenderTarget[];
  private fresh = target();
  private held = target();
  private readonly grid = target();
  private readonly seen = new Uint8Array(4 * COLUMNS * ROWS);
  private readonly scene = new Scene();
  private readonly camera = new Camera();
  private readonly mesh = new Mesh(screen());
  private readonly passes = {
    blur: made(room, blur, { image: null, texel: [0, 0], gain: 1, grows: 0 }, "replace"),
    /** The blur again, added to what is there. */
    adding: made(room, blur, { image: null, texel: [0, 0], gain: 1, grows: 1 }, "add"),
    finish: made(room, finish, { image: null, bloom: null, strength: 0, cover: 0, grain: 0 }, "replace"),
    plain: made(room, finish, { image: null, cover: 0 }, "replace", {}, { PLAIN: 1 }),
    cells: made(room, cells, { image: null }, "replace"),
    show: made(room, show, { image: null, before: null, share: 1, dark: 0, cover: 0 }, "replace"),
  };
  private width = 0;
  private height = 0;
  private hasBloom = true;
  /** Made only where the limiter has ever had to act. */
  private mixed: WebGLRenderTarget | null = null;

  constructor(private readonly renderer: WebGLRenderer, private readonly isSoftware: boolean) {
    this.light = this.makeLight();
    this.chain = Array.from({ length: STEPS }, () => target());
    this.grid.setSize(COLUMNS, ROWS);
    this.mesh.frustumCulled = false;
    this.scene.add(this.mesh);
    this.scene.matrixWorldAutoUpdate = false;
  }

  /** Where the scene is drawn: light, and beside it what glows. */
  get target(): WebGLRenderTarget {
    return this.light;
  }

  get materials(): readonly RawShaderMaterial[] {
    return Object.values(this.passes);
  }

  resize(width: number, height: number, hasBloom: boolean): void {
    if (width === this.width && height === this.height && hasBloom === this.hasBloom) return;
    [this.width, this.height] = [width, height];
    if (hasBloom !== this.hasBloom) {
      this.hasBloom = hasBloom;
      this.light.dispose();
      this.light = this.makeLight();
    }
    for (const each of [this.light, this.fresh, this.held]) each.setSize(width, height);
    this.chain.forEach((each, i) => each.setSize(Math.max(1, width >> (i + 1)), Math.max(1, height >> (i + 1))));
    this.limiter.reset();
  }

  /** Bring what was drawn into `target` to the canvas. */
  finish({ bloom, transparent, dark, t_s }: Finish): void {
    const { finish: rich, plain, show: out } = this.passes;
    const cover = transparent ? 1 : 0;
    const isPlain = this.isSoftware && !this.hasBloom;
    if (this.hasBloom) this.spread();
    set(plain, { image: this.light.texture, cover });
    set(rich, { image: this.light.texture, bloom: this.chain[0]!.texture, strength: this.hasBloom ? bloom : 0, cover, grain: t_s % 1 });
    this.draw(isPlain ? plain : rich, this.fresh);
    set(this.passes.cells, { image: this.fresh.texture });
    this.draw(this.passes.cells, this.grid);
    this.renderer.readRenderTargetPixels(this.grid, 0, 0, COLUMNS, ROWS, this.seen);
    const share = this.limiter.take(this.seen, t_s);
    if (share < 1) {
      // What is shown is what the next picture is held against.
      set(out, { image: this.fresh.texture, before: this.held.texture, share, dark: 0, cover });
      const mixed = this.spare();
      this.draw(out, mixed);
      [this.fresh, this.mixed] = [mixed, this.fresh];
    }
    set(out, { image: this.fresh.texture, before: this.held.texture, share: 1, dark, cover });
    this.draw(out, null);
    [this.fresh, this.held] = [this.held, this.fresh];
  }

  private spare(): WebGLRenderTarget {
    this.mixed ??= target();
    this.mixed.setSize(this.width, this.height);
    return this.mixed;
  }

  private spread(): void {
    const { blur: step, adding } = this.passes;
    let from: { texture: Texture; width: number; height: number } = {
      texture: this.light.textures[1]!, width: this.width, height: this.height,
    };
    for (const to of this.chain) {
      set(step, { image: from.texture, texel: [0.5 / to.width, 0.5 / to.height], gain: 1, grows: 0 });
      this.draw(step, to);
      from = to;
    }
    for (let i = STEPS - 2; i >= 0; i--) {
      const [small, to] = [this.chain[i + 1]!, this.chain[i]!];
      set(adding, { image: small.texture, texel: [0.5 / small.width, 0.5 / small.height], gain: 0.9, grows: 1 });
      this.draw(adding, to);
    }
  }

  private draw(material: RawShaderMaterial, to: WebGLRenderTarget | null): void {
    this.mesh.material = material;
    this.renderer.setRenderTarget(to);
    this.renderer.render(this.scene, this.camera);
  }

  private makeLight(): WebGLRenderTarget {
    const light = new WebGLRenderTarget(Math.max(1, this.width), Math.max(1, this.height), {
      ...FORMAT, count: this.hasBloom ? 2 : 1, samples: this.isSoftware ? 0 : SAMPLES, depthBuffer: true,
    });
    return light;
  }
}

function target(): WebGLRenderTarget {
  return new WebGLRenderTarget(1, 1, { ...FORMAT, depthBuffer: false });
}
