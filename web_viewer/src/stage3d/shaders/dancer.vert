// A dancer: four bones carry each vertex; its row of the bone texture is this moment's pose.
precision highp float;
in vec3 position;     // in steps of the file
in vec3 normal;
in vec4 joints;
in vec4 weights;
in vec2 worn;         // material; how open it lies, of 255
in vec4 who;          // row of the bone texture; x, z and turn on the stage
in vec3 left;
in vec3 right;
in vec4 dye;
uniform highp sampler2D bones;
uniform mat4 seen;    // stage -> picture
uniform float step_m;
uniform float flip;   // -1 draws what the floor mirrors
uniform float beat;
uniform float pulse;
uniform float lens;   // pixels per metre at one metre
out vec3 v_place;
out vec3 v_normal;
out vec3 v_rest;
out vec3 v_left;
out vec3 v_right;
flat out vec4 v_dye;
out float v_open;
flat out int v_material;

mat3x4 bone(float joint, int row) {
  int x = 3 * int(joint + 0.5);
  return mat3x4(texelFetch(bones, ivec2(x, row), 0), texelFetch(bones, ivec2(x + 1, row), 0), texelFetch(bones, ivec2(x + 2, row), 0));
}

float hash(vec3 p) { return fract(sin(dot(p, vec3(12.9898, 78.233, 37.719))) * 43758.5453); }

void main() {
  int row = int(who.x + 0.5);
  mat3x4 m = bone(joints.x, row) * weights.x;
  if (weights.y > 0.0) m += bone(joints.y, row) * weights.y;
  if (weights.z > 0.0) m += bone(joints.z, row) * weights.z;
  if (weights.w > 0.0) m += bone(joints.w, row) * weights.w;
  vec3 p = vec4(position, 1.0) * m;
  vec3 n = normalize(vec4(normal, 0.0) * m);
  float c = cos(who.w), s = sin(who.w);
  p = vec3(c * p.x + s * p.z + who.y, p.y, c * p.z - s * p.x + who.z);
  n = vec3(c * n.x + s * n.z, n.y, c * n.z - s * n.x);
  v_rest = position * step_m;
#ifdef POINTS
  // Dust that a body is made of: it leaves with the beat and is drawn back.
  float own = hash(v_rest * 91.0), rise = fract(own * 7.0 + beat * 0.25);
  float leaves = step(0.72, own);
  p += n * (0.004 + 0.016 * pulse * own) + leaves * (n * 0.10 + vec3(0.0, 0.22, 0.0)) * rise * rise;
#endif
  p.y *= flip;
  v_place = p;
  v_normal = vec3(n.x, n.y * flip, n.z);
  v_left = left;
  v_right = right;
  v_dye = dye;
  v_material = int(worn.x + 0.5);
  v_open = worn.y / 255.0;
  gl_Position = seen * vec4(p, 1.0);
#ifdef POINTS
  gl_PointSize = max(1.0, (leaves > 0.5 ? 0.010 * (1.0 - rise) : 0.0075 + 0.005 * own) * lens / gl_Position.w);
#endif
}
