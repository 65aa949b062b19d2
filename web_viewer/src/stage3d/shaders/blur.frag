// One step of the bloom: smaller (four taps), or larger and added (a tent of nine). M. Martin, dual filtering, 2015.
precision highp float;
in vec2 at;
uniform sampler2D image;
uniform vec2 texel;
uniform float gain;
uniform int grows;
layout(location = 0) out vec4 colour;
void main() {
  vec2 p = at * 0.5 + 0.5;
  vec4 sum = vec4(0.0);
  if (grows == 0) {
    sum = texture(image, p) * 4.0;
    sum += texture(image, p + texel) + texture(image, p - texel);
    sum += texture(image, p + texel * vec2(1, -1)) + texture(image, p - texel * vec2(1, -1));
    sum /= 8.0;
  } else {
    sum = texture(image, p + texel * vec2(-2, 0)) + texture(image, p + texel * vec2(2, 0)) + texture(image, p + texel * vec2(0, 2)) + texture(image, p - texel * vec2(0, 2));
    sum += 2.0 * (texture(image, p + texel) + texture(image, p - texel) + texture(image, p + texel * vec2(1, -1)) + texture(image, p - texel * vec2(1, -1)));
    sum /= 12.0;
  }
  colour = sum * gain;
}
