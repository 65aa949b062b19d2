/** What draws WebGL here. */

const SOFTWARE = /swiftshader|llvmpipe|softpipe|software|basic render/i;

/** Whether a processor pretends to be a graphics card. */
export function isSoftware(gl: WebGLRenderingContext | WebGL2RenderingContext): boolean {
  const names = gl.getExtension("WEBGL_debug_renderer_info");
  const name = names === null ? gl.getParameter(gl.RENDERER) : gl.getParameter(names.UNMASKED_RENDERER_WEBGL);
  return SOFTWARE.test(String(name));
}

/** "none", "software" or "hardware": what a canvas of this page would get. */
export function webgl(): "none" | "software" | "hardware" {
  const gl = document.createElement("canvas").getContext("webgl2");
  if (gl === null) return "none";
  const found = isSoftware(gl) ? "software" : "hardware";
  gl.getExtension("WEBGL_lose_context")?.loseContext();
  return found;
}
