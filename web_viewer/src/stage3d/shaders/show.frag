// The last pass: the picture, or (flash limiter) a mix with the one shown before.
precision highp float;
in vec2 at;
uniform sampler2D image;
uniform sampler2D before;
uniform float share;
layout(location = 0) out vec4 colour;
void main() {
  vec2 p = at * 0.5 + 0.5;
  vec4 c = texture(image, p);
  colour = share < 1.0 ? mix(texture(before, p), c, share) : c;
}
