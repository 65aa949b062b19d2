/**
 * Who draws: the 2-D canvas at once, the 3-D stage as soon as it is loaded and compiled, and the canvas again where there
 * is no WebGL, where it is lost, or where it is hopelessly slow. The dance goes on through all of it.
 */
import type { Renderer } from "./draw/view";
import { Meter } from "./meter";
import type { Mode } from "./params";
import { webgl } from "./stage3d/probe";

/** Shares of full quality: first the scale goes down, then the bloom is left out, then most of the crowd. */
const HARDWARE = [1, 0.75, 0.55, 0.52, 0.4] as const;
const SOFTWARE = [0.75, 0.52, 0.45, 0.4] as const;
const NOTE_MS = 8000;
const NO_WEBGL = "No WebGL 2 here: drawn in 2-D";
const TOO_SLOW = "3-D is too slow on this machine: drawn in 2-D";

export class Stages {
  meter = new Meter();
  renderer: Renderer | null;
  /** Said once, for some seconds; never a reason to stop. */
  note = "";
  private readonly solid = document.createElement("canvas");
  private has3d = false;
  private noteEnds_ms = 0;

  constructor(private readonly mode: Mode, private readonly flat: Renderer | null, private readonly canvas: HTMLCanvasElement) {
    this.renderer = flat;
    this.solid.id = "stage3d";
    this.solid.hidden = true;
  }

  /** Load the 3-D stage where the address or the machine asks for it. */
  open(): void {
    if (this.flat === null || this.mode === "2d") return;
    const found = webgl();
    if (found === "none" && this.mode === "3d") this.say(NO_WEBGL);
    if (found === "none" || (found === "software" && this.mode !== "3d")) return;
    this.canvas.after(this.solid);
    this.solid.addEventListener("webglcontextlost", (event) => {
      event.preventDefault();
      this.show2d();
    });
    this.solid.addEventListener("webglcontextrestored", () => void this.load());
    void this.load();
  }

  /** After each picture: give up what cannot work. */
  judge(now_ms: number): void {
    if (this.note !== "" && now_ms > this.noteEnds_ms) this.note = "";
    if (!this.has3d || !this.meter.isHopeless) return;
    this.say(TOO_SLOW);
    this.show2d();
  }

  get facts(): object {
    return { mode: this.has3d ? "3d" : "2d", ...this.renderer?.facts };
  }

  private async load(): Promise<void> {
    try {
      // Kept out of layout until it draws; its size is that of the page.
      this.solid.hidden = false;
      this.solid.style.visibility = "hidden";
      const { Stage } = await import("./stage3d/stage");
      const stage = await Stage.open(this.solid);
      this.renderer = stage;
      this.has3d = true;
      this.meter = new Meter(stage.isSoftware ? SOFTWARE : HARDWARE);
      this.solid.style.visibility = "";
      this.canvas.hidden = true;
    } catch {
      if (this.mode === "3d") this.say(NO_WEBGL);
      this.show2d();
    }
  }

  private show2d(): void {
    this.has3d = false;
    this.renderer = this.flat;
    this.meter = new Meter();
    this.solid.hidden = true;
    this.canvas.hidden = false;
  }

  private say(note: string): void {
    this.note = note;
    this.noteEnds_ms = performance.now() + NOTE_MS;
  }
}
