#version 330
// Cloth, rubber and lacquer under a key light and two coloured lights from behind; seams, visor and zip glow.
// All colours are linear; what is written is BGR for the eye, premultiplied by alpha.

uniform vec4 eye;
uniform vec3 left_, right_, core_, haze_, body_;  // the palette
uniform float pulse;   // 1 on the beat, falling
uniform float energy;  // 0-1
uniform vec3 dye;       // of the cloth: shares of haze, left and right
uniform float glove_tone;
uniform float flip;
uniform float mirror;  // share of the light that the floor mirrors; 0 draws the dancer

in vec3 v_place;
in vec3 v_normal;
in vec3 v_rest;
in float v_open;
flat in int v_material;

layout(location = 0) out vec4 colour;
layout(location = 1) out vec4 glow;

const int JACKET = 0, TROUSERS = 1, SHOE = 2, GLOVE = 3, FACE = 4, HELMET = 5, HOOD = 6, SHELL = 7, LIGHT = 8;
const float EYES_M = 1.652;
const vec3 KEY_WAY = vec3(-0.286, 0.612, 0.735);
const vec3 LEFT_WAY = vec3(-0.865, 0.319, -0.383), RIGHT_WAY = vec3(0.872, 0.275, -0.413);

struct Surface {
  vec3 albedo;
  float gloss;  // 0 rough, 1 a mirror
  float coat;   // how much of it is lacquer
  vec3 light;   // what it gives off by itself
};

// 1 where x is within `half_` of `at`, soft over a pixel.
float band(float x, float at, float half_) {
  float w = fwidth(x) + 1e-4;
  return 1.0 - smoothstep(half_ - w, half_ + w, abs(x - at));
}

vec3 side_light(vec3 r) { return r.x > 0.0 ? right_ : left_; }

Surface jacket(vec3 r, vec3 cloth) {
  float x = abs(r.x), front = step(0.0, r.z);
  Surface s = Surface(cloth * 1.25, 0.52, 0.34, vec3(0.0));
  float yoke = smoothstep(1.335, 1.345, r.y - 0.10 * x) * step(x, 0.30);
  s.albedo = mix(s.albedo, haze_ * 0.20, yoke * 0.8);
  s.albedo *= 1.0 - 0.55 * step(0.664, x);                                             // cuffs
  s.light += core_ * band(r.x, 0.0, 0.0045) * front * step(r.y, 1.50) * 1.25;          // zip
  s.light += side_light(r) * band(r.z, 0.004, 0.0055) * step(0.24, x);                 // sleeves
  float back = (1.0 - front) * step(x, 0.12), out_ = length(vec2(r.x, r.y - 1.30));
  s.light += core_ * back * band(out_, 0.062, 0.006) * 0.9;                            // two rings on the back
  s.light += core_ * back * band(out_, 0.030, 0.0045) * (0.3 + 0.7 * pulse);
  return s;
}

Surface hood(vec3 r, vec3 cloth) {
  Surface s = Surface(cloth * 1.25, 0.52, 0.34, vec3(0.0));
  s.light = core_ * band(length(vec2(r.x * 1.15, r.y - 1.655)), 0.118, 0.004) * step(0.03, r.z) * 0.9;
  return s;
}

Surface trousers(vec3 r, vec3 cloth) {
  Surface s = Surface(mix(cloth * 0.62, vec3(0.020, 0.021, 0.028), 0.55), 0.30, 0.10, vec3(0.0));
  s.light = side_light(r) * band(r.z, -0.002, 0.0060) * step(0.11, abs(r.x)) * step(r.y, 0.84) * 0.85;
  return s;
}

Surface shoe(vec3 r, vec3 cloth) {
  float sole = step(r.y, 0.030);
  Surface s = Surface(mix(vec3(0.33, 0.34, 0.38), vec3(0.50), sole), 0.5, 0.3, vec3(0.0));
  s.albedo = mix(s.albedo, cloth, band(r.z + 0.35 * r.y, 0.035, 0.016) * (1.0 - sole));
  s.light = core_ * band(r.y, 0.0285, 0.0035) * 0.9;
  return s;
}

Surface face(vec3 r) {
  float x = abs(r.x), eyes = smoothstep(0.050, 0.040, x) * smoothstep(0.010, 0.016, x) * step(0.05, r.z);
  Surface s = Surface(vec3(0.012, 0.011, 0.018), 0.65, 0.5, vec3(0.0));
  s.light = core_ * eyes * band(r.y, EYES_M, 0.0065) * 1.5;
  return s;
}

