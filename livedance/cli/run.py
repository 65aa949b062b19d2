"""`livedance run`: options -> config -> checks -> supervisor."""

from __future__ import annotations

import errno
import os
import secrets
import shutil
import socket
import sys
from importlib.util import find_spec
from pathlib import Path
from typing import Any, Final

from livedance import config as configs
from livedance import registry, style_mix
from livedance import show as shows
from livedance.beat.choice import OWN, STAND_IN, choose_tracker
from livedance.config import ControlConfig, LiveConfig
from livedance.desktop import has_desktop
from livedance.errors import AudioError, ConfigError, FileError, LivedanceError, MissingExtra, PortBusyError

MESH: Final = "mesh"
"""The look that needs an optional package."""


def overrides(**options: Any) -> dict[str, Any]:
    """Return the configuration tree that the options of `run` ask for; None changes nothing."""
    width, height = parse_size(options["size"]) if options.get("size") else (None, None)
    tree: dict[str, Any] = {
        "seed": options.get("seed"),
        "duration_s": options.get("duration"),
        "audio": {
            "source": options.get("audio"),
            "device": options.get("device"),
            "channels": parse_channels(options.get("channels")),
            "play": options.get("play"),
        },
        "beat": {"tracker": options.get("tracker")},
        "dance": {k: options.get(k) for k in ("generator", "style", "dancers", "formation")},
        "director": {"enabled": options.get("director")},
        "look": {"name": options.get("look"), "background": options.get("background")},
        "window": {
            "enabled": None if options.get("window") is None else ("on" if options["window"] else "off"),
            "display": options.get("display"),
            "fullscreen": options.get("fullscreen") or None,
            "width_px": width,
            "height_px": height,
        },
        "web": _address("--web", options.get("web")),
        "osc": parse_osc(options.get("osc")),
        "osc_in": _address("--osc-in", options.get("osc_in")),
        "control": {"presets": str(options["presets"]) if options.get("presets") else None},
        "record": {"path": str(options["record"]) if options.get("record") else None},
        "ui": {"tui": options.get("tui"), "log_json": options.get("log_json")},
    }
    return tree


def parse_size(text: str) -> tuple[int, int]:
    """Return (width, height) of "1280x720"."""
    width, x, height = text.lower().partition("x")
    if not x or not width.isdigit() or not height.isdigit():
        raise ConfigError(f"--size '{text}' is not a size: write WIDTHxHEIGHT, for example 1280x720")
    return int(width), int(height)


def parse_numbers(option: str, text: str) -> list[float]:
    """Return [80.0, 120.0] of "80,120"."""
    try:
        return [float(part) for part in text.split(",")]
    except ValueError:
        raise ConfigError(f"{option} '{text}' is no list of numbers: write them with commas, 80,120") from None


def parse_channels(text: str | None) -> list[int] | None:
    """Return [3, 4] of "3,4"."""
    if text is None:
        return None
    parts = [part.strip() for part in text.split(",")]
    if not all(part.isdigit() and int(part) >= 1 for part in parts):
        raise ConfigError(f"--channels '{text}' is not a list of channels: write them from 1, for example 3,4")
    return [int(part) for part in parts]


def parse_osc(options: list[str] | None) -> list[dict[str, Any]] | None:
    """Return the OSC receivers of `--osc`, an empty list for "off"."""
    if not options:
        return None
    if "off" in options:
        return []
    from livedance.broadcast.osc_sink import parse_osc_option

    return [dict(zip(("profile", "host", "port"), parse_osc_option(o), strict=True)) for o in options]


def _address(option: str, text: str | None) -> dict[str, Any]:
    if text is None:
        return {}
    if text == "off":
        return {"enabled": False}
    host, colon, port = text.rpartition(":")
    if not colon or not port.isdigit() or int(port) > 65_535:
        raise ConfigError(f"{option} '{text}' is not an address: write HOST:PORT, for example 127.0.0.1:8765, or off")
    return {"enabled": True, "host": host.strip("[]") or "127.0.0.1", "port": int(port)}


def run(path: Path | None, tree: dict[str, Any]) -> int:
    """Check everything, then run the show until it ends; returns the exit code."""
    return run_config(configs.load(path or default_path(), tree))


def run_config(config: LiveConfig) -> int:
    """Run the show of a checked configuration."""
    check(config)
    warn_of_presets(config.control)
    seed = secrets.randbits(31) if config.seed is None else config.seed
    if config.seed is None and not config.ui.log_json:
        print(f"seed    {seed}", flush=True)
    from livedance.supervisor import Supervisor

    show = shows.create(config, seed)
    try:
        return Supervisor(show, roles_of(config)).run()
    finally:
        _keep_logs(show)


def roles_of(config: LiveConfig) -> tuple[str, ...]:
    """Return the processes that `config` needs."""
    roles = ["stage", "brain"]
    if config.web.enabled:
        roles += ["herald", "painter"]
    if config.window.enabled == "on" or (config.window.enabled == "auto" and has_desktop()):
        roles.append("window")
    return (*roles, "terminal")


def default_path() -> Path | None:
    """Return the user's own configuration where there is one."""
    from livedance.paths import config_dir

    path = config_dir() / "livedance.toml"
    return path if path.is_file() else None


