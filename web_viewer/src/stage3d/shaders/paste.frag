// A room that was drawn small.
precision highp float;
in vec2 at;
uniform sampler2D image;
uniform sampler2D shine;
layout(location = 0) out vec4 colour;
layout(location = 1) out vec4 glow;
void main() {
  colour = texture(image, at * 0.5 + 0.5);
#ifdef SHINE
  glow = texture(shine, at * 0.5 + 0.5);
#else
  glow = vec4(0.0);
#endif
}
