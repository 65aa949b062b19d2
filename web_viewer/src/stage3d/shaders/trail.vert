// Ribbons: places and light come ready from the page.
precision highp float;
in vec3 position;
in vec4 light;      // colour for the eye, and strength
in float across;    // -1 ... 1 over the width
uniform mat4 seen;
out vec4 v_light;
out float v_across;
void main() {
  v_light = light;
  v_across = across;
  gl_Position = seen * vec4(position, 1.0);
}
