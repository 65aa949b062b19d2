"""livedance: a dancer that hears your music and is on the beat when the light leaves the projector."""

__version__ = "0.1.0"
