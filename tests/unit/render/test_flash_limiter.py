"""The limiter holds strobes to three flashes a second and leaves dances alone."""

import numpy as np
import pytest

from livedance.render.flash_limiter import FlashLimiter

SIZE = (36, 64)
FPS = 60


def luminance(image):
    level = image[::6, ::6, :3].astype(np.float64) / 255.0
    linear = np.where(level <= 0.04045, level / 12.92, ((level + 0.055) / 1.055) ** 2.4)
    return linear @ np.array([0.0722, 0.7152, 0.2126])


def flashes_per_s(values, swing=0.1, fps=FPS):
    """Count pairs of opposing swings in the worst second: an independent, plain reading of WCAG 2.3.1."""
    turns, direction = [], 0
    low = high = values[0]
    for i, v in enumerate(values):
        low, high = min(low, v), max(high, v)
        if direction <= 0 and v - low >= swing and low < 0.8:
            turns.append(i)
            direction, low, high = 1, v, v
        elif direction >= 0 and high - v >= swing and v < 0.8:
            turns.append(i)
            direction, low, high = -1, v, v
    worst = max((sum(1 for t in turns if s <= t < s + fps) for s in turns), default=0)
    return worst // 2


def strobe(hz, colour, seconds=4.0, area=1.0, channels=4):
    for i in range(int(seconds * FPS)):
        image = np.zeros((*SIZE, channels), np.uint8)
        image[..., 3:] = 255
        if int(2 * hz * (i + 0.5) / FPS) % 2:
            image[:, : int(SIZE[1] * area), :3] = colour
        yield i / FPS, image


def run(clip):
    limiter = FlashLimiter()
    shown = [limiter.apply(image, t) for t, image in clip]
    return limiter, shown


@pytest.mark.parametrize("hz", [2, 3])
def test_slow_strobes_pass_untouched(hz):
    clip = list(strobe(hz, (255, 255, 255)))
    limiter, shown = run(clip)
    assert limiter.limited == 0 and not limiter.active
    assert all(out is image for out, (_, image) in zip(shown, clip, strict=True))


@pytest.mark.parametrize("channels", [3, 4])
@pytest.mark.parametrize("hz", [4, 10, 15])
def test_fast_strobes_are_held_to_three_flashes(hz, channels):
    clip = list(strobe(hz, (255, 255, 255), channels=channels))
    raw = [luminance(image).mean() for _, image in clip]
    assert flashes_per_s(raw) >= hz - 1
    limiter, shown = run(clip)
    assert flashes_per_s([luminance(image).mean() for image in shown]) <= 3
    assert limiter.limited > 0


def test_red_strobe_of_little_luminance_is_held():
    dark_red, grey = (0, 0, 110), (24, 24, 24)
    clip = []
    for i in range(240):
        image = np.empty((*SIZE, 3), np.uint8)
        image[:] = dark_red if (i // 3) % 2 else grey
        clip.append((i / FPS, image))
    assert flashes_per_s([luminance(image).mean() for _, image in clip]) == 0
    limiter, shown = run(clip)
    assert limiter.limited > 0
    assert flashes_per_s([redness(image) for _, image in clip], swing=0.2) >= 9
    assert flashes_per_s([redness(image) for image in shown], swing=0.2) <= 3


def redness(image):
    """Distance from white in CIE 1976 u'v' (sRGB primaries, D65), dark or not."""
    level = image[0, 0, :3].astype(np.float64) / 255.0
    b, g, r = np.where(level <= 0.04045, level / 12.92, ((level + 0.055) / 1.055) ** 2.4)
    x = 0.4124 * r + 0.3576 * g + 0.1805 * b
    y = 0.2126 * r + 0.7152 * g + 0.0722 * b
    z = 0.0193 * r + 0.1192 * g + 0.9505 * b
    w = x + 15 * y + 3 * z
    return float(np.hypot(4 * x / w - 0.1978, 9 * y / w - 0.4683))


def test_small_strobes_pass():
    limiter, _ = run(strobe(10, (255, 255, 255), area=0.2))
    assert limiter.limited == 0
    limiter, _ = run(strobe(10, (255, 255, 255), area=0.5))
    assert limiter.limited > 0


def test_two_small_strobes_in_turn_count_together():
    clip = []
    for i in range(240):
        image = np.zeros((*SIZE, 3), np.uint8)
        side = (i // 3) % 2
        image[:, : SIZE[1] // 5] = 255 * side
        image[:, -SIZE[1] // 5 :] = 255 * (1 - side)
        clip.append((i / FPS, image))
    assert run(clip)[0].limited > 0


def test_transparent_light_is_no_light():
    clip = [(t, np.dstack([image[..., :3], np.zeros(SIZE, np.uint8)])) for t, image in strobe(10, (255, 255, 255))]
    assert run(clip)[0].limited == 0


def test_slow_fade_and_moving_figure_pass():
    clip = []
    for i in range(240):
        image = np.full((*SIZE, 3), int(60 + 60 * np.sin(2 * np.pi * 0.5 * i / FPS)), np.uint8)
        x = int(40 + 30 * np.sin(2 * np.pi * 2 * i / FPS))
        image[8:32, x // 3 : x // 3 + 8] = 230
        clip.append((i / FPS, image))
    assert run(clip)[0].limited == 0


def test_recovers_when_the_strobe_ends():
    limiter = FlashLimiter()
    for t, image in strobe(10, (255, 255, 255), seconds=2):
        limiter.apply(image, t)
    calm = np.full((*SIZE, 4), 200, np.uint8)
    for i in range(90):
        out = limiter.apply(calm, 2.0 + i / FPS)
    assert out is calm and not limiter.active


def test_another_size_and_a_step_back_start_anew():
    limiter = FlashLimiter()
    for t, image in strobe(10, (255, 255, 255), seconds=2):
        limiter.apply(image, t)
    other = np.full((45, 80, 4), 255, np.uint8)
    assert limiter.apply(other, 2.0) is other
    assert limiter.apply(other, 0.0) is other


def test_off_means_off():
    limiter = FlashLimiter(enabled=False)
    assert all(limiter.apply(image, t) is image for t, image in strobe(10, (255, 255, 255)))


def test_same_clip_same_result():
    one, two = (run(strobe(7, (255, 255, 255)))[1] for _ in range(2))
    assert all(np.array_equal(a, b) for a, b in zip(one, two, strict=True))
