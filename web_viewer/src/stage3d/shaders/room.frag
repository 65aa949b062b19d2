// The room behind and below the dancers: what a ray from the lens meets, sky or floor. Written for the eye.
// PLAIN, where a processor draws, leaves out the haze before the floor.
precision highp float;
in vec2 at;
uniform vec4 ray;         // half width and half height of the picture at one metre, shift of the horizon, mirror (-1)
uniform vec3 eye;
uniform vec2 turn;        // cos and sin of the camera's turn
uniform vec3 core, haze, body, left, right;   // for the eye
uniform float beat;       // dance beats
uniform float pulse, energy, bass;
uniform vec4 feet[8];     // x, z, height of the body's middle, weight
uniform int crowd;        // how many of `feet` count
uniform float gloss;      // how much of the room the floor mirrors
layout(location = 0) out vec4 colour;
layout(location = 1) out vec4 glow;

const float PI = 3.14159265, BACK_M = -7.0;

float hash(vec2 p) { return fract(sin(dot(p, vec2(127.1, 311.7))) * 43758.5453); }

float noise(vec2 p) {
  vec2 i = floor(p), f = p - i;
  f = f * f * (3.0 - 2.0 * f);
  return mix(mix(hash(i), hash(i + vec2(1, 0)), f.x), mix(hash(i + vec2(0, 1)), hash(i + vec2(1, 1)), f.x), f.y);
}

float cloud(vec2 p) { return 0.55 * noise(p) + 0.30 * noise(p * 2.1 + 7.3) + 0.15 * noise(p * 4.3 + 1.7); }

// Light in the haze along a beam from `from` towards `way`, seen by the ray (o, d) up to `far`.
float beam(vec3 o, vec3 d, float far, vec3 from, vec3 way, float wide) {
  vec3 w = o - from;
  float b = dot(d, way), e = dot(way, w), f = dot(d, w), k = max(1.0 - b * b, 1e-3);
  float t = clamp((b * e - f) / k, 0.0, far), s = max((e - b * f) / k, 0.0);
  vec3 apart = o + d * t - from - way * s;
  float r = wide * (0.35 + 0.22 * s);
  return exp(-dot(apart, apart) / (r * r)) * exp(-0.16 * s) * (0.35 + 0.65 * k) * step(1e-3, s);
}

float far_of(vec3 o, vec3 d) { return d.y < -1e-4 ? o.y / -d.y : 60.0; }

// Where the ray meets the wall at the back: x, y; z is 1 where it does.
vec3 wall(vec3 o, vec3 d) {
  float t = (BACK_M - o.z) / d.z;
  return d.z < -1e-3 ? vec3((o + d * t).xy, 1.0) : vec3(0.0);
}

float stripe(float x, float at_, float half_, float soft) { return 1.0 - smoothstep(half_, half_ + soft, abs(x - at_)); }

#if ROOM == 0
vec3 club(vec3 o, vec3 d, float far, inout vec3 shine) {
  vec3 w = wall(o, d);
  float mist = cloud(d.xy * vec2(5.0, 7.0) + vec2(beat * 0.06, -beat * 0.02));
  vec3 c = haze * (0.035 + 0.16 * exp(-5.0 * abs(d.y)) * (0.6 + 0.8 * mist));
  for (int i = 0; i < 6; i++) {
    float k = float(i) - 2.5, swing = sin(beat * PI / 8.0 + k * 1.3) * 0.35;
    vec3 from = vec3(k * 1.7, 5.2, -3.4), way = normalize(vec3(swing - 0.16 * k, -1.0, 0.42));
    vec3 tint = i == 0 || i == 3 ? left : i == 2 || i == 5 ? right : haze;
    c += tint * beam(o, d, far, from, way, 0.27) * (0.26 + 0.34 * mist + 0.24 * pulse) * (0.7 + 0.5 * energy);
  }
  // Tubes of light on the wall, one lit after the other with the beats.
  float column = floor(w.x / 1.4 + 0.5), own = fract((column - floor(beat)) * 0.25 + 0.01);
  float lit = w.z * stripe(w.x, column * 1.4, 0.020, 0.02) * step(0.2, w.y) * step(w.y, 4.4) * step(abs(column), 5.0);
  vec3 tube = mix(left, right, smoothstep(-4.0, 4.0, w.x)) * lit * (0.30 + (own < 0.2 ? 0.7 * pulse : 0.0));
  shine += tube * 0.8;
  return c + tube;
}
#endif

