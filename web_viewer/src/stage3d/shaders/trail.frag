precision highp float;
in vec4 v_light;
in float v_across;
uniform float cover;   // 1: the picture is mixed elsewhere, light needs alpha
layout(location = 0) out vec4 colour;
layout(location = 1) out vec4 glow;
void main() {
  float soft = 1.0 - v_across * v_across;
  float hot = pow(soft, 6.0);
  vec3 c = v_light.rgb * v_light.a * soft * (0.55 + 0.25 * hot);
  colour = vec4(c, cover * max(c.r, max(c.g, c.b)));
  vec3 g = v_light.rgb * v_light.a * (0.25 * soft + 0.45 * hot);
  glow = vec4(g, 0.0);
}
