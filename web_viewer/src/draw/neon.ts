/**
 * The neon dancer on a 2-D canvas: a dark glossy body edged with two lights, glowing seams, ribbons, a floor that
 * answers the beat. Glow is drawn small (a fifth of the size), softened by shrinking it twice more, and added once.
 */
import type { Frame } from "../score/player";
import { Camera, type Point, type View } from "./camera";
import { Guard } from "./guard";
import { HEAD_ROW, SHEENS, SPHERES, TRUNK } from "./body";
import { figureOf, type Figure } from "./figure";
import { marksOf, type Mark } from "./marks";
import { faded, forDancer, mix, pick, scaled, type Palette } from "./palettes";
import { Ribbons } from "./ribbons";
import { Backdrop, drawPool, drawRings } from "./stage_floor";
import type { Renderer, Scene } from "./view";

const RIM_M = 0.0135;
const RIM_LIFT = 0.45;
const SHRINK = 5;
const MAX_RATIO = 2;
const REFLECTION = 0.42;
/** Width and strength of the strokes that together make one soft highlight. */
const SOFT = [[1.5, 0.035], [1.15, 0.04], [0.85, 0.045], [0.55, 0.055], [0.28, 0.07]] as const;

export class NeonRenderer implements Renderer {
  private readonly main: CanvasRenderingContext2D;
  private readonly glow = layer();
  private readonly soft = layer();
  private readonly softest = layer();
  private readonly camera = new Camera();
  private readonly backdrop = new Backdrop();
  private readonly ribbons = new Ribbons();
  private readonly guard = new Guard();

  constructor(private readonly canvas: HTMLCanvasElement) {
    this.main = canvas.getContext("2d")!;
  }

  /** What the flash limiter did. */
  get facts(): object {
    const { limited, active } = this.guard.limiter;
    return { limited, limiting: active };
  }

  resize(quality: number, scale: number): void {
    const ratio = Math.min(window.devicePixelRatio || 1, MAX_RATIO) * quality * scale;
    const width = Math.max(16, Math.round(this.canvas.clientWidth * ratio));
    const height = Math.max(16, Math.round(this.canvas.clientHeight * ratio));
    if (this.canvas.width === width && this.canvas.height === height) return;
    this.canvas.width = width;
    this.canvas.height = height;
    [this.glow, this.soft, this.softest].forEach((context, i) => {
      context.canvas.width = Math.ceil(width / (SHRINK * 2 ** i));
      context.canvas.height = Math.ceil(height / (SHRINK * 2 ** i));
    });
  }

  reset(): void {
    this.ribbons.clear();
  }

  trace(frame: Frame): void {
    this.ribbons.add(frame);
  }

  draw(frame: Frame, scene: Scene): void {
    const { main } = this;
    const { width, height } = this.canvas;
    main.setTransform(1, 0, 0, 1, 0, 0);
    main.globalCompositeOperation = "source-over";
    main.globalAlpha = 1;
    if (scene.transparent) main.clearRect(0, 0, width, height);
    this.trace(frame);
    if (scene.blackout >= 1) {
      if (!scene.transparent) fill(main, "#000");
      return;
    }
    const palette = pick(scene.palette);
    const view = this.camera.view(frame, scene.camera, width, height, scene.mirror, scene.moved);
    const figures = frame.dancers.map((pose) => figureOf(pose, view)).sort((a, b) => b.depth - a.depth);
    const marks = new Map(figures.map((figure) => [figure, marksOf(figure.pose, view)]));
    this.drawGlow(figures, marks, view, palette, scene);
    if (!scene.transparent) this.drawStage(frame, figures, view, palette, scene);
    main.globalCompositeOperation = "lighter";
    figures.forEach((figure) =>
      this.ribbons.draw(main, view, figure.pose.id, forDancer(palette, figure.pose.id), 0.55, 0.28));
    main.globalCompositeOperation = "source-over";
    for (const figure of figures) {
      drawDancer(main, figure, marks.get(figure)!, forDancer(palette, figure.pose.id), scene);
    }
    this.addGlow(scene);
    this.guard.apply(main, frame.t_s);
    this.darken(scene);
  }

