/** Who dances, and in which colours (livedance/render/mesh/look.py; a test compares). */

export interface Outfit {
  readonly name: string;
  /** How much of the palette's haze, left and right light is in the cloth, and how light the gloves are. */
  readonly dye: readonly [haze: number, left: number, right: number, glove: number];
}

/** In the order in which they enter; then they come again. */
export const WARDROBE: readonly Outfit[] = [
  { name: "rider", dye: [0.1, 0.02, 0, 0.4] },
  { name: "sprite", dye: [0.05, 0, 0.13, 0.34] },
  { name: "hood", dye: [0.03, 0.05, 0, 0.06] },
  { name: "lantern", dye: [0.06, 0, 0, 0.16] },
];