#if ROOM == 1
vec3 sunset(vec3 o, vec3 d, inout vec3 shine) {
  float up = max(d.y, 0.0);
  vec3 c = mix(mix(haze * 0.55, right * 0.5, 0.5) * exp(-7.0 * up) + haze * 0.10, body * 0.6, smoothstep(0.0, 0.5, up));
  c += vec3(step(0.9965, hash(floor(d.xy / d.z * 190.0)))) * 0.35 * smoothstep(0.12, 0.4, up);
  vec2 s = d.xy / max(-d.z, 0.2) - vec2(0.0, 0.118);
  float r = length(s), size = 0.172 + 0.008 * pulse;
  float cut = smoothstep(0.0, 0.012, abs(fract(s.y * 24.0 - beat * 0.125) - 0.5) - max(0.0, 0.32 - (s.y + 0.17) * 1.7));
  float disc = smoothstep(size, size - 0.004, r) * (s.y > 0.02 ? 1.0 : cut) * step(0.0, -d.z);
  vec3 sun = mix(right, left, smoothstep(-0.14, 0.16, s.y)) * disc;
  c = mix(c, sun * 0.92, disc) + mix(left, right, 0.5) * exp(-7.0 * max(r - size, 0.0)) * 0.28 * step(0.0, -d.z);
  float ridge = 0.030 + 0.050 * noise(vec2(d.x / -d.z * 5.0, 3.0)) + 0.035 * noise(vec2(d.x / -d.z * 17.0, 9.0));
  ridge *= smoothstep(0.05, 0.35, abs(d.x));
  float hill = smoothstep(ridge, ridge - 0.003, d.y);
  shine += sun * 0.22 * (1.0 - hill);
  c = mix(c, body * 0.35 + haze * 0.05, hill);
  return c + core * exp(-500.0 * abs(d.y - ridge)) * 0.25;
}
#endif

#if ROOM == 2
vec3 rave(vec3 o, vec3 d, float far, inout vec3 shine) {
  float mist = cloud(d.xy * 6.0 + vec2(beat * 0.09, 0.0));
  vec3 c = haze * (0.03 + 0.20 * exp(-6.0 * abs(d.y - 0.06)) * (0.4 + mist));
  float open = 0.30 + 0.55 * (0.5 + 0.5 * sin(beat * PI / 8.0));
  for (int side = 0; side < 2; side++) {
    float sign_ = side == 0 ? -1.0 : 1.0;
    vec3 from = vec3(4.4 * sign_, 0.9 + 2.4 * float(side), -6.2);
    for (int i = 0; i < 7; i++) {
      float k = (float(i) - 3.0) / 3.0;
      vec3 way = normalize(vec3(-0.75 * sign_ + 0.22 * sin(beat * PI / 4.0 + 0.4 * float(i)), k * open + 0.15, 0.85));
      vec3 e = o - from;
      float b = dot(d, way), t = max((b * dot(way, e) - dot(d, e)) / max(1.0 - b * b, 1e-3), 0.0);
      float s = max((dot(way, e) - b * dot(d, e)) / max(1.0 - b * b, 1e-3), 0.0);
      vec3 apart = o + d * min(t, far) - from - way * s;
      float thin = exp(-dot(apart, apart) / (0.0009 + 0.00002 * s)) * exp(-0.05 * s) * step(t, far);
      vec3 tint = side == 0 ? left : right;
      float on = 0.35 + 0.65 * step(0.5, fract((floor(beat) + float(i)) * 0.5 + 0.25)) * (0.4 + 0.6 * pulse);
      c += tint * thin * on * (0.35 + 0.5 * mist);
      shine += tint * thin * on * 0.22;
    }
  }
  return c;
}
#endif

