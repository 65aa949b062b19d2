#version 330
// Softens the stairs along edges: after T. Lottes, "FXAA" (NVIDIA white paper, 2009), for a picture with alpha.

uniform sampler2D picture;
uniform vec2 texel;
out vec4 colour;

const float LEAST = 0.03, PART = 0.10, LONGEST = 8.0;

vec4 at(vec2 place) { return texture(picture, place); }
float light(vec4 c) { return dot(c.bgr, vec3(0.299, 0.587, 0.114)) + 0.6 * c.a; }

void main() {
  vec2 here = gl_FragCoord.xy * texel;
  vec4 middle = at(here);
  float m = light(middle);
  float a = light(at(here + vec2(-1.0, -1.0) * texel)), b = light(at(here + vec2(1.0, -1.0) * texel));
  float c = light(at(here + vec2(-1.0, 1.0) * texel)), d = light(at(here + vec2(1.0, 1.0) * texel));
  float least = min(m, min(min(a, b), min(c, d))), most = max(m, max(max(a, b), max(c, d)));
  if (most - least < max(LEAST, PART * most)) {
    colour = middle;
    return;
  }
  vec2 way = vec2(c + d - a - b, a + c - b - d);
  float calm = max((a + b + c + d) / 32.0, 1.0 / 128.0);
  way = clamp(way / (min(abs(way.x), abs(way.y)) + calm), -LONGEST, LONGEST) * texel;
  vec4 near = 0.5 * (at(here - way / 6.0) + at(here + way / 6.0));
  vec4 far = 0.5 * near + 0.25 * (at(here - 0.5 * way) + at(here + 0.5 * way));
  float f = light(far);
  colour = f < least || f > most ? near : far;
}
