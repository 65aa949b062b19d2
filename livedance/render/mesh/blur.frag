#version 330
// One direction of a soft blur: nine pixels by five looks between them.

uniform sampler2D picture;
uniform vec2 size;   // of this target
uniform vec2 way;    // one pixel of `picture` to the side, or down

out vec4 colour;

void main() {
  vec2 at = gl_FragCoord.xy / size;
  colour = 0.2270 * texture(picture, at)
         + 0.3162 * (texture(picture, at + 1.3846 * way) + texture(picture, at - 1.3846 * way))
         + 0.0703 * (texture(picture, at + 3.2308 * way) + texture(picture, at - 3.2308 * way));
}
