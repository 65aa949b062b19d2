/** The info panel (key I): hidden by default, plain text, four times a second. */
import { LockState, Section, Source, type Clock } from "./wire.generated";

export interface Facts {
  readonly clock: Clock | null;
  readonly linked: boolean;
  readonly freeWheel: boolean;
  readonly beat: number;
  readonly fps: number;
  readonly draw_ms: number;
  readonly rtt_s: number;
  readonly delay_ms: number;
  readonly ahead: number | null;
  readonly malformed: number;
  readonly heard: string;
  readonly control: boolean;
  readonly viewers: number | null;
  /** What draws, and pictures that the flash limiter had to tame. */
  readonly drawn: { readonly mode: string; readonly limited?: number };
}

export function lines(facts: Facts): string[] {
  const { clock } = facts;
  const beat = clock === null ? "no beat yet" : beatLine(clock, facts.beat);
  return [
    beat,
    facts.heard ? `hearing  ${facts.heard}` : "",
    `link     ${facts.linked ? (facts.freeWheel ? "quiet, dancing on" : "live") : "lost, dancing on"}`,
    `score    ${facts.ahead === null ? "none" : `${facts.ahead.toFixed(1)} beats ahead`}`,
    `picture  ${facts.fps.toFixed(0)} fps, ${facts.draw_ms.toFixed(1)} ms`,
    `drawn    ${facts.drawn.mode}, flash limiter on${(facts.drawn.limited ?? 0) > 0 ? `, ${facts.drawn.limited} tamed` : ""}`,
    `time     ±${Number.isFinite(facts.rtt_s) ? (500 * facts.rtt_s).toFixed(1) : "?"} ms, ahead ${facts.delay_ms.toFixed(0)} ms`,
    facts.viewers === null ? "" : `viewers  ${facts.viewers}`,
    `keys     ${facts.control ? "control the show" : "this page only"}`,
    facts.malformed > 0 ? `odd messages ${facts.malformed}` : "",
  ].filter((line) => line !== "");
}

function beatLine(clock: Clock, beat: number): string {
  const bpm = (60 * clock.beats_per_s).toFixed(1);
  const inBar = (((Math.floor(beat - clock.bar_start_beat) % clock.meter) + clock.meter) % clock.meter) + 1;
  const sure = `${Math.round(100 * clock.confidence)} %`;
  return `${bpm} BPM  ${inBar}/${clock.meter}  ${nameOf(LockState, clock.state)} ${sure}  ${nameOf(Source, clock.source)}  ${nameOf(Section, clock.section)}`;
}

function nameOf(numbers: Readonly<Record<string, number>>, value: number): string {
  const found = Object.entries(numbers).find(([, n]) => n === value);
  return found ? found[0].toLowerCase().replace("_", "-") : "?";
}

export class Hud {
  private shown_ms = -Infinity;

  constructor(private readonly element: HTMLElement) {}

  update(isShown: boolean, now_ms: number, facts: () => Facts): void {
    this.element.hidden = !isShown;
    if (!isShown || now_ms - this.shown_ms < 250) return;
    this.shown_ms = now_ms;
    this.element.textContent = lines(facts()).join("\n");
  }
}