def check(config: LiveConfig) -> None:
    """Find what cannot work before any device is opened. Raises the first `LivedanceError`."""
    check_names(config)
    check_record(config.record.path)
    if config.web.enabled and config.web.port is not None:
        check_port(config.web.host, config.web.port, socket.SOCK_STREAM, "--web")
    if config.osc_in.enabled and config.osc_in.port is not None:
        check_port(config.osc_in.host, config.osc_in.port, socket.SOCK_DGRAM, "--osc-in")
    check_audio(config)


def check_names(config: LiveConfig) -> None:
    """Raise `ConfigError` when `config` names a tracker, generator, look, style or OSC profile that is not there."""
    check_tracker(config.beat.tracker)
    registry.find_target("generator", config.dance.generator)
    check_look(config.look.name)
    check_style(config.dance.style)
    check_style_table(config.dance.style_table)
    for receiver in config.osc:
        registry.find_target("osc_profile", receiver.profile)


def check_tracker(name: str) -> None:
    """Raise `ConfigError` for an unknown tracker, `ModelError` when our own cannot be used and nothing stands in."""
    registry.find_target("tracker", name)
    if name == OWN and find_spec(STAND_IN) is None:  # with aubio at hand there is nothing to load before the show
        choose_tracker(name)


def check_look(names: str) -> None:
    """Raise `ConfigError` when a layer of "NAME+NAME" is not there."""
    for name in names.split("+"):
        if not name.strip():
            raise ConfigError(f"--look '{names}' has an empty layer: write NAME or NAME+NAME")
        registry.find_target("look", name.strip())
        if name.strip() == MESH and find_spec("moderngl") is None:
            raise MissingExtra(f"the look '{MESH}'", "gl")


def check_style(style: str) -> None:
    """Raise `ConfigError` listing the styles when `style` names one that the motion library does not have."""
    if style != style_mix.AUTO:
        from livedance.dance.library import style_names

        style_mix.parse(style, (style_mix.AUTO, *style_names()))


def check_style_table(path: str | None) -> None:
    """Raise `FileError` or `ConfigError` for a style table of one's own that cannot be used."""
    if path is not None:
        from livedance.dance import library, style_table

        style_table.load(Path(path), library.style_names())


def check_record(path: str | None) -> None:
    """Raise `FileError` when a recording could not be written to `path`."""
    if path is None:
        return
    target = Path(path)
    if target.suffix != ".ldrec":
        raise ConfigError(
            f"--record '{path}' must end in .ldrec; convert it afterwards: livedance replay {path} --out X.mp4"
        )
    if not target.parent.is_dir():
        raise FileError(f"cannot record to '{path}': the folder '{target.parent}' does not exist")
    was_there = target.exists()
    try:
        with target.open("ab"):
            pass
    except OSError as error:
        raise FileError(f"cannot record to '{path}': {error.strerror}") from error
    if not was_there:
        # The stage makes it: a show that is interrupted before that leaves no empty recording.
        target.unlink()


def warn_of_presets(config: ControlConfig) -> None:
    """Say why the presets cannot be used; the show goes on without them."""
    from livedance import stage_presets

    try:
        stage_presets.read(stage_presets.path_of(config))
    except FileError as error:
        print(f"livedance: {error}", file=sys.stderr, flush=True)


def check_port(host: str, port: int, kind: int, option: str) -> None:
    """Raise `PortBusyError` when a port that was asked for is taken, `ConfigError` when its host is not ours."""
    try:
        family, _, _, _, address = socket.getaddrinfo(host, port, type=kind)[0]
        with socket.socket(family, kind) as probe:
            if kind == socket.SOCK_STREAM and os.name == "posix":
                probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
            probe.bind(address)
    except OSError as error:
        raise _port_error(error, host, port, option) from error


def _port_error(error: OSError, host: str, port: int, option: str) -> LivedanceError:
    """Return what a person can do about a port that cannot be opened."""
    if isinstance(error, socket.gaierror):
        return ConfigError(f"{option}: the host '{host}' is not known ({error.strerror})")
    if error.errno == errno.EADDRNOTAVAIL:
        return ConfigError(f"{option}: {host} is no address of this machine; use 127.0.0.1, or 0.0.0.0 for all")
    if isinstance(error, PermissionError):
        return PortBusyError(f"{option}: port {port} needs more rights; choose one above 1023")
    return PortBusyError(f"{option}: port {port} on {host} is in use; choose another or leave it out")


def check_audio(config: LiveConfig) -> None:
    """Raise `FileError` or `AudioError` when the source could not be opened."""
    source = config.audio.source
    if source == "demo" or config.replay is not None:
        return
    if source in ("auto", "mic", "loopback"):
        if config.audio.device is not None or config.audio.channels is not None or source == "loopback":
            from livedance.audio.devices import check_input

            check_input(config.audio)
        return
    from livedance.audio.file_source import open_sound

    if not Path(source).suffix and not Path(source).exists():
        raise AudioError(f"there is no audio source '{source}': give mic, loopback, demo or the path of a file")
    open_sound(Path(source)).close()


def _keep_logs(show: shows.Show) -> None:
    """Move the logs to the user's cache and remove the private folder."""
    from livedance.paths import cache_dir

    logs = cache_dir() / "last-show"
    try:
        shutil.rmtree(logs, ignore_errors=True)
        logs.mkdir(parents=True, exist_ok=True)
        for log in show.folder.glob("*.log"):
            shutil.copy(log, logs / log.name)
    except OSError:
        # A full or read-only disk must not change how the show ends.
        return
    finally:
        shutil.rmtree(show.folder, ignore_errors=True)
