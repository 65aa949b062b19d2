/** The 3-D stage: dancers with skin and cloth, a room, ribbons, what is in the air; drawn by WebGL 2 through three.js. */
import {
  BufferAttribute, BufferGeometry, Camera, ColorManagement, DoubleSide, LinearSRGBColorSpace, Points, Scene as Graph,
  WebGLRenderer, type IUniform, type RawShaderMaterial,
} from "three";
import { SETTINGS, settingOf, SUITS, type Setting } from "../draw/settings";
import type { Renderer, Scene } from "../draw/view";
import type { Frame } from "../score/player";
import { Fade, linear, type Colours, type Light } from "./colours";
import { Compiler, made, set } from "./gl";
import { readCharacter } from "./glb";
import { Lens, type Sight } from "./lens";
import { MOST_CROWD, People, turnOver, type Materials } from "./people";
import { Post } from "./post";
import { isSoftware } from "./probe";
import { Room } from "./room";
import dancerFrag from "./shaders/dancer.frag";
import dancerVert from "./shaders/dancer.vert";
import dustFrag from "./shaders/dust.frag";
import dustVert from "./shaders/dust.vert";
import trailFrag from "./shaders/trail.frag";
import trailVert from "./shaders/trail.vert";
import { Trails } from "./trails";
import { WARDROBE } from "./wardrobe";

const MOST_MOTES = 512;
const FEET = 8;
const MAX_RATIO = 2;
/** Where a processor draws, the picture has no more than 640 x 360 and is enlarged. */
const SOFTWARE_PIXELS = 640 * 360;
/** Below these shares of full quality there is no bloom, and only a few of the crowd. */
const BLOOM_FROM = 0.55;
const CROWD_FROM = 0.5;
const FEW = 8;
const REST_MS = 400;
/** Where lights come from, in the camera's axes: key, left, right. */
const WAYS = [[-0.286, 0.612, 0.735], [-0.865, 0.319, -0.383], [0.872, 0.275, -0.413]] as const;

/** What drawing one picture took; for tests. */
export interface Work {
  readonly calls: number;
  readonly triangles: number;
  readonly points: number;
  readonly scene: string;
  readonly software: boolean;
  /** Pictures that had to be tamed, and whether the last one was. */
  readonly limited: number;
  readonly limiting: boolean;
}

export class Stage implements Renderer {
  readonly isSoftware: boolean;
  private readonly graph = new Graph();
  private readonly camera = new Camera();
  private readonly lens = new Lens();
  private readonly fade = new Fade();
  private readonly post: Post;
  private readonly shared: Record<string, IUniform>;
  private readonly room: Room;
  private readonly motes: Points;
  private readonly trails: Trails;
  private readonly people: People;
  private readonly suits: readonly Materials[];
  private readonly compiler: Compiler;
  private setting = settingOf(1);
  private quality = 1;

  /** Load what is needed and compile what `scene` needs; rejects where WebGL 2 does not work. */
  static async open(canvas: HTMLCanvasElement, scene: number): Promise<Stage> {
    const files = await Promise.all(WARDROBE.map(async ({ name }) => (await fetch(`./${name}.glb`)).arrayBuffer()));
    ColorManagement.enabled = false;
    const renderer = new WebGLRenderer({
      canvas, alpha: true, antialias: false, depth: false, stencil: false, powerPreference: "high-performance",
    });
    renderer.autoClear = false;
    renderer.outputColorSpace = LinearSRGBColorSpace;
    renderer.info.autoReset = false;
    renderer.setClearColor(0, 0);
    const stage = new Stage(canvas, renderer, files);
    stage.setting = settingOf(scene);
    await stage.compiler.compile(stage.needed(stage.setting));
    void stage.compileRest();
    return stage;
  }

