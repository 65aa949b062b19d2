// The last pass: the picture, or (flash limiter) a mix with the one shown before; then blackout.
precision highp float;
in vec2 at;
uniform sampler2D image;
uniform sampler2D before;
uniform float share;
uniform float dark;       // 1 is black
uniform float cover;      // 1: transparent
layout(location = 0) out vec4 colour;
void main() {
  vec2 p = at * 0.5 + 0.5;
  vec4 c = texture(image, p);
  if (share < 1.0) c = mix(texture(before, p), c, share);
  c.rgb *= 1.0 - dark;
  if (cover > 0.5) c.a *= 1.0 - dark;
  colour = c;
}
