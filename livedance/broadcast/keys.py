"""Key codes of OpenCV windows -> the names of the key map (" ", "b", ..., "ctrl+q")."""

from __future__ import annotations

from typing import Final

KEYS: Final = frozenset({" ", "b", "f", "z", "x", "h", "n", "r", "[", "]", "-", "+", "c", "p", "i", "d", "ctrl+q"}) | {
    str(n) for n in range(1, 10)
}
"""Every name that a window may report."""

_SPECIAL: Final = {17: "ctrl+q", ord("="): "+", ord("_"): "-", ord("{"): "[", ord("}"): "]"}
"""Plus, minus and brackets count with and without shift; keypad and letters come as their own codes."""
_KEYPAD: Final = {0xFFAB: "+", 0xFFAD: "-", **{0xFFB0 + n: str(n) for n in range(1, 10)}}


def name(code: int) -> str | None:
    """Return the name of the key that `cv2.waitKeyEx` reported, None for keys without a meaning."""
    if code < 0:
        return None
    plain = code & 0xFFFF
    if plain in _KEYPAD:
        return _KEYPAD[plain]
    if plain in _SPECIAL:
        return _SPECIAL[plain]
    if plain >= 128:
        return None
    letter = chr(plain).lower()
    return letter if letter in KEYS else None
