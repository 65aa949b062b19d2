#version 330
// A finished picture on its way out: its first row goes to the top of a window, or it is sampled as it is.

uniform sampler2D picture;
uniform vec2 size;    // of this target, or of the part of it that is drawn from `origin` on
uniform vec2 origin;
uniform float gain;   // what blackout leaves of the light

out vec4 colour;

void main() {
#ifdef WINDOW
  vec2 at = (gl_FragCoord.xy - origin) / size;
  vec4 seen = texture(picture, vec2(at.x, 1.0 - at.y));
  colour = vec4(seen.bgr * gain, 1.0);
#else
  // As OpenCV takes the nearest pixel.
  colour = texelFetch(picture, ivec2(floor((gl_FragCoord.xy - 0.5) * vec2(textureSize(picture, 0)) / size)), 0);
#endif
}
