#version 330
// A dancer seen by the level camera of `render.camera`: its turn, then its shifted perspective.

uniform vec4 lens;     // x: middle of the picture, m; y: row of the horizon, 0-1; z, w: focal length over half the sides
uniform vec4 eye;      // x: distance, m; y: height, m; z: shift of the horizon; w: turn round the dancers, rad
uniform float flip;    // -1 draws what the floor mirrors

in vec3 position;      // m
in vec3 normal;
in vec3 rest;          // where the vertex is in the rest pose: what patterns are painted on
in float material;
in float open;         // how much light reaches it past the body, 0-1

out vec3 v_place;
out vec3 v_normal;
out vec3 v_rest;
out float v_open;
flat out int v_material;

void main() {
  vec3 p = position * vec3(1.0, flip, 1.0), n = normal * vec3(1.0, flip, 1.0);
  float c = cos(eye.w), s = sin(eye.w);
  vec3 q = vec3(c * p.x - s * p.z, p.y, s * p.x + c * p.z);
  v_normal = vec3(c * n.x - s * n.z, n.y, s * n.x + c * n.z);
  v_place = q;
  v_rest = rest;
  v_open = open;
  v_material = int(material + 0.5);
  float depth = max(eye.x - q.z, 0.4);
  // Upside down, so that the first row that is read is the top one.
  gl_Position = vec4((q.x - lens.x) * lens.z, -((q.y - eye.y) * lens.w + eye.z * depth), 1.004 * depth - 0.8, depth);
}
