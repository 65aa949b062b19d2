/** The show as this page knows it: score, clock, state. Everything by show time; no drawing, no socket. */
import { ClockSync } from "./clock_sync";
import { ScorePlayer, type Frame } from "./score/player";
import { FRESH, parseState, type ShowState } from "./show_state";
import type { Clock, Levels, Message } from "./wire.generated";

/** Without a clock for so long the dance goes on by itself and the info says so. */
const FREE_WHEEL_S = 1;
const LEVELS_LAST_S = 0.4;
const SEARCHING = 0;

export class Show {
  readonly sync = new ClockSync();
  player = new ScorePlayer();
  state: ShowState = FRESH;
  session = "";
  hasControl = false;
  private levels: Levels | null = null;
  private heardClock_s = -Infinity;
  private arranged = "";

  constructor(private readonly delay_ms: number) {}

  /** Seconds that the picture is drawn ahead of now. */
  get delay_s(): number {
    return (this.delay_ms + this.state.delay_ms) / 1000;
  }

  welcome(message: Record<string, unknown>, local_s: number): void {
    const session = String(message["session"]);
    if (!this.sync.synced || session !== this.session) this.restart();
    this.session = session;
    this.hasControl = message["control"] === true;
    if (typeof message["server_s"] === "number") this.sync.guess(local_s, message["server_s"]);
    this.setState(message["state"]);
  }

  pong(message: Record<string, unknown>, local_s: number): void {
    this.sync.answer(Number(message["t0"]), Number(message["t1"]), Number(message["t2"]), local_s);
  }

  setState(value: unknown): void {
    this.state = parseState(value);
    this.player.delay_s = this.delay_s;
    const arranged = JSON.stringify(this.state.arrangement);
    if (this.state.arrangement !== null && arranged !== this.arranged) {
      this.arranged = arranged;
      this.player.setArrangement(this.state.arrangement);
    }
  }

  take(message: Message, local_s: number): void {
    if (message.name === "Window") this.player.addWindow(message);
    else if (message.name === "Levels") this.levels = message;
    else if (message.name === "Clock") {
      this.heardClock_s = local_s;
      this.player.setClock(message);
    }
  }

  showTime(local_s: number): number {
    return this.sync.showTime(local_s);
  }

  /** The shown dancers at show time `t_s`, the page's delay included. */
  frameAt(t_s: number): Frame {
    return this.player.poseAt(t_s);
  }

  clock(): Clock | null {
    return this.player.clock;
  }

  isFreeWheeling(local_s: number): boolean {
    return local_s - this.heardClock_s > FREE_WHEEL_S;
  }

  /** 1 on the beat, dying away; faint while the beat is not known. */
  pulse(frame: Frame): number {
    const clock = this.clock();
    if (clock === null) return 0;
    const strength = clock.state === SEARCHING ? 0.25 : 0.55 + 0.45 * clock.confidence;
    return strength * Math.exp(-4.5 * (frame.beat - Math.floor(frame.beat)));
  }

  levelsAt(frame: Frame): { bass: number; onset: number; energy: number } {
    const pulse = this.pulse(frame);
    if (this.levels === null || frame.t_s - this.delay_s - this.levels.t_s > LEVELS_LAST_S) {
      return { bass: 0.6 * pulse, onset: pulse, energy: 0.5 };
    }
    return this.levels;
  }

  private restart(): void {
    this.player = new ScorePlayer(this.delay_s);
    this.levels = null;
    this.arranged = "";
  }
}
