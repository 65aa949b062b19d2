// Light and its bloom, soft edges, a darker rim. Screen-added, so nothing burns out to white.
precision highp float;
in vec2 at;
uniform sampler2D image;
uniform sampler2D bloom;
uniform vec2 texel;
uniform float strength;   // of the bloom; 0: there is none
uniform float smooths;    // 1 softens edges here
uniform float cover;      // 1: transparent
uniform float grain;
layout(location = 0) out vec4 colour;
float luma(vec4 c) { return dot(c.rgb, vec3(0.299, 0.587, 0.114)) + 0.5 * c.a; }
vec4 softened(vec2 p) {
  vec4 m = texture(image, p);
  float nw = luma(texture(image, p + texel * vec2(-1, -1))), ne = luma(texture(image, p + texel * vec2(1, -1)));
  float sw = luma(texture(image, p + texel * vec2(-1, 1))), se = luma(texture(image, p + texel)), l = luma(m);
  float low = min(l, min(min(nw, ne), min(sw, se))), high = max(l, max(max(nw, ne), max(sw, se)));
  if (high - low < max(0.04, high * 0.10)) return m;
  vec2 way = vec2(-((nw + ne) - (sw + se)), (nw + sw) - (ne + se));
  way = clamp(way / (min(abs(way.x), abs(way.y)) + max((nw + ne + sw + se) * 0.03, 0.008)), -8.0, 8.0) * texel;
  vec4 near = 0.5 * (texture(image, p - way / 6.0) + texture(image, p + way / 6.0));
  vec4 wide = 0.5 * near + 0.25 * (texture(image, p - way * 0.5) + texture(image, p + way * 0.5));
  float k = luma(wide);
  return k < low || k > high ? near : wide;
}
void main() {
  vec2 p = at * 0.5 + 0.5;
  vec4 c = smooths > 0.5 ? softened(p) : texture(image, p);
  if (strength > 0.0) {
    vec3 g = clamp(texture(bloom, p).rgb * strength, 0.0, 1.0);
    if (cover > 0.5) g = max(g - 0.012, 0.0) * 1.012;   // no haze over all of a picture that is mixed
    c.rgb = c.rgb + g - c.rgb * g;
    c.a = max(c.a, cover * max(g.r, max(g.g, g.b)));
  }
  if (cover < 0.5) {
    c.rgb *= 1.0 - 0.42 * smoothstep(0.45, 1.5, dot(at, at) * 0.72);
    float dither = fract(sin(dot(gl_FragCoord.xy, vec2(12.9898, 78.233)) + grain) * 43758.5453) - 0.5;
    c.rgb += dither * 1.6 / 255.0;
    c.a = 1.0;
  }
  float high = max(c.r, max(c.g, c.b));
  c.rgb *= min(1.0, 0.985 / max(high, 1e-3));
  c = clamp(c, 0.0, 1.0);
  if (cover > 0.5) c.a = max(c.a, max(c.r, max(c.g, c.b)));
  colour = c;
}