#if ROOM == 3
vec3 aurora(vec3 o, vec3 d, inout vec3 shine) {
  float up = max(d.y, 0.0);
  vec3 c = mix(haze * 0.22, body * 0.5, smoothstep(0.0, 0.45, up)) + haze * 0.30 * exp(-16.0 * up);
  float x = d.x / max(0.3, -d.z);
  for (int i = 0; i < 3; i++) {
    float k = float(i), fold = 0.30 + 0.10 * k + 0.10 * sin(x * (2.3 + k) + beat * 0.10 + 2.0 * k) + 0.05 * noise(vec2(x * 5.0 + beat * 0.05, k));
    float above = d.y - fold * 0.75;
    float curtain = smoothstep(-0.02, 0.01, above) * exp(-9.0 * max(above, 0.0)) * (0.35 + 0.65 * noise(vec2(x * 26.0 + k * 9.0, beat * 0.12)));
    vec3 tint = mix(i == 1 ? right : left, haze, clamp(above * 3.0, 0.0, 1.0));
    c += tint * curtain * (0.34 + 0.14 * bass);
    shine += tint * curtain * 0.10;
  }
  // Ice far away.
  float ridge = 0.018 + 0.11 * abs(fract(x * 1.4 + 0.35) - 0.5) * noise(vec2(floor(x * 1.4 + 0.35), 4.0)) + 0.02 * noise(vec2(x * 13.0, 1.0));
  return mix(c, mix(body, haze, 0.22), smoothstep(ridge, ridge - 0.003, d.y) * 0.9);
}
#endif

#if ROOM == 4
vec3 furnace(vec3 o, vec3 d, inout vec3 shine) {
  float x = d.x / max(0.3, -d.z), y = d.y / max(0.3, -d.z);
  float lick = cloud(vec2(x * 4.6 + 0.3 * sin(beat * 0.4), y * 2.2 - beat * 0.55)) * 0.7 + 0.3 * noise(vec2(x * 11.0, y * 7.0 - beat * 1.1));
  float tall = 0.62 + 0.10 * bass + 0.06 * pulse, heat = clamp((tall - y) * 1.35 - 0.92 + lick * 1.25 - 0.30 * x * x, 0.0, 1.0);
  vec3 c = body * 0.4;
  c = mix(c, left * 0.55, smoothstep(0.02, 0.35, heat));
  c = mix(c, left * 0.95, smoothstep(0.30, 0.55, heat));
  c = mix(c, mix(right, left, 0.25), smoothstep(0.50, 0.80, heat));
  c = mix(c, mix(core, right, 0.5), smoothstep(0.80, 1.0, heat));
  c *= 0.88 * step(0.0, -d.z);
  shine += c * smoothstep(0.5, 1.0, heat) * 0.10;
  return c;
}
#endif

#if ROOM == 5
vec3 portal(vec3 o, vec3 d, inout vec3 shine) {
  vec3 w = wall(o, d);
  vec2 p = w.xy - vec2(eye.x * 0.8, 1.95);
  float r = length(p), a = atan(p.y, p.x);
  vec3 tint = mix(left, right, 0.5 + 0.5 * sin(a + beat * PI / 16.0));
  vec3 c = body * 0.35 + haze * 0.05 + w.z * tint * 0.26 * exp(-1.5 * abs(r - 1.72));
  float ring = stripe(r, 1.72, 0.035, 0.03), thin = stripe(r, 1.94, 0.008, 0.02) * step(0.3, fract(a * 6.0 / PI + beat * 0.25));
  float wave = 0.0;
  for (int i = 0; i < 3; i++) {
    float age = (fract(beat) + float(i)) / 3.0;
    wave += stripe(r, 1.72 * (1.0 - 0.85 * age), 0.012, 0.05) * (1.0 - age) * 0.30;
  }
  vec3 inside = mix(haze * 0.16, tint * 0.10, cloud(p * 1.2 + beat * 0.1)) * smoothstep(1.72, 2.1, r);
  vec3 lines = w.z * (tint * ring * (0.85 + 0.15 * pulse) + tint * thin * 0.6 + tint * wave * smoothstep(1.72, 2.2, r));
  shine += lines * 0.75;
  return c + w.z * inside + lines + w.z * mix(tint, core, 0.4) * ring * 0.25;
}
#endif