  /** Everything that shines, small: rims, marks and ribbons, with the bodies cut out in front. */
  private drawGlow(figures: readonly Figure[], marks: Map<Figure, Mark[]>, view: View, palette: Palette, scene: Scene): void {
    const { glow, soft, softest } = this;
    glow.setTransform(1, 0, 0, 1, 0, 0);
    glow.globalCompositeOperation = "source-over";
    glow.clearRect(0, 0, glow.canvas.width, glow.canvas.height);
    glow.setTransform(1 / SHRINK, 0, 0, 1 / SHRINK, 0, 0);
    for (const figure of figures) {
      const own = forDancer(palette, figure.pose.id);
      glow.globalCompositeOperation = "lighter";
      this.ribbons.draw(glow, view, figure.pose.id, own, 0.5 + 0.3 * scene.levels.energy, 1);
      const rim = 1.5 * RIM_M * figure.scale;
      for (const group of figure.order) {
        glow.globalCompositeOperation = "source-over";
        edged(glow, figure.edges[group]!, rim, own.left, own.right);
        glow.fillStyle = "#000";
        glow.fill(figure.paths[group]!);
        glow.globalCompositeOperation = "lighter";
        for (const mark of marks.get(figure)!) if (mark.group === group) stroke(glow, mark, own.core, 2.2, 0.8);
      }
    }
    shrink(glow, soft);
    shrink(soft, softest);
    grow(softest, soft, 1);
    grow(soft, glow, 0.9);
  }

  private drawStage(frame: Frame, figures: readonly Figure[], view: View, palette: Palette, scene: Scene): void {
    const { main } = this;
    this.backdrop.paint(main, view, palette);
    main.globalCompositeOperation = "lighter";
    for (const figure of figures) {
      const centre: [number, number] = [figure.pose.places[0]!, figure.pose.places[2]!];
      drawPool(main, view, palette, centre, 0.75 + 0.35 * scene.pulse);
      drawRings(main, view, palette, centre, frame.beat, (0.5 + 0.5 * scene.levels.energy) / Math.sqrt(figures.length));
    }
    this.reflect(view);
    main.globalCompositeOperation = "source-over";
  }

  /** The glow, upside down in the floor. */
  private reflect(view: View): void {
    const { main } = this;
    const { width, height } = this.canvas;
    main.save();
    main.beginPath();
    main.rect(0, view.horizon, width, height - view.horizon);
    main.clip();
    main.globalAlpha = REFLECTION;
    main.translate(0, 2 * view.floor);
    main.scale(1, -1);
    main.drawImage(this.glow.canvas, 0, 0, this.glow.canvas.width * SHRINK, this.glow.canvas.height * SHRINK);
    main.restore();
  }

  private addGlow(scene: Scene): void {
    const { main, glow } = this;
    main.globalCompositeOperation = "lighter";
    main.globalAlpha = 0.62 + 0.22 * scene.pulse + 0.12 * scene.levels.bass;
    main.imageSmoothingQuality = "medium";
    main.drawImage(glow.canvas, 0, 0, glow.canvas.width * SHRINK, glow.canvas.height * SHRINK);
    main.globalAlpha = 1;
    main.globalCompositeOperation = "source-over";
  }

  /** The last pass: blackout while it fades. With transparency it takes the alpha too. */
  private darken(scene: Scene): void {
    if (scene.blackout <= 0) return;
    this.main.globalCompositeOperation = scene.transparent ? "destination-out" : "source-over";
    fill(this.main, `rgba(0,0,0,${scene.blackout})`);
    this.main.globalCompositeOperation = "source-over";
  }
}

function drawDancer(context: CanvasRenderingContext2D, figure: Figure, marks: readonly Mark[], palette: Palette, scene: Scene): void {
  const rim = RIM_M * figure.scale;
  const top = figure.points[HEAD_ROW]!.y - 0.12 * figure.scale;
  for (const group of figure.order) {
    const near = figure.nearness[group]!;
    const light = (1 - 0.45 * Math.max(0, -near)) * (0.84 + 0.16 * scene.pulse);
    edged(context, figure.edges[group]!, rim, scaled(palette.left, light), scaled(palette.right, light));
    const shade = context.createLinearGradient(0, top, 0, top + 1.9 * figure.scale);
    const body = scaled(palette.body, 1 + 0.45 * near);
    shade.addColorStop(0, mix(body, palette.haze, 0.3));
    shade.addColorStop(0.45, mix(body, palette.haze, 0.1));
    shade.addColorStop(1, body);
    context.fillStyle = shade;
    context.fill(figure.paths[group]!);
    context.globalCompositeOperation = "lighter";
    if (group === 0) shineTrunk(context, figure, palette, light);
    shineLimbs(context, figure, group, palette, light);
    for (const mark of marks) {
      if (mark.group !== group) continue;
      stroke(context, mark, palette.core, 1, 0.55 * light);
      stroke(context, mark, mix(palette.core, "#ffffff", 0.6), 0.45, 0.9 * light);
    }
    context.globalCompositeOperation = "source-over";
  }
}

