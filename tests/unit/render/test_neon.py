"""What neon promises beyond the contract: colour, no white-out, beat, trails, floor."""

import numpy as np
import pytest

from livedance.errors import ConfigError
from livedance.messages import Levels
from livedance.render import palettes
from livedance.render.bench import swaying
from livedance.render.look import DrawContext
from livedance.render.neon import Neon, beat_pulse

LOUD = Levels(rms=1, bass=1, mid=1, high=1, onset=1, energy=1)


def context(**kwargs):
    return DrawContext(**{"width_px": 640, "height_px": 360, "levels": LOUD, **kwargs})


def draw(t_s=2.0, n=1, look=None, past=20, **kwargs):
    look = look or Neon()
    for i in range(past, -1, -1):
        image = look.draw(swaying(t_s - i / 60, n), context(**kwargs))
    return image


def light(image):
    return float(image[..., :3].astype(np.float64).sum())


@pytest.mark.parametrize("palette", range(len(palettes.PALETTES)))
def test_never_blows_out_to_white(palette):
    image = draw(t_s=2.0, n=3, palette=palette, background="stage")
    white = (image[..., :3].min(axis=2) > 245).mean()
    assert white < 0.01
    assert (image[..., :3].max(axis=2) > 200).mean() > 0.005


def test_both_lights_of_the_palette_are_seen():
    image = draw(palette=0)[..., :3].astype(int)
    cyan = (image[..., 0] > 150) & (image[..., 1] > 120) & (image[..., 2] < 100)
    magenta = (image[..., 2] > 150) & (image[..., 1] < 90) & (image[..., 0] > 80)
    assert cyan.sum() > 200 and magenta.sum() > 200
    assert np.flatnonzero(cyan.any(axis=0)).mean() < np.flatnonzero(magenta.any(axis=0)).mean()


def test_brighter_on_the_beat_and_more_so_when_loud():
    assert beat_pulse(swaying(1.0), context()) > 2 * beat_pulse(swaying(1.2), context())
    quiet = context(levels=Levels())
    assert beat_pulse(swaying(1.0), context()) > beat_pulse(swaying(1.0), quiet) > 0
    on, off = Neon(trail_beats=0), Neon(trail_beats=0)
    assert light(on.draw(swaying(1.0), context())) > 1.05 * light(off.draw(swaying(1.25), context()))


def test_glow_reaches_beyond_the_body_and_can_be_off():
    with_glow, without = draw(look=Neon(trail_beats=0)), draw(look=Neon(trail_beats=0, glow=0))
    lit = [(image[..., :3].max(axis=2) > 4).sum() for image in (with_glow, without)]
    assert lit[0] > 1.5 * lit[1]


def test_trails_last_as_long_as_asked_and_reset_forgets_them():
    look = Neon(trail_beats=1.0)
    long = light(draw(look=look))
    assert long > 1.02 * light(draw(look=Neon(trail_beats=0)))
    look.reset()
    fresh = look.draw(swaying(2.0), context())
    assert np.array_equal(fresh, Neon().draw(swaying(2.0), context()))
    assert light(fresh) < long


def test_frame_rate_does_not_change_the_picture():
    ends = []
    for fps in (30, 60):
        look = Neon()
        for i in range(fps + 1):
            image = look.draw(swaying(1.0 + i / fps), context())
        ends.append(image.astype(np.float64))
    assert np.abs(ends[0] - ends[1]).mean() < 0.5


def test_stage_has_a_floor_with_rings_and_a_reflection():
    black, stage = draw(background="black"), draw(background="stage")
    assert light(stage) > light(black)
    assert stage[-20:, 100:150, :3].mean() > black[-20:, 100:150, :3].mean() + 3


def test_black_background_is_black_far_from_the_dancer():
    assert draw()[:, :40, :3].max() == 0


@pytest.mark.parametrize("option", ["glow", "trail_beats", "outline_px"])
def test_bad_options_are_named(option):
    with pytest.raises(ConfigError, match=option):
        Neon(**{option: -1.0})
