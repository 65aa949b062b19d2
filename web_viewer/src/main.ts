/** The page: one loop that asks the show for the pose of now and draws it. */
import "./style.css";
import { Connection } from "./connection";
import { Controls, type Local } from "./controls";
import { Desk } from "./desk";
import { STILL } from "./draw/camera";
import { NeonRenderer } from "./draw/neon";
import { Stages } from "./stages";
import { Hud, type Facts } from "./hud";
import { Meter } from "./meter";
import { parseParams } from "./params";
import { Pictures } from "./pictures";
import type { Frame } from "./score/player";
import { Show } from "./show";
import { TrackAudio } from "./track_audio";
import { decodeAll } from "./wire";

const PINGS_AT_START = 6;
const PING_START_MS = 60;
const PING_MS = 1000;
const REPORT_MS = 2000;
const CURSOR_MS = 2000;
const AUDIO_MS = 250;
const TRACE_S = 1 / 60;
const MOST_TRACES = 8;

class Page {
  private readonly params = parseParams(location.search, location.hash);
  private readonly show = new Show(this.params.delay_ms);
  private readonly canvas = element("stage") as HTMLCanvasElement;
  private readonly hud = new Hud(element("hud"));
  private readonly desk: Desk;
  private readonly note = element("note");
  private readonly connection: Connection;
  private readonly controls: Controls;
  private readonly stages: Stages;
  private readonly pictures: Pictures | null;
  private readonly audio = new TrackAudio(element("sound"));
  private frame: Frame | null = null;
  private blackout = 0;
  private drawn_ms = 0;
  private viewers: number | null = null;
  private firstPose_ms: number | null = null;
  private pingTimer = 0;

  constructor() {
    document.documentElement.classList.toggle("transparent", this.params.transparent);
    const scheme = location.protocol === "https:" ? "wss" : "ws";
    this.connection = new Connection(`${scheme}://${location.host}/ws`, {
      opened: () => this.opened(),
      closed: () => clearTimeout(this.pingTimer),
      binary: (buffer) => this.takeBinary(buffer),
      text: (message) => this.takeText(message),
    });
    const local: Local = { blackout: null, palette: this.params.palette, scene: this.params.scene, camera: this.params.camera, hud: this.params.hud };
    this.controls = new Controls(local, this.show, this.connection, this.params.token);
    this.desk = new Desk(element("desk") as HTMLFormElement, (act) => this.controls.act(act));
    const frames = this.params.mode === "frames";
    this.pictures = frames ? new Pictures(this.canvas, (seq) => this.connection.send({ type: "ack", seq })) : null;
    this.stages = new Stages(this.params.mode, frames ? null : new NeonRenderer(this.canvas), this.canvas, () => this.scene);
  }

  start(): void {
    this.connection.open();
    this.stages.open();
    this.controls.listen();
    hideIdleCursor();
    keepAwake();
    setInterval(() => this.report(), REPORT_MS);
    setInterval(() => this.audio.follow(this.show.state.track, this.show.showTime(nowS())), AUDIO_MS);
    const loop = (): void => {
      this.step();
      requestAnimationFrame(loop);
    };
    requestAnimationFrame(loop);
  }

  /** For tests and curious people: what is shown now. */
  get probe(): object {
    return {
      pose: () => this.frame?.dancers.map((d) => ({ id: d.id, origin: d.origin, places: [...d.places] })) ?? null,
      clock: () => ({ ...this.show.clock(), show_s: this.show.showTime(nowS()), beat: this.frame?.beat, dance: this.frame?.dance }),
      stats: () => ({ ...this.facts(), synced: this.show.sync.synced, session: this.show.session, quality: this.meter.quality, first_pose_ms: this.firstPose_ms, state: this.show.state,
        sound: this.audio.facts(this.show.state.track, this.show.showTime(nowS())) }),
    };
  }

  // --- the link ---

  private opened(): void {
    const want = this.pictures ? ["image", "stats"] : ["score", "levels", "stats"];
    this.connection.send({
      type: "hello", versions: [1], want, token: this.params.token, name: this.params.mode,
      width: this.canvas.clientWidth, height: this.canvas.clientHeight,
    });
    this.ping(PINGS_AT_START);
  }

  private ping(quick: number): void {
    clearTimeout(this.pingTimer);
    this.connection.send({ type: "ping", t0: nowS() });
    this.pingTimer = setTimeout(() => this.ping(quick - 1), quick > 0 ? PING_START_MS : PING_MS);
  }

  private takeBinary(buffer: ArrayBuffer): void {
    const messages = decodeAll(buffer);
    if (messages === null) {
      this.meter.malformed++;
      return;
    }
    for (const message of messages) {
      if (message.name === "Image") void this.pictures?.take(message);
      else this.show.take(message, nowS());
    }
  }

  private takeText(message: Record<string, unknown>): void {
    const before = this.show.state.blackout;
    switch (message["type"]) {
      case "welcome": this.show.welcome(message, nowS()); break;
      case "pong": this.show.pong(message, nowS()); break;
      case "state":
        this.show.setState(message);
        this.controls.stateArrived(before);
        break;
      case "stats": this.viewers = Number((message["clients"] as { all?: number } | undefined)?.all ?? NaN); break;
    }
  }

