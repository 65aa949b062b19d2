"""Pictures for those who want pictures: score player -> look -> JPEG for browsers. Runs only while somebody asks.

Newest pose wins: a frame that is late is skipped, never queued; a look that is too slow gives up rate, then size
(`pace`). Its declared delay is its own measured drawing and encoding, so the picture shows the pose of the moment at
which it leaves, and that of the pages beyond it.
"""

from __future__ import annotations

from typing import Final

import cv2
import numpy as np

from livedance import show as shows
from livedance.broadcast import wire
from livedance.feed import Feed
from livedance.pace import Pace
from livedance.picture import Picture
from livedance.process import Life
from livedance.telemetry import Telemetry

QUALITY: Final = 80
IDLE_S: Final = 3.0
"""How long it stays after the last person who wanted images left."""
SMOOTHING: Final = 0.1


class Painter:
    """Draws, encodes and sends. One thread."""

    def __init__(self, show: shows.Show, life: Life) -> None:
        self._config = show.config.web
        self._life, self._clock = life, show.clock
        self._feed = Feed(show, "painter")
        look = show.config.look
        self._picture = Picture(look.name, look.background, look.flash_limiter)
        self._pace = Pace(self._config.image_fps)
        self._telemetry = Telemetry()
        self._work_s = 0.02
        self._report_s = 0.0
        self._wanted_s = self._clock.now()

    def run(self) -> None:
        """Paint while images are wanted and the show goes on."""
        due = self._clock.now()
        while self._life.goes_on() and self._is_wanted():
            self._frame()
            due = max(due + self._pace.period_s, self._clock.now())
            self._clock.sleep(due - self._clock.now())
        self._feed.close()

    def _is_wanted(self) -> bool:
        if self._life.board.painter_wanted:
            self._wanted_s = self._clock.now()
        return self._clock.now() - self._wanted_s < IDLE_S

    def _frame(self) -> None:
        self._feed.update()
        start = self._clock.now()
        # Pages show these pictures: their delay is the one that - and + on a page move.
        self._feed.player.delay_s = self._work_s + self._feed.delay_s("web")
        shown_s = start + self._feed.player.delay_s
        width, height = self._pace.size(self._config.image_size)
        pose = self._feed.pose_at(shown_s)
        image = self._picture.draw(pose, self._feed.levels, self._feed.state, (width, height), shown_s)
        matte_below = self._picture.background == "none"
        done, data = cv2.imencode(".jpg", _stacked(image, matte_below), [cv2.IMWRITE_JPEG_QUALITY, QUALITY])
        if done:
            self._feed.send(
                wire.encode_image(t_s=shown_s, width=width, height=height, data=data.tobytes(), matte_below=matte_below)
            )
        work = self._clock.now() - start
        self._work_s += SMOOTHING * (work - self._work_s)
        self._telemetry.sample("frame_ms", work * 1e3)
        self._pace.took(work, start + work)
        if start - self._report_s > 1.0:
            self._report_s = start
            self._feed.report(
                {**self._telemetry.snapshot(), "flash": self._picture.tamed_flashes(), "pace": self._pace.level}
            )


def _stacked(image: np.ndarray, matte_below: bool) -> np.ndarray:
    """Return BGR, with the matte as a second picture below where the background is transparent."""
    if not matte_below:
        return image[..., :3]
    alpha = image[..., 3:]
    premultiplied = (image[..., :3].astype(np.uint16) * alpha // 255).astype(np.uint8)
    return np.vstack([premultiplied, np.repeat(alpha, 3, axis=-1)])


def main(show: shows.Show, life: Life) -> int:
    """Run the painter process."""
    Painter(show, life).run()
    return 0
