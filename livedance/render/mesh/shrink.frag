#version 330
// What glows, at a fraction of its size, and what is left of what glowed before: the dancers' trails.

uniform sampler2D glow, before;
uniform vec2 cell;   // pixels of the glow layer per pixel here
uniform vec2 texel;  // one pixel of the glow layer
uniform vec2 size;   // of this target
uniform float fade;  // part of the trail that is left since the last picture

layout(location = 0) out vec4 now;
layout(location = 1) out vec4 trail;

void main() {
  vec2 at = gl_FragCoord.xy * cell * texel, off = 0.25 * cell * texel;
  now = 0.25 * (texture(glow, at - off) + texture(glow, at + off)
              + texture(glow, at + off * vec2(1.0, -1.0)) + texture(glow, at + off * vec2(-1.0, 1.0)));
  now.a = 0.0;
  vec4 old = vec4(0.0);
  if (fade > 0.0) {
    // It spreads a little while it fades, so that pictures far apart leave no steps.
    vec2 here = gl_FragCoord.xy / size, step_ = 0.9 / size;
    old = texture(before, here + step_ * vec2(1.0, 0.4)) + texture(before, here - step_ * vec2(1.0, 0.4))
        + texture(before, here + step_ * vec2(-0.4, 1.0)) + texture(before, here + step_ * vec2(0.4, -1.0));
    old *= 0.25 * fade;
  }
  trail = max(now * 0.9, old - 0.003);
}
