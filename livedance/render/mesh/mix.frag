#version 330
// The picture shown before, laid over the new one as far as the flash limiter asks.

uniform sampler2D picture;
uniform float share;

out vec4 colour;

void main() { colour = vec4(texelFetch(picture, ivec2(gl_FragCoord.xy), 0).rgb, share); }