#if ROOM == 6
vec3 deep(vec3 o, vec3 d, float far, inout vec3 shine) {
  float up = d.y;
  vec3 c = mix(haze * 0.30 + left * 0.04, left * 0.42 + haze * 0.28, smoothstep(-0.1, 0.55, up));
  for (int i = 0; i < 6; i++) {
    float k = float(i) - 2.5, sway = 0.14 * sin(beat * PI / 16.0 + k * 1.9);
    float ray_ = beam(o, d, far, vec3(k * 1.5 + sway, 6.5, -2.2 - 0.8 * mod(float(i), 2.0)), normalize(vec3(0.22 + sway, -1.0, 0.16)), 0.30);
    c += mix(left, core, 0.35) * ray_ * (0.26 + 0.10 * noise(vec2(k * 3.0, beat * 0.3)));
  }
  float x = d.x / max(0.3, -d.z), fan = 0.10 + 0.14 * noise(vec2(x * 2.2, 2.0)) + 0.10 * noise(vec2(x * 8.0 + 0.12 * sin(beat * 0.5), 6.0));
  fan *= smoothstep(0.15, 0.6, abs(x));
  return mix(c, body * 0.7 + right * 0.05, smoothstep(fan, fan - 0.02, d.y / max(0.3, -d.z)) * 0.85);
}
#endif

#if ROOM == 7
vec3 night(vec3 o, vec3 d, inout vec3 shine) {
  float up = max(d.y, 0.0);
  vec3 c = mix(haze * 0.46, body * 0.5, smoothstep(0.0, 0.32, up));
  vec2 g = d.xy / max(0.25, -d.z) * 70.0;
  float own = hash(floor(g)), star = step(0.93, own) * smoothstep(0.24, 0.0, length(fract(g) - 0.5 - 0.3 * (vec2(own, fract(own * 17.0)) - 0.5)));
  c += mix(core, vec3(1.0), 0.4) * star * (0.35 + 0.4 * sin(beat * 0.8 + own * 90.0)) * smoothstep(0.03, 0.2, up);
  vec2 m = d.xy / max(0.25, -d.z) - vec2(0.235, 0.125);
  float r = length(m), moon = smoothstep(0.078, 0.0755, r);
  float seas = 0.70 + 0.30 * cloud(m * 36.0 + 3.0);
  vec3 pale = mix(core, vec3(0.95), 0.15) * seas * (0.62 + 0.38 * smoothstep(0.10, -0.07, m.x + m.y));
  c = mix(c, pale * 0.95, moon) + core * 0.34 * exp(-9.0 * max(r - 0.0755, 0.0)) * (1.0 - moon);
  shine += pale * moon * 0.22;
  float mist = cloud(vec2(d.x / max(0.25, -d.z) * 2.0 + beat * 0.03, d.y * 9.0));
  c += haze * mist * 0.35 * exp(-9.0 * up);
  float x = d.x / max(0.25, -d.z), ridge = 0.012 + 0.05 * noise(vec2(x * 3.0, 11.0)) + 0.02 * noise(vec2(x * 14.0, 5.0));
  return mix(c, body * 0.4 + haze * 0.06, smoothstep(ridge, ridge - 0.004, d.y) * 0.92);
}
#endif