  private constructor(private readonly canvas: HTMLCanvasElement, private readonly renderer: WebGLRenderer, files: readonly ArrayBuffer[]) {
    this.isSoftware = isSoftware(renderer.getContext());
    this.compiler = new Compiler(renderer, this.camera);
    this.post = new Post(renderer, this.isSoftware);
    const shared = (this.shared = sharedUniforms());
    this.suits = Object.values(SUITS).map((suit) => suitOf(suit, shared));
    const characters = files.map(readCharacter);
    this.people = new People(characters, this.suits[0]!, this.isSoftware);
    shared["bones"]!.value = this.people.texture;
    shared["step_m"]!.value = characters[0]!.step_m;
    this.room = new Room(shared, this.isSoftware);
    this.motes = makeMotes(made(dustVert, dustFrag, {}, "over", shared));
    this.trails = new Trails(made(trailVert, trailFrag, {}, "over", shared));
    [this.room.mesh, this.motes, this.trails.mesh].forEach((object, i) => {
      const material = object.material as RawShaderMaterial;
      material.transparent = true;
      material.depthTest = i > 0;
      object.frustumCulled = false;
      object.renderOrder = [0, 6, 5][i]!;
      if (i > 0) material.side = DoubleSide;
    });
    this.graph.add(this.room.mesh, ...this.people.objects, this.trails.mesh, this.motes);
  }

  /** What the last picture took, and what the flash limiter did. */
  get facts(): Work {
    const { calls, triangles, points } = this.renderer.info.render;
    const { limited, active } = this.post.limiter;
    return { calls, triangles, points, scene: this.setting.name, software: this.isSoftware, limited, limiting: active };
  }

  resize(quality: number, scale: number): void {
    const { clientWidth, clientHeight } = this.canvas;
    const most = this.isSoftware ? Math.sqrt(SOFTWARE_PIXELS / Math.max(1, clientWidth * clientHeight)) : MAX_RATIO;
    const ratio = Math.min(window.devicePixelRatio || 1, most) * Math.min(1, quality) * scale;
    const width = Math.max(16, Math.round(clientWidth * ratio));
    const height = Math.max(16, Math.round(clientHeight * ratio));
    if (this.canvas.width !== width || this.canvas.height !== height) this.renderer.setSize(width, height, false);
    this.quality = quality;
  }

  /** Let go of the card. */
  close(): void {
    this.renderer.dispose();
  }

  reset(): void {
    this.trails.clear();
  }

  trace(frame: Frame): void {
    this.trails.add(frame);
  }

  draw(frame: Frame, scene: Scene): void {
    this.trace(frame);
    // Another scene begins when it can: the one before goes on for the moment that its shaders need.
    const wanted = settingOf(scene.scene);
    if (wanted !== this.setting && this.compiler.has(this.needed(wanted))) this.setting = wanted;
    const { setting } = this;
    const colours = this.fade.at(scene.palette, performance.now() / 1000);
    const { width, height } = this.canvas;
    const sight = this.lens.see(frame, scene.camera, width, height, scene.mirror, scene.moved);
    this.renderer.info.reset();
    const hasBloom = scene.bloom ?? (!this.isSoftware && this.quality >= BLOOM_FROM);
    this.post.resize(width, height, hasBloom);
    this.shine(frame, scene, setting, colours[0]!, sight);
    const floor = !scene.transparent;
    this.room.mesh.visible = floor;
    if (floor) this.room.prepare(this.renderer, width, height, setting, hasBloom);
    // Over another picture stand only those whom the address asked for.
    const many = scene.crowd ?? (floor ? setting.crowd : 0);
    const crowd = Math.min(many, this.quality >= CROWD_FROM && !this.isSoftware ? MOST_CROWD : FEW);
    this.people.dress(this.suits[setting.suit]!);
    this.people.update(frame, colours, crowd, setting.suit, floor && setting.mirror > 0);
    for (const object of this.people.objects) turnOver(object, scene.mirror !== this.people.mirrored.has(object));
    this.motes.visible = floor && setting.motes > 0;
    this.motes.geometry.setDrawRange(0, setting.motes);
    const tints = new Map(frame.dancers.map(({ id }): [number, readonly [Light, Light]] => [id, [colours[id % 3]!.left, colours[id % 3]!.right]]));
    this.trails.update(frame, sight.eye, tints, setting.trails * (0.65 + 0.35 * scene.levels.energy));
    this.renderer.setRenderTarget(this.post.target);
    this.renderer.clear();
    this.renderer.render(this.graph, this.camera);
    this.post.finish({
      bloom: setting.bloom * (0.85 + 0.25 * scene.pulse), transparent: scene.transparent, dark: scene.blackout, t_s: frame.t_s,
    });
  }

