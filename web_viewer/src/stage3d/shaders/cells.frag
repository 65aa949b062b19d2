// What the flash limiter watches: the mean of 5 x 5 places in each of its cells.
precision highp float;
uniform sampler2D image;
layout(location = 0) out vec4 colour;
void main() {
  vec4 sum = vec4(0.0);
  for (int i = 0; i < 25; i++) {
    vec2 in_cell = (vec2(float(i % 5), float(i / 5)) + 0.5) / 5.0;
    sum += texture(image, (floor(gl_FragCoord.xy) + in_cell) / vec2(32.0, 18.0));
  }
  colour = sum / 25.0;
}
