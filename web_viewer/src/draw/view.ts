/** What any renderer of poses gets: the 2-D canvas, or the 3-D stage. */
import type { Frame } from "../score/player";
import type { Moved } from "./camera";

/** The light of the moment, 0-1. */
export interface Levels {
  readonly bass: number;
  readonly onset: number;
  readonly energy: number;
}

/** Everything beside the pose that the picture depends on. */
export interface Scene {
  /** Number of the scene, from 1. */
  readonly scene: number;
  /** Dancers behind those of the show; null: as the scene has it. */
  readonly crowd: number | null;
  /** Whether light spreads; null: where that is cheap. */
  readonly bloom: boolean | null;
  readonly palette: number;
  readonly camera: string;
  readonly moved: Moved;
  readonly mirror: boolean;
  readonly transparent: boolean;
  /** 0 shows all, 1 is black. */
  readonly blackout: number;
  /** 0 quiet … 1 busy: how far lights and trails go. */
  readonly levels: Levels;
  /** 1 on the beat, dying away until the next. */
  readonly pulse: number;
}

export interface Renderer {
  /** Draw one picture; called once per animation frame. */
  draw(frame: Frame, scene: Scene): void;
  /** Take a pose between two pictures: trails stay smooth where pictures are rare. */
  trace(frame: Frame): void;
  /** Fit the element it draws into. `quality` 1 is full, lower is cheaper; `scale` is the size that the address asks for. */
  resize(quality: number, scale: number): void;
  /** Forget trails (after a jump). */
  reset(): void;
  /** What was drawn into last, for tests; nothing where that says nothing. */
  readonly facts?: object;
}