#if ROOM == 8
vec3 carousel(vec3 o, vec3 d, inout vec3 shine) {
  vec3 w = wall(o, d);
  vec3 c = body * 0.5 + haze * (0.05 + 0.12 * exp(-4.0 * abs(d.y)));
  // Spots that a ball of mirrors throws: rows at even angles, turning.
  vec3 b = normalize(vec3(w.xy - vec2(0.0, 3.6), -3.0));
  float a = atan(b.x, -b.z) * 7.0 + beat * PI / 16.0, e = asin(b.y) * 7.0;
  vec2 cell = vec2(a + 0.5 * mod(floor(e), 2.0), e), f = fract(cell) - 0.5;
  float own = hash(floor(cell)), spot = w.z * smoothstep(0.22, 0.10, length(f)) * step(0.25, own);
  vec3 tint = own > 0.75 ? core : own > 0.5 ? left : right;
  c += tint * spot * (0.20 + 0.22 * step(0.6, fract(own * 31.0 + floor(beat) * 0.37)) * (0.4 + 0.6 * pulse));
  // Curtain of bulbs.
  float column = floor(w.x / 0.55 + 0.5), row = floor(w.y / 0.55 + 0.5);
  float bulb = w.z * smoothstep(0.055, 0.025, length(w.xy - 0.55 * vec2(column, row))) * step(0.5, w.y) * step(w.y, 5.2);
  float on = step(0.5, fract((abs(column) + row - floor(beat)) * 0.25 + 0.1));
  vec3 lamp = mix(left, right, 0.5 + 0.5 * sin(column * 0.6 + row * 0.3)) * bulb * (0.18 + 0.60 * on * (0.35 + 0.65 * pulse));
  shine += lamp * 0.7;
  return c + lamp;
}
#endif

vec3 sky(vec3 o, vec3 d, float far, inout vec3 shine) {
#if ROOM == 0
  return club(o, d, far, shine);
#elif ROOM == 1
  return sunset(o, d, shine);
#elif ROOM == 2
  return rave(o, d, far, shine);
#elif ROOM == 3
  return aurora(o, d, shine);
#elif ROOM == 4
  return furnace(o, d, shine);
#elif ROOM == 5
  return portal(o, d, shine);
#elif ROOM == 6
  return deep(o, d, far, shine);
#elif ROOM == 7
  return night(o, d, shine);
#elif ROOM == 8
  return carousel(o, d, shine);
#endif
}

float line(float x, float wide) {
  float w = fwidth(x);
  return (1.0 - smoothstep(wide, wide + w, abs(fract(x + 0.5) - 0.5))) * clamp(0.35 / max(w, 1e-4), 0.0, 1.0);
}

