/** What draws WebGL here. */

const SOFTWARE = /swiftshader|llvmpipe|softpipe|software|basic render/i;

/** Whether a processor pretends to be a graphics card. */
export function isSoftware(gl: WebGLRenderingContext | WebGL2RenderingContext): boolean {
  const names = gl.getExtension("WEBGL_debug_renderer_info");
  const name = names === null ? gl.getParameter(gl.RENDERER) : gl.getParameter(names.UNMASKED_RENDERER_WEBGL);
  return SOFTWARE.test(String(name));
}

/** Whether a canvas of this page would get WebGL 2; `real`: from a graphics card. */
export function hasWebgl(real: boolean): boolean {
  const gl = document.createElement("canvas").getContext("webgl2", { failIfMajorPerformanceCaveat: real });
  if (gl === null) return false;
  const fits = !real || !isSoftware(gl);
  gl.getExtension("WEBGL_lose_context")?.loseContext();
  return fits;
}