/** A group's outline in two lights: left from the left, right from the right, both a little from above. */
function edged(context: CanvasRenderingContext2D, path: Path2D, rim: number, left: string, right: string): void {
  for (const [side, colour] of [[-1, left], [1, right]] as const) {
    context.save();
    context.translate(side * rim, -RIM_LIFT * rim);
    context.fillStyle = colour;
    context.fill(path);
    context.restore();
  }
}

/** Soft highlights along the limbs of one group. */
function shineLimbs(context: CanvasRenderingContext2D, figure: Figure, group: number, palette: Palette, light: number): void {
  const colour = mix(palette.left, palette.haze, 0.5);
  context.lineCap = "round";
  for (const sheen of SHEENS) {
    if (sheen.group !== group) continue;
    const [a, b] = [figure.points[sheen.rows[0]]!, figure.points[sheen.rows[1]]!];
    const wide = SPHERES[sheen.rows[1]]!.radius * b.scale;
    context.beginPath();
    context.moveTo(a.x - 0.18 * wide, a.y - 0.2 * wide);
    context.lineTo(b.x - 0.18 * wide, b.y - 0.2 * wide);
    for (const [share, alpha] of SOFT) {
      context.strokeStyle = faded(colour, alpha * light);
      context.lineWidth = wide * share * 2 * sheen.width;
      context.stroke();
    }
  }
}

/** A broad soft light on chest and belly. */
function shineTrunk(context: CanvasRenderingContext2D, figure: Figure, palette: Palette, light: number): void {
  const p = (row: number): Point => figure.points[row]!;
  const x = (p(TRUNK.left).x + p(TRUNK.right).x) / 2;
  const y = p(TRUNK.throat).y + 0.15 * figure.scale;
  const radius = 0.2 * figure.scale;
  const shine = context.createRadialGradient(x - 0.03 * figure.scale, y, 0, x, y, radius);
  shine.addColorStop(0, faded(mix(palette.left, palette.haze, 0.6), 0.3 * light));
  shine.addColorStop(1, faded(palette.haze, 0));
  context.save();
  context.clip(figure.paths[0]!);
  context.fillStyle = shine;
  context.fillRect(x - radius, y - radius, 2 * radius, 2 * radius);
  context.restore();
}

function stroke(context: CanvasRenderingContext2D, mark: Mark, colour: string, widen: number, light: number): void {
  context.strokeStyle = faded(colour, light * mark.light);
  context.lineCap = "round";
  context.lineJoin = "round";
  context.lineWidth = Math.max(1, mark.width_m * mark.line[0]!.scale * widen);
  context.beginPath();
  mark.line.forEach((p, i) => (i === 0 ? context.moveTo(p.x, p.y) : context.lineTo(p.x, p.y)));
  context.stroke();
}

function shrink(from: CanvasRenderingContext2D, to: CanvasRenderingContext2D): void {
  to.globalCompositeOperation = "copy";
  to.drawImage(from.canvas, 0, 0, to.canvas.width, to.canvas.height);
}

function grow(from: CanvasRenderingContext2D, to: CanvasRenderingContext2D, alpha: number): void {
  to.setTransform(1, 0, 0, 1, 0, 0);
  to.globalCompositeOperation = "lighter";
  to.globalAlpha = alpha;
  to.drawImage(from.canvas, 0, 0, to.canvas.width, to.canvas.height);
  to.globalAlpha = 1;
}

function fill(context: CanvasRenderingContext2D, colour: string): void {
  context.fillStyle = colour;
  context.fillRect(0, 0, context.canvas.width, context.canvas.height);
}

function layer(): CanvasRenderingContext2D {
  const canvas = document.createElement("canvas");
  canvas.width = canvas.height = 16;
  return canvas.getContext("2d")!;
}
