// Cloth, rubber and lacquer under a key light and two coloured lights from behind, as livedance/render/mesh/dancer.frag;
// and four other bodies for other scenes
// (SUIT: 0 cloth, 1 silhouette, 2 hologram, 3 chrome, 4 dust). Inside all is linear; what is written is for the eye, premultiplied.
precision highp float;
in vec3 v_place;
in vec3 v_normal;
in vec3 v_rest;
in vec3 v_left;
in vec3 v_right;
flat in vec4 v_dye;
in float v_open;
flat in int v_material;
uniform vec3 eye;
uniform vec3 lights[3];   // where the key, the left and the right light come from
uniform vec3 core, haze, body;
uniform float pulse;      // 1 on the beat, falling
uniform float energy;
uniform float beat;
uniform float flip;
uniform float mirror;     // share of the light that the floor mirrors; 0 draws the dancer
layout(location = 0) out vec4 colour;
layout(location = 1) out vec4 glow;

const int JACKET = 0, TROUSERS = 1, SHOE = 2, GLOVE = 3, FACE = 4, HELMET = 5, HOOD = 6, SHELL = 7, LIGHT = 8;
const float EYES_M = 1.652;

struct Surface { vec3 albedo; float gloss; float coat; vec3 light; };

// 1 where x is within `half_` of `at`, soft over a pixel.
float band(float x, float at, float half_) {
  float w = fwidth(x) + 1e-4;
  return 1.0 - smoothstep(half_ - w, half_ + w, abs(x - at));
}

vec3 side_light(vec3 r) { return r.x > 0.0 ? v_right : v_left; }

Surface jacket(vec3 r, vec3 cloth) {
  float x = abs(r.x), front = step(0.0, r.z);
  Surface s = Surface(cloth * 1.25, 0.52, 0.34, vec3(0.0));
  float yoke = smoothstep(1.335, 1.345, r.y - 0.10 * x) * step(x, 0.30);
  s.albedo = mix(s.albedo, haze * 0.20, yoke * 0.8);
  s.albedo *= 1.0 - 0.55 * step(0.664, x);
  s.light += core * band(r.x, 0.0, 0.0045) * front * step(r.y, 1.50) * 1.25;
  s.light += side_light(r) * band(r.z, 0.004, 0.0065) * step(0.24, x);
  float back = (1.0 - front) * step(x, 0.12), out_ = length(vec2(r.x, r.y - 1.30));
  s.light += core * back * band(out_, 0.062, 0.006) * 0.9;
  s.light += core * back * band(out_, 0.030, 0.0045) * (0.3 + 0.7 * pulse);
  return s;
}

Surface worn(vec3 r) {
  vec3 cloth = 0.55 * body + v_dye.x * haze + v_dye.y * v_left + v_dye.z * v_right;
  float x = abs(r.x);
  if (v_material == JACKET) return jacket(r, cloth);
  if (v_material == TROUSERS) {
    Surface s = Surface(mix(cloth * 0.62, vec3(0.020, 0.021, 0.028), 0.55), 0.30, 0.10, vec3(0.0));
    s.light = side_light(r) * band(r.z, -0.002, 0.0070) * step(0.11, x) * step(r.y, 0.84) * 0.9;
    return s;
  }
  if (v_material == SHOE) {
    float sole = step(r.y, 0.030);
    Surface s = Surface(mix(vec3(0.33, 0.34, 0.38), vec3(0.50), sole), 0.5, 0.3, vec3(0.0));
    s.albedo = mix(s.albedo, cloth, band(r.z + 0.35 * r.y, 0.035, 0.016) * (1.0 - sole));
    s.light = core * band(r.y, 0.0285, 0.0035) * 0.9;
    return s;
  }
  if (v_material == GLOVE) {
    return Surface(vec3(0.95, 0.96, 1.0) * v_dye.w, 0.45, 0.35, side_light(r) * band(x, 0.716, 0.006) * 0.8);
  }
  if (v_material == SHELL) {
    float front = step(0.0, r.z) * step(1.53, r.y), out_ = length(vec2(x * 1.25, r.y - 1.655));
    Surface s = Surface(vec3(0.024, 0.025, 0.032) + 0.6 * cloth, 0.82, 0.95, vec3(0.0));
    s.albedo = mix(s.albedo, vec3(0.010), front * smoothstep(0.004, -0.004, out_ - 0.075));
    s.light = core * front * band(out_, 0.076, 0.0042) * 1.1;
    return s;
  }
  if (v_material == LIGHT) return Surface(vec3(0.02), 0.2, 0.0, (0.35 * core + 0.45 * side_light(r)) * 0.72);
  if (v_material == FACE) {
    float eyes = smoothstep(0.050, 0.040, x) * smoothstep(0.010, 0.016, x) * step(0.05, r.z);
    return Surface(vec3(0.012, 0.011, 0.018), 0.65, 0.5, core * eyes * band(r.y, EYES_M, 0.0065) * 1.5);
  }
  if (v_material == HOOD) {
    float edge = band(length(vec2(r.x * 1.15, r.y - 1.655)), 0.118, 0.004) * step(0.03, r.z) * 0.9;
    return Surface(cloth * 1.25, 0.52, 0.34, core * edge);
  }
  float y = r.y - 0.25 * x * x;
  float visor = smoothstep(-0.004, 0.004, 0.040 - abs(y - EYES_M)) * step(0.02, r.z);
  Surface s = Surface(mix(cloth * 0.85, vec3(0.008), visor), mix(0.85, 0.95, visor), mix(0.9, 0.35, visor), vec3(0.0));
  s.light = core * visor * band(y, EYES_M, 0.0075) * (1.0 - smoothstep(0.094, 0.104, x)) * 1.25;
  s.light += side_light(r) * band(r.x, 0.0, 0.004) * step(1.70, r.y) * 0.9;
  return s;
}

