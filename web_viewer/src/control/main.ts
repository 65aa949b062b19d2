/** The control page: beat light, everything a person may do, and how the show is doing. Needs the show's token. */
import "./control.css";
import { Connection } from "../connection";
import { actOf as keyActOf, type KeyAct } from "../keys";
import { parseParams } from "../params";
import { Show } from "../show";
import { decodeAll } from "../wire";
import { LockState, Source } from "../wire.generated";
import { Clicks } from "./clicks";
import { OUTPUTS } from "./desk";
import { lines } from "./numbers";
import { parsePresets, Presets, recall } from "./presets";
import { build, element } from "./view";

const PING_MS = 1000;
const DELAY_STEP_MS = 5;
const NO_TOKEN = "This page needs the show's token: open the address that the show printed, with /control before #token";
const LAMPS = 16;

class Desk {
  private readonly token = parseParams(location.search, location.hash).token;
  private readonly show = new Show(0);
  private readonly connection: Connection;
  private readonly clicks = new Clicks();
  private readonly presets = new Presets((act, said) => this.send(act, said));
  private readonly update: (controls: Record<string, unknown>) => void;
  private readonly delays = new Map<string, HTMLOutputElement>();
  private readonly blackout = element("button", { type: "button", id: "blackout", textContent: "Blackout" });
  private readonly numbers = element("pre", { id: "numbers", ariaLabel: "how the show is doing" });
  private readonly calibrate = element("button", { type: "button", textContent: "Click and flash on the beat" });
  private controls: Record<string, unknown> = {};
  private stats: Record<string, unknown> = {};
  private nextId = 1;
  private lit = -1;

  constructor() {
    const scheme = location.protocol === "https:" ? "wss" : "ws";
    this.connection = new Connection(`${scheme}://${location.host}/ws`, {
      opened: () => this.connection.send({ type: "hello", versions: [1], want: ["beat", "stats"], token: this.token, name: "control" }),
      closed: () => undefined,
      binary: (buffer) => decodeAll(buffer)?.forEach((message) => this.show.take(message, nowS())),
      text: (message) => this.take(message),
    });
    const desk = byId("desk");
    desk.append(this.blackout);
    this.update = build(desk, (act) => this.send(act));
    desk.append(this.presets.root, this.outputs(), element("fieldset", {}, [element("legend", { textContent: "State" }), this.numbers]));
    this.blackout.addEventListener("click", () => this.send({ op: "set", args: { blackout: this.controls["blackout"] !== true } }));
    byId("lamps").append(...Array.from({ length: LAMPS }, () => element("i", { hidden: true })));
  }

  start(): void {
    this.say(this.token === "" ? NO_TOKEN : "");
    this.connection.open();
    setInterval(() => this.connection.send({ type: "ping", t0: nowS() }), PING_MS);
    addEventListener("keydown", (event) => this.press(event));
    const loop = (): void => {
      this.step();
      requestAnimationFrame(loop);
    };
    requestAnimationFrame(loop);
  }

  /** The one key map works here too, but for keys that a field or a button takes. */
  private press(event: KeyboardEvent): void {
    const takes = event.target instanceof HTMLElement && event.target.matches("input, select");
    const isPress = event.target instanceof HTMLButtonElement && [" ", "Enter"].includes(event.key);
    const preset = this.presets.keyed(event);
    const act = preset === null ? keyActOf(event) : recall(preset);
    if (event.repeat || takes || isPress || act === null) return;
    event.preventDefault();
    this.send(act, preset === null ? "" : `Recalled '${preset}'`);
  }

  private outputs(): HTMLElement {
    const rows = OUTPUTS.map((output) => {
      const name = output === "*" ? "all outputs" : output;
      const told = element("output", { ariaLabel: `delay of ${name}` });
      this.delays.set(output, told);
      const by = (step: number, label: string): HTMLElement => {
        const button = element("button", { type: "button", textContent: label, ariaLabel: `${name} ${step > 0 ? "later" : "earlier"}` });
        button.addEventListener("click", () => this.send({ op: "add", value: step, args: { field: "delay_ms", output } }));
        return button;
      };
      return element("div", { className: "row", role: "group", ariaLabel: `delay of ${name}` }, [element("span", { textContent: name }), by(-DELAY_STEP_MS, "−"), told, by(DELAY_STEP_MS, "+")]);
    });
    this.calibrate.addEventListener("click", () => {
      this.clicks.toggle();
      this.calibrate.setAttribute("aria-pressed", String(this.clicks.isOn));
    });
    return element("fieldset", {}, [element("legend", { textContent: "Delay of outputs" }), ...rows, this.calibrate]);
  }

