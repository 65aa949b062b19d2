// One triangle that covers the picture.
precision highp float;
in vec2 position;
out vec2 at;
void main() {
  at = position;
  gl_Position = vec4(position, 1.0, 1.0);
}