  /** Everything that shaders share. */
  private shine(frame: Frame, scene: Scene, setting: Setting, colours: Colours, sight: Sight): void {
    const { shared } = this;
    const values = {
      beat: wrapped(frame.dance), pulse: scene.pulse, energy: scene.levels.energy, bass: scene.levels.bass, lens: sight.focal,
      eye: sight.eye, turn: [Math.cos(sight.yaw), Math.sin(sight.yaw)], ray: [...sight.half, sight.shift, scene.mirror ? -1 : 1],
      air: setting.air, cover: scene.transparent ? 1 : 0,
      crowd: Math.min(FEET, frame.dancers.length),
    };
    for (const [name, value] of Object.entries(values)) shared[name]!.value = value;
    shared["seen"]!.value = sight.matrix;
    const [c, s] = values.turn as [number, number];
    shared["lights"]!.value = WAYS.flatMap(([x, y, z]) => [c * x + s * z, y, c * z - s * x]);
    const feet = shared["feet"]!.value as Float32Array;
    const share = 1 / Math.sqrt(Math.max(1, frame.dancers.length));
    frame.dancers.slice(0, FEET).forEach(({ places }, i) => feet.set([places[0]!, places[2]!, places[1]!, share], 4 * i));
    for (const name of ["core", "haze", "body", "left", "right"] as const) shared[name]!.value = colours[name];
    const { body, mirrored, dust } = this.suits[setting.suit]!;
    for (const material of [body, mirrored, dust]) {
      set(material, { core: linear(colours.core), haze: linear(colours.haze), body: linear(colours.body) });
      set(material, { mirror: material === mirrored ? setting.mirror : 0 });
    }
  }

  private needed(setting: Setting): RawShaderMaterial[] {
    const { body, mirrored, dust } = this.suits[setting.suit]!;
    const others = [this.motes, this.trails.mesh].map(({ material }) => material as RawShaderMaterial);
    const bodies = setting.suit === SUITS.dust ? [dust, mirrored] : [body, mirrored];
    return [...this.room.materials(setting), ...bodies, ...others, ...this.post.materials];
  }

  /** The other scenes, one after the other, so that keys are answered at once. */
  private async compileRest(): Promise<void> {
    for (const setting of SETTINGS) {
      await new Promise((resume) => setTimeout(resume, REST_MS));
      await this.compiler.compile(this.needed(setting));
    }
  }
}

function suitOf(suit: number, shared: Record<string, IUniform>): Materials {
  const make = (flip: number, defines: Readonly<Record<string, number>>): RawShaderMaterial => {
    const own = { flip, mirror: 0, core: 0, haze: 0, body: 0 };
    const material = made(dancerVert, dancerFrag, own, "over", shared, { SUIT: suit, ...defines });
    material.depthTest = material.depthWrite = material.transparent = true;
    return material;
  };
  return { body: make(1, {}), mirrored: make(-1, {}), dust: make(1, { POINTS: 1 }) };
}

/** Beats, kept small: shaders count in single precision. 1024 beats on, all that swings is where it was. */
function wrapped(dance: number): number {
  return Number.isFinite(dance) ? dance - 1024 * Math.floor(dance / 1024) : 0;
}

function sharedUniforms(): Record<string, IUniform> {
  const names = [
    "seen", "beat", "pulse", "energy", "bass", "lens", "eye", "turn", "ray", "air", "cover", "crowd",
    "lights", "feet", "core", "haze", "body", "left", "right", "bones", "step_m",
  ];
  const shared = Object.fromEntries(names.map((name): [string, IUniform] => [name, { value: 0 }]));
  shared["feet"]!.value = new Float32Array(4 * FEET);
  return shared;
}

function makeMotes(material: RawShaderMaterial): Points {
  const geometry = new BufferGeometry();
  const seeds = new Float32Array(4 * MOST_MOTES);
  // A low-discrepancy sequence: even, and the same on every screen.
  for (let i = 0; i < MOST_MOTES; i++) {
    for (const [k, step] of [0.8566748838545029, 0.733891856627126, 0.6287067210378087, 0.5385972572236101].entries()) {
      seeds[4 * i + k] = (0.5 + step * (i + 1)) % 1;
    }
  }
  geometry.setAttribute("seed", new BufferAttribute(seeds, 4));
  geometry.setAttribute("position", new BufferAttribute(new Float32Array(3 * MOST_MOTES), 3));
  return new Points(geometry, material);
}
