#version 330
// The picture: stage, dancers over it with soft edges, light in the air over all. Premultiplied, or straight alpha.
// DANCERS: here may be somebody. SMOOTH: their edges are stairs yet. STAGE: there is one. STRAIGHT: divide by alpha.

uniform sampler2D dancers, stage, halo, backdrop;
uniform vec2 texel;   // one pixel of the picture
uniform vec2 coarse;  // pixels of the picture to the share of a coarse layer
uniform float ground; // alpha of the background

out vec4 colour;

#ifdef SMOOTH
// After T. Lottes, "FXAA" (NVIDIA white paper, 2009), for a picture with alpha.
const float LEAST = 0.03, PART = 0.10, LONGEST = 8.0;
vec4 at(vec2 place) { return texture(dancers, place); }
float light(vec4 c) { return dot(c.bgr, vec3(0.299, 0.587, 0.114)) + 0.6 * c.a; }

vec4 softened() {
  ivec2 p = ivec2(gl_FragCoord.xy);
  vec4 middle = texelFetch(dancers, p, 0);
  vec2 here = gl_FragCoord.xy * texel;
  float m = light(middle);
  ivec2 low = max(p - 1, 0), high = min(p + 1, textureSize(dancers, 0) - 1);
  float a = light(texelFetch(dancers, low, 0)), b = light(texelFetch(dancers, ivec2(high.x, low.y), 0));
  float c = light(texelFetch(dancers, ivec2(low.x, high.y), 0)), d = light(texelFetch(dancers, high, 0));
  float least = min(m, min(min(a, b), min(c, d))), most = max(m, max(max(a, b), max(c, d)));
  if (most - least < max(LEAST, PART * most)) return middle;
  vec2 way = vec2(c + d - a - b, a + c - b - d);
  float calm = max((a + b + c + d) / 32.0, 1.0 / 128.0);
  way = clamp(way / (min(abs(way.x), abs(way.y)) + calm), -LONGEST, LONGEST) * texel;
  vec4 near = 0.5 * (at(here - way / 6.0) + at(here + way / 6.0));
  vec4 far = 0.5 * near + 0.25 * (at(here - 0.5 * way) + at(here + 0.5 * way));
  float f = light(far);
  return f < least || f > most ? near : far;
}
#else
vec4 softened() { return texelFetch(dancers, ivec2(gl_FragCoord.xy), 0); }
#endif

// A still grain breaks up bands in dark slopes.
float grain() {
  return (fract(52.9829189 * fract(dot(gl_FragCoord.xy, vec2(0.06711056, 0.00583715)))) - 0.5) / 255.0;
}

void main() {
#if defined(STAGE) && !defined(DANCERS)
  colour = vec4(texture(backdrop, gl_FragCoord.xy * coarse).rgb + grain(), 1.0);
#else
  vec4 sum = vec4(0.0, 0.0, 0.0, ground);
#ifdef STAGE
  sum.rgb = texture(stage, gl_FragCoord.xy * coarse).rgb + grain();
#endif
#ifdef DANCERS
  vec4 top = softened();
  sum = top + sum * (1.0 - top.a);
#endif
  sum.rgb += texture(halo, gl_FragCoord.xy * coarse).rgb;
  sum.rgb = min(sum.rgb, 1.0);
  sum.a = max(sum.a, max(sum.r, max(sum.g, sum.b)));  // light covers what lies below, too
#ifdef STRAIGHT
  sum.rgb /= max(sum.a, 1e-4);
#endif
  colour = clamp(sum, 0.0, 1.0);
#endif
}