Surface helmet(vec3 r, vec3 cloth) {
  float x = abs(r.x), y = r.y - 0.25 * x * x;
  float visor = smoothstep(-0.004, 0.004, 0.040 - abs(y - EYES_M)) * step(0.02, r.z);
  Surface s = Surface(mix(cloth * 0.85, vec3(0.008), visor), mix(0.85, 0.95, visor), mix(0.9, 0.35, visor), vec3(0.0));
  s.light = core_ * visor * band(y, EYES_M, 0.0065) * (1.0 - smoothstep(0.094, 0.104, x)) * 1.15;
  s.light += side_light(r) * band(r.x, 0.0, 0.004) * step(1.70, r.y) * 0.9;            // crest
  return s;
}

Surface glove(vec3 r) {
  Surface s = Surface(vec3(0.95, 0.96, 1.0) * glove_tone, 0.45, 0.35, vec3(0.0));
  s.light = side_light(r) * band(abs(r.x), 0.716, 0.006) * 0.8;                        // wristband
  return s;
}

Surface shell(vec3 r, vec3 cloth) {
  float x = abs(r.x), front = step(0.0, r.z);
  Surface s = Surface(vec3(0.024, 0.025, 0.032) + 0.6 * cloth, 0.82, 0.95, vec3(0.0));
  float face = front * step(1.53, r.y);
  s.albedo = mix(s.albedo, vec3(0.010), face * smoothstep(0.004, -0.004, length(vec2(x * 1.25, r.y - 1.655)) - 0.075));
  s.light = core_ * face * band(length(vec2(x * 1.25, r.y - 1.655)), 0.076, 0.0042) * 1.1;
  return s;
}

Surface worn(vec3 r) {
  vec3 cloth = 0.55 * body_ + dye.x * haze_ + dye.y * left_ + dye.z * right_;
  if (v_material == JACKET) return jacket(r, cloth);
  if (v_material == TROUSERS) return trousers(r, cloth);
  if (v_material == SHOE) return shoe(r, cloth);
  if (v_material == GLOVE) return glove(r);
  if (v_material == FACE) return face(r);
  if (v_material == HOOD) return hood(r, cloth);
  if (v_material == SHELL) return shell(r, cloth);
  if (v_material == LIGHT) return Surface(vec3(0.02), 0.2, 0.0, (0.35 * core_ + 0.45 * side_light(r)) * 0.72);
  return helmet(r, cloth);
}

// Lambert light that reaches a little round the edge.
float wrapped(vec3 n, vec3 way, float round_) { return max(0.0, (dot(n, way) + round_) / (1.0 + round_)); }

vec3 for_the_eye(vec3 light) { return pow(clamp(light, 0.0, 1.0), vec3(1.0 / 2.2)); }

void main() {
  Surface s = worn(v_rest);
  vec3 n = normalize(v_normal);
  vec3 view = normalize(vec3(0.0, eye.y, eye.x) - v_place * vec3(1.0, flip, 1.0));
  float away = 1.0 - max(dot(n, view), 0.0), edge = away * away * away;
  vec3 key = mix(vec3(1.0, 0.96, 0.90), core_, 0.25);
  float front = wrapped(n, KEY_WAY, 0.35), left = wrapped(n, LEFT_WAY, 0.18), right = wrapped(n, RIGHT_WAY, 0.18);
  float height = 0.55 + 0.45 * smoothstep(0.0, 0.55, v_place.y * flip);  // little light comes back from the floor
  float open = v_open, folds = mix(1.0, open, 0.7);  // what comes from everywhere is kept out most
  vec3 lit = s.albedo * (key * front * front * 1.55 * height * folds + (haze_ * (0.34 + 0.30 * n.y) + 0.05) * open);
  lit += s.albedo * 2.2 * (left_ * left * left + right_ * right * right) * folds;
  float sharp = mix(10.0, 120.0, s.gloss * s.gloss);
  float from_key = pow(max(dot(n, normalize(KEY_WAY + view)), 0.0), sharp) * (0.10 + 0.9 * s.gloss);
  float from_above = pow(max(dot(n, normalize(vec3(0.2, 1.0, 0.25) + view)), 0.0), sharp * 0.6);
  lit += open * s.coat * (key * from_key * 0.9 + haze_ * from_above * 0.55);
  float shine = edge * (0.35 + 0.75 * s.coat);
  vec3 rims = (left_ * left + right_ * right) * (0.20 + 1.75 * shine);
  rims *= open;
  lit += rims * (0.52 + 0.40 * pulse);
  vec3 light = s.light * (0.52 + 0.75 * pulse + 0.25 * energy);
  vec3 sum = lit + light;
  sum /= 1.0 + 0.28 * max(max(sum.r, sum.g), sum.b);  // nothing burns out to white
  if (mirror > 0.0) {
    float fade = mirror * exp(-3.2 * max(-v_place.y, 0.0));
    colour = vec4(for_the_eye(sum).bgr * fade, 0.0);
    glow = vec4(light.bgr * fade, 0.0);
    return;
  }
  colour = vec4(for_the_eye(sum).bgr, 1.0);
  glow = vec4(for_the_eye(light + 0.35 * rims * shine).bgr, 1.0);
}
