"""Videos hold the pictures and the sound they were given, at the right time, or are not there."""

import importlib.util
import signal

import cv2
import numpy as np
import pytest

from livedance.broadcast import video
from livedance.broadcast.video import Sound, VideoWriter, over_black, write_video
from livedance.errors import ConfigError, FileError

av = pytest.importorskip("av")

SIZE = (320, 180)


def picture(level):
    image = np.zeros((180, 320, 4), np.uint8)
    image[..., :3] = level
    image[..., 3] = 255
    return image


def click(seconds, at_s, rate=44_100):
    samples = np.zeros((round(seconds * rate), 2), np.float32)
    start = round(at_s * rate)
    samples[start : start + 400] = np.sin(np.arange(400) * 0.3)[:, None]
    return Sound(samples=samples, sample_rate_hz=rate)


def test_a_flash_and_a_click_come_out_together(tmp_path):
    """Frame 30 of 60 is white and the click is at 1 s: both are found there again."""
    path = tmp_path / "a.mp4"
    images = (picture(255 if k == 30 else 16) for k in range(60))
    assert write_video(path, images, size=SIZE, fps=30, sound=click(5.0, 1.0)) is None
    with av.open(str(path)) as file:
        assert file.streams.video[0].codec_context.name == "h264"
        assert file.streams.audio[0].codec_context.name == "aac"
        levels = {float(f.time): f.to_ndarray(format="gray").mean() for f in file.decode(video=0)}
    assert len(levels) == 60
    assert max(levels, key=levels.get) == pytest.approx(1.0, abs=1e-3)
    with av.open(str(path)) as file:
        blocks = list(file.decode(audio=0))
    heard = np.concatenate([b.to_ndarray() for b in blocks], axis=1)[0]
    start = float(blocks[0].time)
    onset = start + np.argmax(np.abs(heard) > 0.3) / 44_100
    assert onset == pytest.approx(1.0, abs=0.03)  # AAC blurs by one frame of 23 ms
    assert len(heard) / 44_100 == pytest.approx(2.0, abs=0.1)  # as much sound as there are pictures
    assert list(tmp_path.iterdir()) == [path]


def test_sound_of_an_unusual_rate_keeps_its_time(tmp_path):
    path = tmp_path / "a.mp4"
    write_video(path, (picture(16) for _ in range(45)), size=SIZE, fps=30, sound=click(2.0, 1.0, rate=192_000))
    with av.open(str(path)) as file:
        assert file.streams.audio[0].rate == 48_000
        heard = np.concatenate([b.to_ndarray() for b in file.decode(audio=0)], axis=1)[0]
    assert np.argmax(np.abs(heard) > 0.2) / 48_000 == pytest.approx(1.0, abs=0.04)


def test_a_full_disk_is_one_clear_error_and_leaves_nothing(tmp_path):
    resource = pytest.importorskip("resource", reason="file size limits exist on Unix only")
    noise = np.random.default_rng(0).integers(0, 255, (180, 320, 4), dtype=np.uint8)
    soft, hard = resource.getrlimit(resource.RLIMIT_FSIZE)
    before = signal.signal(signal.SIGXFSZ, signal.SIG_IGN)
    try:
        resource.setrlimit(resource.RLIMIT_FSIZE, (20_000, hard))
        with pytest.raises(FileError, match="cannot write"):
            write_video(tmp_path / "a.mp4", (np.roll(noise, k, axis=0) for k in range(90)), size=SIZE, fps=30)
    finally:
        resource.setrlimit(resource.RLIMIT_FSIZE, (soft, hard))
        signal.signal(signal.SIGXFSZ, before)
    assert list(tmp_path.iterdir()) == []


def test_without_pyav_there_are_pictures_and_a_sentence(tmp_path, monkeypatch):
    find = importlib.util.find_spec
    monkeypatch.setattr(video.importlib.util, "find_spec", lambda name: None if name == "av" else find(name))
    path = tmp_path / "a.mp4"
    note = write_video(path, (picture(k * 8) for k in range(20)), size=SIZE, fps=30, sound=click(1.0, 0.5))
    assert "livedance[video]" in note
    reader = cv2.VideoCapture(str(path))
    assert int(reader.get(cv2.CAP_PROP_FRAME_COUNT)) == 20
    reader.release()


def test_alpha_is_laid_over_black():
    image = np.array([[[200, 100, 50, 128], [10, 20, 30, 255], [9, 9, 9, 0]]], np.uint8)
    assert over_black(image).tolist() == [[[100, 50, 25], [10, 20, 30], [0, 0, 0]]]


def test_odd_sizes_and_wrong_pictures_are_refused(tmp_path):
    with pytest.raises(ConfigError, match="640x480"):
        VideoWriter(tmp_path / "a.mp4", (641, 481), 30)
    writer = VideoWriter(tmp_path / "a.mp4", SIZE, 30)
    with pytest.raises(FileError, match="does not fit"):
        writer.write(np.zeros((90, 160, 4), np.uint8))
    writer.discard()
    writer.discard()
    assert list(tmp_path.iterdir()) == []


def test_an_interrupted_video_leaves_nothing(tmp_path):
    def broken():
        yield picture(1)
        raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        write_video(tmp_path / "a.mp4", broken(), size=SIZE, fps=30)
    assert list(tmp_path.iterdir()) == []
    with pytest.raises(FileError, match="cannot write"):
        VideoWriter(tmp_path / "none" / "a.mp4", SIZE, 30)
