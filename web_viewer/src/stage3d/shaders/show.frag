// The last pass: the picture, or (flash limiter) a mix with the one shown before; then blackout.
precision highp float;
uniform sampler2D image;
uniform sampler2D before;
uniform float share;
uniform float dark;       // 1 is black
uniform float cover;      // 1: transparent
layout(location = 0) out vec4 colour;
void main() {
  ivec2 p = ivec2(gl_FragCoord.xy);
  vec4 c = texelFetch(image, p, 0);
  if (share < 1.0) c = mix(texelFetch(before, p, 0), c, share);
  c.rgb *= 1.0 - dark;
  if (cover > 0.5) c.a *= 1.0 - dark;
  colour = c;
}
