/**
 * `?mode=frames`: shows the pictures that the show paints (the neural or the mesh look), each acknowledged after it has
 * been decoded, so that a slow page gets fewer pictures instead of old ones.
 */
import { MATTE_BELOW, type Image } from "./wire.generated";

export class Pictures {
  private readonly context: CanvasRenderingContext2D;
  private newest: ImageBitmap | null = null;
  private hasMatte = false;

  constructor(private readonly canvas: HTMLCanvasElement, private readonly acknowledge: (seq: number) => void) {
    this.context = canvas.getContext("2d", { willReadFrequently: true })!;
  }

  async take(image: Image): Promise<void> {
    try {
      const bitmap = await createImageBitmap(new Blob([image.data as BlobPart], { type: "image/jpeg" }));
      this.newest?.close();
      this.newest = bitmap;
      this.hasMatte = (image.image_flags & MATTE_BELOW) !== 0;
    } catch {
      // A broken picture: the one before stays.
    }
    this.acknowledge(image.seq);
  }

  draw(blackout: number, transparent: boolean): void {
    const { context, newest } = this;
    if (newest === null) return;
    const height = this.hasMatte ? newest.height / 2 : newest.height;
    this.canvas.width = newest.width;
    this.canvas.height = height;
    context.drawImage(newest, 0, 0);
    if (this.hasMatte && transparent) this.cut(newest, height);
    if (blackout <= 0) return;
    context.globalCompositeOperation = transparent ? "destination-out" : "source-over";
    context.fillStyle = `rgba(0,0,0,${blackout})`;
    context.fillRect(0, 0, newest.width, height);
    context.globalCompositeOperation = "source-over";
  }

  /** Take alpha from the matte in the lower half of the picture. */
  private cut(bitmap: ImageBitmap, height: number): void {
    const picture = this.context.getImageData(0, 0, bitmap.width, height);
    this.context.drawImage(bitmap, 0, -height);
    const matte = this.context.getImageData(0, 0, bitmap.width, height).data;
    for (let i = 0; i < matte.length; i += 4) picture.data[i + 3] = matte[i]!;
    this.context.putImageData(picture, 0, 0);
  }
}
