precision highp float;
in vec4 v_light;
in float v_soft;
uniform float cover;
layout(location = 0) out vec4 colour;
layout(location = 1) out vec4 glow;
void main() {
  float r = length(gl_PointCoord - 0.5) * 2.0;
  float a = v_soft > 1.5 ? smoothstep(1.0, 0.86, r) * (0.15 + smoothstep(0.62, 0.9, r)) : v_soft > 0.5 ? exp(-4.0 * r * r) : smoothstep(1.0, 0.2, r);
  a *= step(r, 1.0) * v_light.a;
  vec3 c = v_light.rgb * a;
  colour = vec4(c, cover * max(c.r, max(c.g, c.b)));
  glow = vec4(c * 0.5, 0.0);
}
