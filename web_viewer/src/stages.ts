/**
 * Who draws: the 2-D canvas at once, the 3-D stage as soon as it is loaded and compiled, and the canvas again where there
 * is no WebGL, where it is lost, or where it is hopelessly slow. The dance goes on through all of it.
 */
import type { Renderer } from "./draw/view";
import { Meter } from "./meter";
import type { Mode } from "./params";
import { hasWebgl } from "./stage3d/probe";
import type { Stage } from "./stage3d/stage";

/** Shares of full quality: first the scale goes down, then the bloom is left out (below 0.55), then most of the crowd. */
const QUALITIES = [1, 0.75, 0.55, 0.53, 0.4] as const;
const NOTE_MS = 8000;
/** A card that comes back is tried again, so often and after so long. */
const TRIES = 3;
const AGAIN_MS = 1500;
const NO_WEBGL = "No WebGL 2 here: drawn in 2-D";
const TOO_SLOW = "3-D is too slow on this machine: drawn in 2-D";

export class Stages {
  meter = new Meter();
  renderer: Renderer | null;
  /** Said once, for some seconds; never a reason to stop. */
  note = "";
  private noteEnds_ms = 0;
  private solid: HTMLCanvasElement | null = null;
  private stage: Stage | null = null;
  private tries = 0;
  private isTooSlow = false;

  /** `flat` draws when nothing else can; null where the show's own pictures are shown. `scene`: number of the scene now. */
  constructor(private readonly mode: Mode, private readonly flat: Renderer | null, private readonly canvas: HTMLCanvasElement, private readonly scene: () => number) {
    this.renderer = flat;
  }

  /** Load the 3-D stage where the address or the machine asks for it. */
  open(): void {
    if (this.flat === null || this.mode === "2d") return;
    const isAsked = this.mode === "3d";
    if (hasWebgl(!isAsked)) void this.load();
    else if (isAsked) this.say(NO_WEBGL);
  }

  /** After each picture: give up what cannot work. */
  judge(now_ms: number): void {
    if (this.note !== "" && now_ms > this.noteEnds_ms) this.note = "";
    if (!this.meter.isHopeless) return;
    if (this.stage !== null) {
      this.say(TOO_SLOW);
      this.isTooSlow = true;
      this.show2d();
    } else if (this.mode === "auto" && !this.isTooSlow && this.solid === null && hasWebgl(false)) {
      // Some hosts draw a 2-D canvas slower than a scene in 3-D.
      void this.load();
    }
  }

  get facts(): { mode: string; limited?: number } {
    return { mode: this.stage !== null ? "3d" : this.flat === null ? "frames" : "2d", ...this.renderer?.facts };
  }

  private async load(): Promise<void> {
    const solid = (this.solid = document.createElement("canvas"));
    solid.id = "stage3d";
    // Laid out, so that it has its size, and seen when it has something to show.
    solid.style.visibility = "hidden";
    this.canvas.before(solid);
    solid.addEventListener("webglcontextlost", (event) => {
      event.preventDefault();
      this.lost(solid);
    });
    try {
      const { Stage } = await import("./stage3d/stage");
      const stage = await Stage.open(solid, this.scene());
      if (this.solid !== solid) return stage.close();
      this.renderer = this.stage = stage;
      this.meter = new Meter(QUALITIES);
      solid.style.visibility = "";
      this.canvas.hidden = true;
    } catch {
      if (this.solid !== solid) return;
      if (this.mode === "3d") this.say(NO_WEBGL);
      this.show2d();
    }
  }

  private lost(solid: HTMLCanvasElement): void {
    if (this.solid !== solid) return;
    this.show2d();
    if (++this.tries < TRIES) setTimeout(() => this.open(), AGAIN_MS);
  }

  private show2d(): void {
    this.stage?.close();
    this.solid?.remove();
    this.stage = this.solid = null;
    this.renderer = this.flat;
    this.meter = new Meter();
    this.canvas.hidden = false;
  }

  private say(note: string): void {
    this.note = note;
    this.noteEnds_ms = performance.now() + NOTE_MS;
  }
}
