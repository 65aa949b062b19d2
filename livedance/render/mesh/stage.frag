#version 330
// The stage at a fraction of the picture's size: haze, swinging beams, a glossy floor with pools of light, the beat's
// rings and the dancers' soft shadows. Light is for the eye, BGR. The first row of the picture is the top one.

uniform vec2 size;        // of this target, pixels
uniform vec4 lens, eye;   // see dancer.vert; lens.y: row of the horizon, 0-1
uniform vec3 left_, right_, core_, haze_;
uniform float beat;       // music beats
uniform float pulse;      // 1 on the beat, falling
uniform float energy;     // 0-1
uniform float glow_only;  // 1: nothing but black (there is no stage)
uniform int dancers;
uniform sampler2D bodies; // two texels a limb: place in the camera's axes and radius, metres; a row a dancer

out vec4 colour;

const int LIMBS = 12, BEAMS = 6;
const float PI = 3.14159265, RING_BEATS = 2.0, RING_SPEED_M = 1.1, DARK = 0.80;
const vec2 FALLS = vec2(-0.10, 0.22);  // where the key light throws the shadow of a point one metre up, to x and from z

// Six lamps over the whole width, swinging against each other; their light widens and fades on its way down.
vec3 beams(vec2 q, float wide) {
  vec3 sum = vec3(0.0);
  for (int i = 0; i < BEAMS; ++i) {
    float place = (float(i) - 2.5) / 2.5;
    float swing = 0.22 * sin(2.0 * PI * (beat / 16.0 + 0.37 * float(i))) * (0.30 + 0.70 * energy);
    float angle = -0.42 * place + swing;
    vec2 from = vec2(0.52 * wide * place, -0.08), way = vec2(sin(angle), cos(angle));
    float along = dot(q - from, way), across = dot(q - from, vec2(way.y, -way.x));
    float width = 0.010 + 0.085 * max(along, 0.0);
    float on = 0.36 + 0.66 * energy + 0.75 * pulse * float((i + int(floor(beat))) % 2);
    float air = 0.86 + 0.14 * sin(9.0 * q.x + 0.7 * beat + float(i)) * sin(11.0 * q.y - 0.5 * beat);
    vec3 ink = mix(abs(place) < 0.3 ? haze_ : place < 0.0 ? left_ : right_, haze_, 0.35);
    float light = exp(-across * across / (width * width)) * exp(-1.35 * max(along, 0.0)) * air;
    sum += ink * (0.42 * on * light * smoothstep(0.0, 0.05, along));
  }
  return sum;
}

// How much of the key light dancers take from a point of the floor: sharp under a sole, soft under a raised hand.
float shadow(vec2 p) {
  float open = 1.0;
  for (int n = 0; n < dancers; ++n) {
    vec4 hips = texelFetch(bodies, ivec2(0, n), 0);
    vec2 off = p - hips.xz - FALLS * vec2(1.0, -1.0) * hips.y;
    if (dot(off, off) > 3.2) continue;
    for (int i = 0; i < LIMBS; ++i) {
      vec4 a = texelFetch(bodies, ivec2(2 * i, n), 0), b = texelFetch(bodies, ivec2(2 * i + 1, n), 0);
      vec2 u = a.xz + FALLS * vec2(1.0, -1.0) * a.y, v = b.xz + FALLS * vec2(1.0, -1.0) * b.y;
      float t = clamp(dot(p - u, v - u) / max(dot(v - u, v - u), 1e-6), 0.0, 1.0);
      float height = mix(a.y, b.y, t), soft = 0.025 + 0.16 * height, radius = mix(a.w, b.w, t);
      float near = 1.0 - smoothstep(radius - 0.6 * soft, radius + soft, length(p - u - t * (v - u)));
      open *= 1.0 - near * DARK * radius / (radius + 0.35 * soft);
      // Close to the floor a limb also takes what comes from everywhere.
      vec2 below = mix(a.xz, b.xz, t) - p;
      open *= 1.0 - 0.45 * exp(-dot(below, below) / 0.022) * exp(-height / 0.10);
    }
  }
  return open;
}

// `spread`: how much floor a pixel covers, to the side and away, m.
vec3 floor_light(vec2 p, float depth, vec2 spread) {
  float c = cos(eye.w), s = sin(eye.w);
  vec2 w = vec2(c * p.x + s * p.y, -s * p.x + c * p.y);  // on the stage, not as the camera turns
  float middle = exp(-dot(w, w) / 7.0);
  vec3 light = haze_ * (0.075 + 0.20 * middle);
  light += left_ * 0.085 * exp(-dot(w - vec2(-2.0, 0.2), w - vec2(-2.0, 0.2)) / 2.6);
  light += right_ * 0.085 * exp(-dot(w - vec2(2.0, 0.2), w - vec2(2.0, 0.2)) / 2.6);
  for (int n = 0; n < dancers; ++n) {
    vec4 hips = texelFetch(bodies, ivec2(0, n), 0);
    float away = length(p - hips.xz), pixel = 0.8 * length(spread * vec2(p - hips.xz)) / max(away, 0.05);
    for (float age = fract(beat); age < RING_BEATS; age += 1.0) {
      float left = 1.0 - age / RING_BEATS, thick = 0.018 + 0.05 * age, wide = length(vec2(thick, pixel));
      float off = (away - 0.25 - RING_SPEED_M * age) / wide;  // never thinner than a pixel: it would come out in dots
      light += core_ * (left * left * (0.10 + 0.16 * pulse) * (thick / wide) * exp(-off * off));
    }
  }
  return light * exp(-0.10 * max(depth - eye.x, 0.0));
}

void main() {
  if (glow_only > 0.5) {
    colour = vec4(0.0);
    return;
  }
  vec2 p = gl_FragCoord.xy / size;
  float wide = lens.w / lens.z, row = p.y - lens.y;
  vec2 q = vec2((p.x - 0.5) * wide, p.y);
  vec3 light = haze_ * (0.075 + 0.06 * energy + 0.06 * pulse) * exp(-q.x * q.x / 1.3 - pow((p.y - 0.55) / 0.45, 2.0));
  light += beams(q, wide);
  if (row > 0.0) {
    float depth = eye.y / row * 0.5 * lens.w;
    vec2 at = vec2((p.x - 0.5) * 2.0 / lens.z * depth + lens.x, eye.x - depth);
    float ground = smoothstep(0.0, 0.10, row);  // the far floor is lost in haze
    vec3 below = floor_light(at, depth, depth / size * vec2(2.0 / lens.z, 1.0 / row)) + 0.35 * beams(vec2(q.x, 2.0 * lens.y - 0.06 - p.y), wide);
    light += ground * below;
    light *= mix(1.0, shadow(at), ground);
  }
  colour = vec4(pow(max(light, 0.0), vec3(0.62)).bgr * 0.72, 1.0);
}
