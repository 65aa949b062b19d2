/**
 * Plays the demo or the file here when the machine of the show has no sound card. Browsers allow sound only after a
 * click, so the page asks for one. The track is held to show time by a slightly changed rate, or a seek when far off.
 */
import type { Track } from "./show_state";

const SEEK_S = 0.25;
const GAIN = 0.6;
const MOST_RATE = 0.03;

export class TrackAudio {
  private element: HTMLAudioElement | null = null;
  private allowed = false;
  private lastSeek_s = -Infinity;

  constructor(private readonly prompt: HTMLElement) {
    addEventListener("pointerdown", () => this.allow());
    addEventListener("keydown", () => this.allow());
  }

  /** Follow `track` (null: silence); call a few times a second with show time. */
  follow(track: Track | null, show_s: number): void {
    this.prompt.hidden = track === null || this.allowed;
    if (track === null || track.paused) {
      this.element?.pause();
      if (track === null) this.element = null;
      return;
    }
    const element = this.elementFor(track.url);
    if (!this.allowed) return;
    const wanted = show_s - track.t0_s;
    const length = element.duration;
    if (wanted < 0 || !Number.isFinite(length) || length <= 0) return;
    if (element.paused) element.play().catch(() => (this.allowed = false));
    this.steer(element, wanted % length, show_s);
  }

  /** For tests: where it plays and how far from where it should. */
  facts(track: Track | null, show_s: number): { playing: boolean; error_s: number | null } {
    const element = this.element;
    if (element === null || track === null || element.paused) return { playing: false, error_s: null };
    return { playing: true, error_s: ((show_s - track.t0_s) % element.duration) - element.currentTime };
  }

  private steer(element: HTMLAudioElement, wanted: number, show_s: number): void {
    const error = wanted - element.currentTime;
    if (Math.abs(error) > SEEK_S && show_s - this.lastSeek_s > 1) {
      element.currentTime = wanted;
      this.lastSeek_s = show_s;
    }
    element.playbackRate = 1 + Math.max(-MOST_RATE, Math.min(MOST_RATE, GAIN * error));
  }

  private elementFor(url: string): HTMLAudioElement {
    const known = this.element;
    if (known !== null && new URL(known.src).pathname === url) return known;
    known?.pause();
    const element = new Audio(url);
    element.preload = "auto";
    return (this.element = element);
  }

  private allow(): void {
    if (this.element !== null) this.allowed = true;
  }
}