  private report(): void {
    this.connection.send({
      type: "report", fps: this.meter.fps, draw_ms: this.meter.draw_ms, malformed: this.meter.malformed,
      lead_beats: this.ahead() ?? 0,
    });
  }

  // --- the picture ---

  private step(): void {
    const start = performance.now();
    const { show, controls } = this;
    if (this.frame === null || !show.state.freeze) this.frame = this.nextFrame();
    this.fade(start);
    if (this.pictures !== null) {
      this.pictures.draw(this.blackout, this.params.transparent);
    } else {
      const renderer = this.stages.renderer!;
      renderer.resize(this.meter.quality, this.params.scale);
      renderer.draw(this.frame, {
        scene: this.scene,
        crowd: this.params.crowd,
        bloom: this.params.bloom,
        palette: controls.local.palette ?? show.state.palette,
        camera: controls.local.camera ?? show.state.camera,
        // A view that this page chose for itself is seen as it is.
        moved: controls.local.camera === null ? show.state.moved : STILL,
        mirror: this.params.mirror,
        transparent: this.params.transparent,
        blackout: this.blackout,
        levels: show.levelsAt(this.frame),
        pulse: show.pulse(this.frame),
      });
    }
    if (this.firstPose_ms === null && (this.ahead() ?? 0) > 0) this.firstPose_ms = performance.now();
    const informs = controls.local.hud && this.blackout < 1;
    this.hud.update(informs, start, () => this.facts());
    this.desk.update(informs && show.hasControl, show.state);
    this.showNote(informs);
    this.meter.frame(start, performance.now() - start);
    this.stages.judge(start);
  }

  private get scene(): number {
    return this.controls.local.scene ?? this.show.state.scene;
  }

  private get meter(): Meter {
    return this.stages.meter;
  }

  /** The pose of now; trails get those between, where the last picture is long ago. */
  private nextFrame(): Frame {
    const { show, frame: last } = this;
    const now_s = show.showTime(nowS()) + show.delay_s;
    const steps = last === null ? 0 : Math.min(MOST_TRACES, Math.floor((now_s - last.t_s) / TRACE_S));
    for (let i = 1; i < steps; i++) this.stages.renderer?.trace(show.frameAt(last!.t_s + (i * (now_s - last!.t_s)) / steps));
    return show.frameAt(now_s);
  }

  private fade(now_ms: number): void {
    const step = Math.max(0, now_ms - this.drawn_ms) / Math.max(1, this.show.state.fade_ms);
    this.drawn_ms = now_ms;
    const target = this.controls.blackout ? 1 : 0;
    this.blackout += Math.sign(target - this.blackout) * Math.min(Math.abs(target - this.blackout), step);
  }

  /**
   * One discreet sentence for the people at the desk; never over a picture that is mixed or dark. Each new one leaves
   * after some seconds (style.css), but with the info on, or while the pointer moves, it stays.
   */
  private showNote(stays: boolean): void {
    const text = this.params.transparent || this.blackout > 0 ? "" : this.show.state.message || this.stages.note;
    if (this.note.textContent !== text) {
      this.note.textContent = text;
      this.note.hidden = true;
      void this.note.offsetWidth; // laid out hidden once: the next one's time begins anew
    }
    this.note.classList.toggle("stays", stays);
    this.note.hidden = text === "";
  }

  private ahead(): number | null {
    const end = this.show.player.score.end(0);
    return end === null || this.frame === null ? null : end - this.frame.dance;
  }

  private facts(): Facts {
    return {
      clock: this.show.clock(), linked: this.connection.isOpen, freeWheel: this.show.isFreeWheeling(nowS()),
      beat: this.frame?.beat ?? 0, fps: this.meter.fps, draw_ms: this.meter.draw_ms, rtt_s: this.show.sync.rtt_s,
      delay_ms: 1000 * this.show.delay_s, ahead: this.ahead(), malformed: this.meter.malformed,
      drawn: this.stages.facts,
      heard: this.show.state.heard, control: this.show.hasControl,
      viewers: this.viewers !== null && Number.isFinite(this.viewers) ? this.viewers : null,
    };
  }
}

function nowS(): number {
  return performance.now() / 1000;
}

function element(id: string): HTMLElement {
  return document.getElementById(id)!;
}

function hideIdleCursor(): void {
  let timer = 0;
  const moved = (): void => {
    document.documentElement.classList.remove("idle");
    clearTimeout(timer);
    timer = setTimeout(() => document.documentElement.classList.add("idle"), CURSOR_MS);
  };
  addEventListener("pointermove", moved);
  moved();
}

/** Ask that the screen stays on, where the page may (secure origins). */
function keepAwake(): void {
  const ask = (): void => {
    if (document.visibilityState === "visible") navigator.wakeLock?.request("screen").catch(() => undefined);
  };
  document.addEventListener("visibilitychange", ask);
  ask();
}

const page = new Page();
page.start();
(globalThis as { livedance?: object }).livedance = page.probe;
