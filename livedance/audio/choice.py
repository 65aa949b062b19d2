"""Which source a configuration means, and how to make the same one again."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Any, Final, NamedTuple

from livedance import registry
from livedance.audio.device import choose, first_microphone, first_monitor
from livedance.audio.devices import default_backend, list_inputs
from livedance.audio.hops import check_channels
from livedance.audio.source import AudioSource
from livedance.config import AudioConfig
from livedance.errors import AudioError, MissingExtra
from livedance.messages import HOP_SAMPLES

DEVICES: Final = ("auto", "mic", "loopback")


def is_played(config: AudioConfig) -> bool:
    """Return whether `config` names a file or the demo."""
    return config.source not in DEVICES


def backend_of(config: AudioConfig) -> str:
    """Return the registry name of the device backend: pyaudio when it is importable, else sounddevice."""
    return default_backend() if config.backend == "auto" else config.backend


class OpenSource(NamedTuple):
    """A running source, and for devices what opens the same one again (None for file and demo)."""

    source: AudioSource
    make_again: Callable[[], AudioSource] | None
    note: str = ""
    """Why it is the demo, when nobody asked for it."""


def open_source(config: AudioConfig) -> OpenSource:
    """Return the source that `config` means, open.

    `auto` is the first usable microphone, or the demo where there is none; a device that was named is never replaced.
    Raises `AudioError`, `MissingExtra` or `FileError`.
    """
    if is_played(config):
        return OpenSource(_opened(_played(config)), None)
    try:
        return _device(config)
    except (AudioError, MissingExtra) as error:
        if config.source != "auto" or config.device is not None or config.channels:
            raise
        return OpenSource(
            _opened(_played(config.model_copy(update={"source": "demo"}))), None, f"playing the demo: {error}"
        )


def _device(config: AudioConfig) -> OpenSource:
    backend, options = backend_of(config), _device_options(config)

    def make() -> AudioSource:
        return _opened(registry.build("source", backend, options))

    return OpenSource(make(), make)


def _opened(source: AudioSource) -> AudioSource:
    source.open()
    return source


def check(config: AudioConfig) -> None:
    """Raise what `open_source` would raise for a missing file, device or channel; for use before a show starts."""
    if is_played(config):
        source = _played(config)
        source.open()
        source.close()
    elif config.source != "auto" or config.device is not None or config.channels:
        _device_options(config)


def played_block(config: AudioConfig) -> int:
    """Return the block size of files and the demo: a hop at least, for their delay is known and need not be short."""
    return max(config.block_samples, HOP_SAMPLES)


def _played(config: AudioConfig) -> AudioSource:
    options: dict[str, Any] = {"block_samples": played_block(config)}
    if config.source == "demo":
        source: AudioSource = registry.build("source", "demo", options)
        return source
    path = config.source.removeprefix("file:")
    source = registry.build("source", "file", {**options, "path": Path(path), "loop": config.loop})
    return source


def _device_options(config: AudioConfig) -> dict[str, Any]:
    """Return constructor options that name the device exactly, so that a later opening cannot mean another one."""
    devices = list_inputs(backend_of(config))
    if config.device is not None:
        device = choose(devices, config.device)
    elif config.source == "loopback":
        device = first_monitor(devices)
    else:
        device = first_microphone(devices)
    check_channels(config.channels, device.n_channels, device.name)
    return {
        "device": f"{device.host_api}: {device.name}",
        "channels": tuple(config.channels) if config.channels else None,
        "loopback": config.source == "loopback",
        "block_samples": config.block_samples,
    }
