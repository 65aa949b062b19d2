/** The flash limiter on a 2-D canvas: looks at the finished picture small, and mixes it with the one before where it must. */
import { COLUMNS, FlashLimiter, ROWS } from "../flash_limiter";

export class Guard {
  readonly limiter = new FlashLimiter();
  private readonly small = context(COLUMNS, ROWS);
  private readonly before = context(1, 1);

  /** Tame the picture in `canvas`, shown at `t_s`. */
  apply(main: CanvasRenderingContext2D, t_s: number): void {
    const { canvas } = main;
    this.small.globalCompositeOperation = "copy";
    this.small.imageSmoothingQuality = "medium";
    this.small.drawImage(canvas, 0, 0, COLUMNS, ROWS);
    const { data } = this.small.getImageData(0, 0, COLUMNS, ROWS);
    for (let i = 0; i < data.length; i += 4) {
      const alpha = data[i + 3]! / 255;
      if (alpha < 1) for (let k = 0; k < 3; k++) data[i + k] = data[i + k]! * alpha;
    }
    const isOther = this.before.canvas.width !== canvas.width || this.before.canvas.height !== canvas.height;
    if (isOther) {
      this.before.canvas.width = canvas.width;
      this.before.canvas.height = canvas.height;
      this.limiter.reset();
    }
    const share = this.limiter.take(data, t_s);
    if (share < 1) {
      main.globalCompositeOperation = "source-over";
      main.globalAlpha = 1 - share;
      main.drawImage(this.before.canvas, 0, 0);
      main.globalAlpha = 1;
    }
    this.before.globalCompositeOperation = "copy";
    this.before.drawImage(canvas, 0, 0);
  }
}

function context(width: number, height: number): CanvasRenderingContext2D {
  const canvas = document.createElement("canvas");
  canvas.width = width;
  canvas.height = height;
  return canvas.getContext("2d", { willReadFrequently: width === COLUMNS })!;
}
