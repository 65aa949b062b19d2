#version 330
// All light that hangs in the air: the tight and the wide blur of what glows, and trails where nothing glows now.

uniform sampler2D near, wide, now, trail, stage;
uniform vec2 size;
uniform vec3 gains;  // of near, wide and trail

layout(location = 0) out vec4 colour;
layout(location = 1) out vec4 backdrop;  // with the stage behind it: all there is where nobody dances

void main() {
  vec2 at = gl_FragCoord.xy / size;
  vec3 left = max(texture(trail, at).rgb - texture(now, at).rgb, 0.0);
  colour = vec4(gains.x * texture(near, at).rgb + gains.y * texture(wide, at).rgb + gains.z * left, 0.0);
  backdrop = colour + texelFetch(stage, ivec2(gl_FragCoord.xy), 0);
}