// What lies on the floor at p, `t` metres away.
vec3 ground(vec2 p, float t, inout vec3 shine) {
  float near = exp(-0.10 * max(t - 5.0, 0.0)), fade = exp(-0.02 * dot(p, p));
  vec3 c = body * 0.10 * near;
#if ROOM == 0 || ROOM == 5
  c += haze * (line(p.x, 0.006) + line(p.y, 0.006)) * 0.10 * fade;
#elif ROOM == 1
  {
    float grid = max(line(p.x * 0.9, 0.014), line(p.y * 0.9 - beat * 0.25, 0.014));
    vec3 tint = mix(right, left, smoothstep(3.0, 14.0, t));
    c += tint * grid * (0.50 + 0.20 * pulse) * exp(-0.03 * t);
    shine += tint * grid * 0.30 * exp(-0.05 * t);
  }
#elif ROOM == 2 || ROOM == 8
  {
    vec2 cell = floor(p / 0.8);
    float own = hash(cell + 0.37 * floor(beat * (ROOM == 8 ? 1.0 : 0.5))), seam = max(line(p.x / 0.8, 0.03), line(p.y / 0.8, 0.03));
    vec3 tint = own > 0.66 ? left : own > 0.33 ? right : haze;
    float lit = (ROOM == 8 ? step(0.42, own) : step(0.72, own)) * (0.30 + 0.40 * pulse);
    c += tint * (0.05 + lit) * (1.0 - seam) * fade * 0.55;
    shine += tint * lit * (1.0 - seam) * fade * 0.10;
  }
#elif ROOM == 3
  {
    float crack = abs(noise(p * 1.3) - 0.5) + 0.4 * abs(noise(p * 3.7 + 5.0) - 0.5);
    c += mix(haze, left, 0.4) * (0.16 + 0.20 * smoothstep(0.05, 0.0, crack)) * near;
  }
#elif ROOM == 4
  c += left * 0.16 * cloud(p * 1.4) * near;
#elif ROOM == 6
  {
    vec2 q = p * 1.5;
    float a = abs(noise(q + vec2(beat * 0.10, beat * 0.07)) - noise(q * 1.1 + vec2(4.0 - beat * 0.09, beat * 0.05)));
    c += mix(left, core, 0.4) * (0.12 + 0.40 * pow(1.0 - clamp(a * 3.2, 0.0, 1.0), 3.0)) * fade + haze * 0.10;
  }
#elif ROOM == 7
  c += haze * (0.16 + 0.12 * cloud(p * 0.8)) * near;
#endif
  for (int i = 0; i < 8; i++) {
    if (i >= crowd) break;
    float r = length(p - feet[i].xy), weight = feet[i].w;
    c += haze * exp(-r * r * 0.75) * (0.26 + 0.10 * pulse) * weight;
    for (int k = 0; k < 3; k++) {
      float age = (fract(beat) + float(k)) / 3.0, radius = 0.35 + 2.3 * pow(age, 0.8), w = fwidth(r) + 0.004;
      float ring = (1.0 - smoothstep(0.008, 0.008 + 1.5 * w, abs(r - radius))) * (1.0 - age) * (1.0 - age) * weight;
      c += core * ring * (k == 0 ? 0.55 : 0.32) * (0.5 + 0.5 * energy);
      shine += core * ring * 0.35 * (0.5 + 0.5 * energy);
    }
    c *= 1.0 - 0.55 * exp(-r * r * 16.0) * clamp(1.6 - feet[i].z, 0.2, 1.0);
  }
  return c;
}

void main() {
  vec3 q = vec3(at.x * ray.x * ray.w, (at.y - ray.z) * ray.y, -1.0);
  vec3 d = normalize(vec3(turn.x * q.x + turn.y * q.z, q.y, turn.x * q.z - turn.y * q.x));
  // The backdrop stands still behind the stage: it turns with the camera only a little.
  vec3 o = eye, shine = vec3(0.0), c;
  if (d.y < 0.0) {
    float t = o.y / -d.y, fresnel = pow(1.0 - min(1.0, -d.y), 3.0);
    vec3 hit = o + d * t, unseen = vec3(0.0);
    c = ground(hit.xz, t, shine);
    if (gloss > 0.0) {
      vec3 up = vec3(d.x, -d.y, d.z);
      c += sky(vec3(hit.x, 0.01, hit.z), up, 60.0, unseen) * gloss * (0.25 + 0.75 * fresnel);
      shine += unseen * gloss * 0.5;
    }
    float away = smoothstep(6.0, 26.0, t);
    if (away > 0.0) c = mix(c, sky(o, normalize(vec3(d.x, 0.001, d.z)), 60.0, unseen), away);
#if (ROOM == 0 || ROOM == 2 || ROOM == 6) && !defined(PLAIN)
    c += max(sky(o, d, t, unseen) - haze * 0.04, vec3(0.0)) * 0.55 * (1.0 - away);   // light in the haze before the floor
#endif
  } else {
    c = sky(o, d, 60.0, shine);
  }
  colour = vec4(c / (1.0 + 0.25 * max(c.r, max(c.g, c.b))), 1.0);
  glow = vec4(clamp(shine, 0.0, 1.0), 1.0);
}
