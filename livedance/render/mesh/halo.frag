#version 330
// All light that hangs in the air: the tight and the wide blur of what glows, and trails where nothing glows now.

uniform sampler2D near, wide, now, trail;
uniform vec2 size;
uniform vec3 gains;  // of near, wide and trail

out vec4 colour;

void main() {
  vec2 at = gl_FragCoord.xy / size;
  vec3 left = max(texture(trail, at).rgb - texture(now, at).rgb, 0.0);
  colour = vec4(gains.x * texture(near, at).rgb + gains.y * texture(wide, at).rgb + gains.z * left, 0.0);
}