  private take(message: Record<string, unknown>): void {
    switch (message["type"]) {
      case "welcome":
        this.show.welcome(message, nowS());
        this.setState(message["state"]);
        if (this.token !== "" && !this.show.hasControl) this.say("The show does not know this token");
        break;
      case "pong": this.show.pong(message, nowS()); break;
      case "state":
        this.show.setState(message);
        this.setState(message);
        break;
      case "stats": this.stats = message; break;
      case "presets": this.takePresets(message); break;
      case "control": if (typeof message["error"] === "string") this.say(message["error"]); break;
      case "error": if (typeof message["message"] === "string") this.say(message["message"]); break;
    }
  }

  private setState(state: unknown): void {
    const controls = (state as { controls?: Record<string, unknown> } | null)?.controls;
    if (typeof controls !== "object" || controls === null) return;
    this.controls = controls;
    this.update(controls);
    this.blackout.setAttribute("aria-pressed", String(controls["blackout"] === true));
    const delays = (controls["delay_ms"] ?? {}) as Record<string, unknown>;
    for (const [output, told] of this.delays) told.textContent = `${Number(delays[output] ?? 0)} ms`;
  }

  private takePresets(message: Record<string, unknown>): void {
    const known = parsePresets(message);
    if (known === null) return;
    this.presets.take(known);
    if (known.done !== "") this.say(known.done);
  }

  /** Ask the show; `said` is what the page says meanwhile. */
  private send(act: KeyAct, said = ""): void {
    if (this.token === "") return this.say(NO_TOKEN);
    this.say(said);
    this.connection.send({
      type: "control", token: this.token, id: this.nextId++, op: act.op, args: act.args ?? {},
      ...(act.value === undefined ? {} : { value: act.value }),
    });
  }

  /** Beat light and numbers. */
  private step(): void {
    const now = this.show.frameAt(this.show.showTime(nowS()));
    const clock = this.show.clock();
    const meter = clock?.meter ?? 4;
    const inBar = clock === null ? -1 : mod(Math.floor(now.beat - clock.bar_start_beat), meter);
    const isLit = now.beat - Math.floor(now.beat) < 0.35;
    const lamp = clock === null || !isLit ? -1 : inBar;
    if (lamp !== this.lit) {
      this.lit = lamp;
      [...byId("lamps").children].forEach((each, i) => {
        (each as HTMLElement).hidden = i >= meter;
        each.className = i === lamp ? (i === 0 ? "one" : "on") : "";
      });
      document.body.classList.toggle("flash", this.clicks.isOn && lamp >= 0);
    }
    if (clock !== null) this.clicks.follow(now.beat, clock.beats_per_s, (beat) => mod(beat - clock.bar_start_beat, meter) === 0);
    text("tempo", clock === null ? "–" : `${(60 * clock.beats_per_s).toFixed(1)} BPM`);
    text("lock", clock === null ? "no beat yet" : `${nameOf(LockState, clock.state)} ${Math.round(100 * clock.confidence)} % from ${nameOf(Source, clock.source)}`);
    text("link", !this.connection.isOpen ? "no link" : this.show.isFreeWheeling(nowS()) ? "quiet" : "live");
    const told = lines(this.stats, this.show.state.heard, this.show.state.message).join("\n");
    if (this.numbers.textContent !== told) this.numbers.textContent = told;
  }

  private say(sentence: string): void {
    text("said", sentence);
  }
}

function byId(id: string): HTMLElement {
  return document.getElementById(id)!;
}

function text(id: string, value: string): void {
  const found = byId(id);
  if (found.textContent !== value) found.textContent = value;
}

function mod(a: number, n: number): number {
  return ((a % n) + n) % n;
}

function nameOf(numbers: Readonly<Record<string, number>>, value: number): string {
  return (Object.entries(numbers).find(([, n]) => n === value)?.[0] ?? "?").toLowerCase().replace("_", "-");
}

function nowS(): number {
  return performance.now() / 1000;
}

new Desk().start();
