// What floats in the air; its place is a function of number and beat.
precision highp float;
in vec4 seed;       // four numbers 0-1 of its own
uniform mat4 seen;
uniform float beat, pulse, energy, lens;
uniform int air;    // 1 dust, 2 snow, 3 embers, 4 bubbles, 5 petals
uniform vec3 left, right, core;
out vec4 v_light;
out float v_soft;
void main() {
  vec3 p = vec3((seed.x - 0.5) * 11.0, 0.0, (seed.z - 0.5) * 9.0 - 1.2);
  float t = beat * (0.03 + 0.04 * seed.w), size = 0.010, light = 0.35;
  vec3 tint = seed.w < 0.45 ? left : seed.w < 0.9 ? right : core;
  v_soft = 1.0;
  if (air == 2) {
    p.y = 4.2 * fract(seed.y - t * 1.6);
    p.x += 0.35 * sin(beat * 0.20 + seed.w * 40.0);
    size = 0.012 + 0.012 * seed.w;
    tint = mix(core, vec3(1.0), 0.35);
    light = 0.55;
  } else if (air == 3) {
    float up = fract(seed.y + t * 2.4);
    p.y = 4.6 * up;
    p.x += 0.5 * sin(beat * 0.35 + seed.w * 50.0) * up;
    size = 0.006 + 0.012 * seed.w * (1.0 - up);
    tint = mix(core, left, up);
    light = (1.0 - up) * 1.1;
    v_soft = 0.0;
  } else if (air == 4) {
    float up = fract(seed.y + t * 1.1);
    p.y = 4.2 * up;
    p.x += 0.12 * sin(beat * 0.6 + seed.w * 60.0);
    size = 0.010 + 0.030 * seed.w * seed.w;
    tint = mix(left, core, 0.6);
    light = 0.45;
    v_soft = 2.0;
  } else {
    p.y = 3.6 * fract(seed.y + t * 0.5);
    p.x += 0.4 * sin(beat * 0.11 + seed.w * 30.0);
    p.z += 0.4 * cos(beat * 0.13 + seed.y * 30.0);
    size = 0.006 + 0.010 * seed.w;
    light = 0.30 + 0.45 * pulse * step(0.6, fract(seed.x * 13.0 + floor(beat) * 0.31));
  }
  v_light = vec4(tint, light * (0.6 + 0.5 * energy));
  gl_Position = seen * vec4(p, 1.0);
  gl_PointSize = clamp(size * lens / max(gl_Position.w, 0.5), 1.5, 48.0);
}
