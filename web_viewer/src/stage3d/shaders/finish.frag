// Light and its bloom, a darker rim; PLAIN, where a processor draws, leaves out what costs. Screen-added, so nothing burns out to white.
precision highp float;
in vec2 at;
uniform sampler2D image;
uniform sampler2D bloom;
uniform float strength;   // of the bloom; 0: there is none
uniform float cover;      // 1: transparent
uniform float grain;
layout(location = 0) out vec4 colour;
void main() {
#ifdef PLAIN
  vec4 c = texelFetch(image, ivec2(gl_FragCoord.xy), 0);
#else
  vec2 p = at * 0.5 + 0.5;
  vec4 c = texture(image, p);
  if (strength > 0.0) {
    vec3 g = clamp(texture(bloom, p).rgb * strength, 0.0, 1.0);
    if (cover > 0.5) g = max(g - 0.012, 0.0) * 1.012;   // no haze over all of a picture that is mixed
    c.rgb = c.rgb + g - c.rgb * g;
    c.a = max(c.a, cover * max(g.r, max(g.g, g.b)));
  }
#endif
  if (cover < 0.5) {
    c.rgb *= 1.0 - 0.42 * smoothstep(0.45, 1.5, dot(at, at) * 0.72);
#ifndef PLAIN
    float dither = fract(sin(dot(gl_FragCoord.xy, vec2(12.9898, 78.233)) + grain) * 43758.5453) - 0.5;
    c.rgb += dither * 1.6 / 255.0;
#endif
    c.a = 1.0;
  }
  float high = max(c.r, max(c.g, c.b));
  c.rgb *= min(1.0, 0.985 / max(high, 1e-3));
  c = clamp(c, 0.0, 1.0);
  if (cover > 0.5) c.a = max(c.a, max(c.r, max(c.g, c.b)));
  colour = c;
}
