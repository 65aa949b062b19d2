/**
 * Calibration by eye and ear: a click and a flash of this page on every beat, at the beat itself. Move the delay of an
 * output until its dancers land on the click.
 */
const AHEAD_S = 0.25;
const CLICK_S = 0.03;

export class Clicks {
  private context: AudioContext | null = null;
  private planned = -Infinity;

  get isOn(): boolean {
    return this.context !== null;
  }

  /** Must come from a press: pages may not sound by themselves. */
  toggle(): void {
    if (this.context === null) {
      this.context = new AudioContext();
    } else {
      void this.context.close();
      this.context = null;
    }
    this.planned = -Infinity;
  }

  /** Plan the clicks of the beats that come next. */
  follow(beat: number, beats_per_s: number, isFirst: (beat: number) => boolean): void {
    if (this.context === null || beats_per_s <= 0) return;
    for (let next = Math.max(Math.ceil(beat), this.planned + 1); (next - beat) / beats_per_s < AHEAD_S; next++) {
      this.click(this.context, (next - beat) / beats_per_s, isFirst(next) ? 1600 : 1000);
      this.planned = next;
    }
    if (this.planned > beat + 8) this.planned = -Infinity; // the beat went back
  }

  private click(context: AudioContext, in_s: number, hz: number): void {
    // What is played now is heard later by the machine's own latency.
    const at = context.currentTime + Math.max(0, in_s - (context.outputLatency || 0));
    const tone = new OscillatorNode(context, { frequency: hz });
    const loud = new GainNode(context, { gain: 0.4 });
    loud.gain.setValueAtTime(0.4, at);
    loud.gain.exponentialRampToValueAtTime(0.001, at + CLICK_S);
    tone.connect(loud).connect(context.destination);
    tone.start(at);
    tone.stop(at + CLICK_S);
  }
}