// Lambert light that reaches a little round the edge.
float wrapped(vec3 n, vec3 way, float round_) { return max(0.0, (dot(n, way) + round_) / (1.0 + round_)); }

vec3 for_the_eye(vec3 light) { return pow(clamp(light, 0.0, 1.0), vec3(1.0 / 2.2)); }

// A studio for chrome: dark, with two coloured walls, a bright strip above and a floor.
vec3 studio(vec3 d) {
  vec3 wall = v_left * smoothstep(0.15, 0.95, -dot(d, lights[2])) + v_right * smoothstep(0.15, 0.95, -dot(d, lights[1]));
  float strip = smoothstep(0.05, 0.0, abs(d.y - 0.42)) + 0.6 * smoothstep(0.03, 0.0, abs(d.y - 0.10));
  vec3 floor_ = haze * 0.35 * smoothstep(0.0, -0.25, d.y) * (1.0 + d.y);
  return body * 0.4 + wall * 0.75 + mix(core, vec3(1.0), 0.25) * strip * 0.8 * smoothstep(-0.2, 0.3, dot(d, lights[0])) + floor_;
}

void main() {
  Surface s = worn(v_rest);
  vec3 n = normalize(v_normal);
  vec3 view = normalize(eye - v_place * vec3(1.0, flip, 1.0));
  float away = 1.0 - max(dot(n, view), 0.0), edge = away * away * away;
  vec3 key = mix(vec3(1.0, 0.96, 0.90), core, 0.25);
  float left = wrapped(n, lights[1], 0.18), right = wrapped(n, lights[2], 0.18);
  float open = v_open, folds = mix(1.0, open, 0.7);  // what comes from everywhere is kept out most
  vec3 rims = (v_left * left + v_right * right) * (0.20 + 1.75 * edge * (0.35 + 0.75 * s.coat)) * open;
  vec3 light = s.light * (0.62 + 0.55 * pulse + 0.20 * energy);
  vec3 lit;
  vec3 shines = light + 0.35 * rims * edge;
  float cover = 1.0;
#if SUIT == 0
  {
    float front = wrapped(n, lights[0], 0.35), height = 0.55 + 0.45 * smoothstep(0.0, 0.55, v_place.y * flip);
    lit = s.albedo * (key * front * front * 1.55 * height * folds + (haze * (0.34 + 0.30 * n.y) + 0.05) * open);
    lit += s.albedo * 2.2 * (v_left * left * left + v_right * right * right) * folds;
    float sharp = mix(10.0, 120.0, s.gloss * s.gloss);
    float from_key = pow(max(dot(n, normalize(lights[0] + view)), 0.0), sharp) * (0.10 + 0.9 * s.gloss);
    float from_above = pow(max(dot(n, normalize(vec3(0.2, 1.0, 0.25) + view)), 0.0), sharp * 0.6);
    lit += open * s.coat * (key * from_key * 0.9 + haze * from_above * 0.55);
    lit += rims * (0.65 + 0.30 * pulse);
  }
#elif SUIT == 1
  {
    // Against the light: nearly black, a thin burning edge, the marks faint.
    float thin = pow(away, 5.0);
    lit = body * 0.10 + mix(v_left, v_right, smoothstep(-0.3, 0.3, n.x)) * thin * (1.1 + 0.8 * pulse);
    light *= 0.8;
    shines = light * 0.7 + lit * thin * 0.4;
  }
#elif SUIT == 2
  {
    // Light in the air: lines that climb, edges bright, flesh thin.
    float lines = 0.55 + 0.45 * sin(v_place.y * flip * 240.0 - beat * 6.2832);
    float sweep = exp(-18.0 * abs(fract(v_place.y * flip * 0.45 - beat * 0.25) - 0.5));
    vec3 tint = mix(v_left, v_right, smoothstep(-0.35, 0.35, n.x));
    cover = clamp(0.22 + 0.75 * edge + 0.25 * sweep, 0.0, 0.88);
    lit = tint * (0.20 + 1.25 * edge + 0.20 * max(n.y, 0.0)) * lines + core * sweep * 0.45;
    light *= 1.1;
    shines = light + lit * 0.5;
  }
#elif SUIT == 3
  {
    vec3 mirrored = reflect(-view, n);
    lit = studio(mirrored) * (0.55 + 0.45 * edge) * folds + s.albedo * 0.25 + rims * (0.5 + 0.4 * pulse);
    light *= 0.9;
  }
#else
  {
    float down = wrapped(n, lights[0], 0.4);
    vec3 tint = mix(v_left, v_right, smoothstep(0.2, 1.6, v_rest.y));
    lit = mix(tint, core, 0.35) * (0.28 + 1.0 * down + 1.0 * edge) * (0.85 + 0.6 * pulse);
    shines = lit * 0.35 + light * 0.7;
  }
#endif
  vec3 sum = lit + light;
  float far = smoothstep(8.5, 17.0, distance(eye, v_place)) * (SUIT == 2 || SUIT == 4 ? 0.0 : 0.75);  // haze between
  sum = mix(sum, haze * 0.10 + sum * 0.12, far);
  shines *= 1.0 - far;
  sum /= 1.0 + 0.28 * max(max(sum.r, sum.g), sum.b);  // nothing burns out to white
  if (mirror > 0.0) {
    float fade = mirror * exp(-2.6 * max(-v_place.y, 0.0)) * cover;
    colour = vec4(for_the_eye(sum) * fade, 0.0);
    glow = vec4(light * fade, 0.0);
    return;
  }
  colour = vec4(for_the_eye(sum) * cover, cover);
  glow = vec4(for_the_eye(shines) * cover, cover);
}
