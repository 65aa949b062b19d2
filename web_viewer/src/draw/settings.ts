/** The nine scenes as the page shows them (livedance/control/scenes.py names them and gives each palette and view). */

export interface Setting {
  readonly name: string;
  /** Kind of room, of suit and of what is in the air, as the shaders number them. */
  readonly room: number;
  readonly suit: number;
  readonly air: number;
  readonly motes: number;
  /** How much the floor mirrors: of the dancers, and of the room. */
  readonly mirror: number;
  readonly gloss: number;
  /** Light of the ribbons. */
  readonly trails: number;
  /** Strength of the bloom. */
  readonly bloom: number;
  /** Dancers behind those of the show. */
  readonly crowd: number;
}

export const SUITS = { cloth: 0, silhouette: 1, hologram: 2, chrome: 3, dust: 4 } as const;
const AIR = { none: 0, dust: 1, snow: 2, embers: 3, bubbles: 4 } as const;

export const SETTINGS: readonly Setting[] = [
  { name: "ultraviolet", room: 0, suit: SUITS.cloth, air: AIR.dust, motes: 260, mirror: 0.34, gloss: 0.3, trails: 0.75, bloom: 0.85, crowd: 0 },
  { name: "sunset", room: 1, suit: SUITS.cloth, air: AIR.none, motes: 0, mirror: 0.22, gloss: 0.25, trails: 0.6, bloom: 0.7, crowd: 0 },
  { name: "acid", room: 2, suit: SUITS.cloth, air: AIR.dust, motes: 160, mirror: 0.18, gloss: 0.15, trails: 0.7, bloom: 0.75, crowd: 24 },
  { name: "ice", room: 3, suit: SUITS.hologram, air: AIR.snow, motes: 420, mirror: 0.3, gloss: 0.45, trails: 0.5, bloom: 0.9, crowd: 0 },
  { name: "ember", room: 4, suit: SUITS.silhouette, air: AIR.embers, motes: 320, mirror: 0.2, gloss: 0.35, trails: 0.25, bloom: 0.55, crowd: 0 },
  { name: "orchid", room: 5, suit: SUITS.chrome, air: AIR.dust, motes: 120, mirror: 0.34, gloss: 0.42, trails: 0.5, bloom: 0.8, crowd: 0 },
  { name: "reef", room: 6, suit: SUITS.cloth, air: AIR.bubbles, motes: 220, mirror: 0.12, gloss: 0.1, trails: 0.55, bloom: 0.7, crowd: 0 },
  { name: "moonlight", room: 7, suit: SUITS.dust, air: AIR.none, motes: 0, mirror: 0.22, gloss: 0.4, trails: 0.6, bloom: 0.8, crowd: 0 },
  { name: "carousel", room: 8, suit: SUITS.chrome, air: AIR.dust, motes: 120, mirror: 0.25, gloss: 0.2, trails: 0.5, bloom: 0.75, crowd: 8 },
];

/** Palette that a scene brings, where a page chose the scene for itself. */
export function paletteOf(scene: number | null): number | null {
  return scene === null ? null : (scene - 1) % (SETTINGS.length - 1);
}

/** Setting of a scene, which counts from 1; what is not there is the first. */
export function settingOf(scene: number): Setting {
  return SETTINGS[Math.trunc(scene) - 1] ?? SETTINGS[0]!;
}
