"""The command line: arguments -> config -> call. One file per command; nothing heavy is imported too early."""

from __future__ import annotations

import importlib
import sys
from pathlib import Path
from typing import Annotated

import typer

from livedance import __version__
from livedance.errors import ConfigError, LivedanceError, near

app = typer.Typer(
    name="livedance",
    help="A live dancer: hears the music, finds the beat, dances on it.\n\nExample: livedance run --audio demo",
    no_args_is_help=True,
    add_completion=False,
    rich_markup_mode=None,
    pretty_exceptions_enable=False,
)


def _version(wanted: bool) -> None:
    if wanted:
        typer.echo(f"livedance {__version__}")
        raise typer.Exit


@app.callback()
def _root(
    version: Annotated[bool, typer.Option("--version", callback=_version, is_eager=True, help="Print it.")] = False,
) -> None:
    """Options before the command."""


@app.command()
def run(
    audio: Annotated[str | None, typer.Option(help="mic, loopback, demo or a file (wav, flac, ogg, mp3).")] = None,
    device: Annotated[str | None, typer.Option(help="Name of the input device, or a part of it.")] = None,
    channels: Annotated[str | None, typer.Option(help="Channels of the device, from 1: 3,4")] = None,
    play: Annotated[str | None, typer.Option(help="Where demo and files are heard: a device, browser or off.")] = None,
    tracker: Annotated[str | None, typer.Option(help="Beat tracker.")] = None,
    generator: Annotated[str | None, typer.Option(help="motion-graph, network, idle or probe.")] = None,
    style: Annotated[str | None, typer.Option(help="auto, a style, or a mix: club:2+jazz:1.")] = None,
    look: Annotated[str | None, typer.Option(help="neon, silhouette, skeleton or none; NAME+NAME for layers.")] = None,
    background: Annotated[str | None, typer.Option(help="none (alpha), black or stage.")] = None,
    dancers: Annotated[int | None, typer.Option(help="Number of dancers.")] = None,
    formation: Annotated[
        str | None, typer.Option(help="unison, mirror, canon, individuals, call, solo, couple, line, wedge ...")
    ] = None,
    director: Annotated[
        bool | None,
        typer.Option("--director/--no-director", help="Company, formation, scene and camera follow the music."),
    ] = None,
    window: Annotated[bool | None, typer.Option("--window/--no-window", help="A window on this machine.")] = None,
    display: Annotated[int | None, typer.Option(help="Which display, from 0.")] = None,
    fullscreen: Annotated[bool, typer.Option("--fullscreen", help="Borderless on that display.")] = False,
    size: Annotated[str | None, typer.Option(help="Size of the window: 1280x720.")] = None,
    web: Annotated[str | None, typer.Option(help="HOST:PORT of the page, or off.")] = None,
    osc: Annotated[list[str] | None, typer.Option(help="PROFILE=HOST:PORT, several times, or off.")] = None,
    osc_in: Annotated[str | None, typer.Option(help="HOST:PORT for OSC control, or off.")] = None,
    presets: Annotated[Path | None, typer.Option(help="The file (TOML) of the presets.")] = None,
    config: Annotated[Path | None, typer.Option(help="A TOML file.")] = None,
    seed: Annotated[int | None, typer.Option(help="The same seed, audio and controls give the same dance.")] = None,
    duration: Annotated[float | None, typer.Option(help="End after so many seconds.")] = None,
    record: Annotated[Path | None, typer.Option(help="Record the score: X.ldrec.")] = None,
    tui: Annotated[bool, typer.Option("--tui/--no-tui", help="The full-screen terminal.")] = True,
    log_json: Annotated[bool, typer.Option("--log-json", help="Facts as JSON lines.")] = False,
) -> None:
    """Run the show.

    Example: livedance run --device "USB Audio" --channels 3,4 --osc td=127.0.0.1:9000
    """
    from livedance.cli.run import overrides
    from livedance.cli.run import run as command

    tree = overrides(
        audio=audio, device=device, channels=channels, play=play, tracker=tracker, generator=generator, style=style,
        look=look, background=background, dancers=dancers, formation=formation, director=director, window=window,
        display=display, fullscreen=fullscreen, size=size, web=web, osc=osc, osc_in=osc_in, presets=presets,
        seed=seed, duration=duration, record=record, tui=tui, log_json=log_json,
    )  # fmt: skip
    raise typer.Exit(command(config, tree))


@app.command()
def beats(
    file: Annotated[Path, typer.Argument(help="An audio file.")],
    tracker: Annotated[str, typer.Option(help="Beat tracker: livedance, or aubio.")] = "livedance",
    hop_size: Annotated[int, typer.Option(help="Samples fed at once; one line each.")] = 512,
) -> None:
    """Print what the tracker knows, hop by hop, as JSON lines; strictly causal.

    Example: livedance beats track.wav | head
    """
    from livedance.cli.beats import beats as command

    command(file, tracker, hop_size)


@app.command()
def render(
    file: Annotated[Path, typer.Argument(help="An audio file.")],
    out: Annotated[Path, typer.Option(help="X.npz, X.bvh, X.mp4, X.png (X_00000.png ...) or X.ldrec.")],
    fps: Annotated[float, typer.Option(help="Frames per second.")] = 60.0,
    seed: Annotated[int | None, typer.Option(help="Seed of the dance.")] = None,
    dancers: Annotated[int, typer.Option(help="Number of dancers.")] = 1,
    formation: Annotated[
        str, typer.Option(help="unison, mirror, canon, individuals, call, solo, couple, line, wedge ...")
    ] = "unison",
    director: Annotated[
        bool, typer.Option("--director/--no-director", help="Company, formation, scene and camera follow the music.")
    ] = True,
    generator: Annotated[str, typer.Option(help="motion-graph, network, idle or probe.")] = "motion-graph",
    tracker: Annotated[str, typer.Option(help="Beat tracker: livedance, or aubio.")] = "livedance",
    style: Annotated[str, typer.Option(help="auto, a style, or a mix: club:2+jazz:1.")] = "auto",
    look: Annotated[str, typer.Option(help="Look of an mp4 or png.")] = "auto",
    background: Annotated[str, typer.Option(help="none, black or stage.")] = "stage",
    size: Annotated[str, typer.Option(help="Size of an mp4 or png.")] = "1280x720",
) -> None:
    """Dance to a file, faster than real time, into a file.

    Example: livedance render track.wav --out dance.mp4
    """
    from livedance.cli.render import render as command

    command(
        file, out, fps=fps, seed=seed, dancers=dancers, formation=formation, director=director, generator=generator,
        tracker=tracker, style=style, look=look, background=background, size=size,
    )  # fmt: skip


@app.command()
def replay(
    path: Annotated[Path, typer.Argument(help="A recording: X.ldrec.")],
    out: Annotated[Path | None, typer.Option(help="Convert to X.npz, X.bvh or X.mp4 instead of playing.")] = None,
    web: Annotated[str | None, typer.Option(help="HOST:PORT of the page, or off.")] = None,
    osc: Annotated[list[str] | None, typer.Option(help="PROFILE=HOST:PORT, several times, or off.")] = None,
    window: Annotated[bool | None, typer.Option("--window/--no-window", help="A window on this machine.")] = None,
    display: Annotated[int | None, typer.Option(help="Which display, from 0.")] = None,
    fullscreen: Annotated[bool, typer.Option("--fullscreen", help="Borderless on that display.")] = False,
    size: Annotated[str | None, typer.Option(help="Size of the window or of an mp4: 1280x720.")] = None,
    look: Annotated[str | None, typer.Option(help="Look of window, images and mp4; without it as recorded.")] = None,
    background: Annotated[str | None, typer.Option(help="none (alpha), black or stage.")] = None,
    fps: Annotated[float, typer.Option(help="Frames per second of --out.")] = 60.0,
    duration: Annotated[
        float | None, typer.Option(help="End after so many seconds; without it, round and round.")
    ] = None,
    tui: Annotated[bool, typer.Option("--tui/--no-tui", help="The full-screen terminal.")] = True,
    log_json: Annotated[bool, typer.Option("--log-json", help="Facts as JSON lines.")] = False,
) -> None:
    """Play a recording to every output, or convert it.

    Example: livedance replay show.ldrec
    """
    from livedance.cli.replay import replay as command

    options = {
        "web": web, "osc": osc, "window": window, "display": display, "fullscreen": fullscreen, "size": size,
        "look": look, "background": background, "duration": duration, "tui": tui, "log_json": log_json,
    }  # fmt: skip
    raise typer.Exit(command(path, out=out, fps=fps, options=options))


@app.command()
def devices(as_json: Annotated[bool, typer.Option("--json", help="For programs.")] = False) -> None:
    """List what can be listened to and played on.

    Example: livedance devices --json
    """
    from livedance.cli.devices import devices as command

    command(as_json)


@app.command()
def doctor(as_json: Annotated[bool, typer.Option("--json", help="For programs.")] = False) -> None:
    """Check this machine on one screen and say what to do.

    Example: livedance doctor
    """
    from livedance.cli.doctor import doctor as command

    raise typer.Exit(command(as_json))


_GROUPS = {
    "osc": "livedance.cli.osc",
    "config": "livedance.cli.config",
    "bench": "livedance.cli.bench",
    "eval": "livedance.cli.eval",
    "train": "livedance.cli.train",
    "export": "livedance.cli.export",
}
"""Commands with names of their own; a module is imported only when its group is asked for."""

_GROUP_HELP = {
    "osc": "The OSC address table, and a monitor.\n\nExample: livedance osc monitor --match beat",
    "config": "Make or check a configuration.\n\nExample: livedance config init show.toml",
    "bench": "Measure this machine: latency, sync, CPU.\n\nExample: livedance bench show",
    "eval": "Measure the dance.\n\nExample: livedance eval dance",
    "train": "Make data and weights (extra: train).\n\nExample: livedance train library --data ~/dance-data",
    "export": "Write models for the runtime (extra: train).\n\nExample: livedance export NAME",
}


def _commands(group: typer.Typer) -> list[str]:
    """Return the names of a group's commands."""
    return [c.name or c.callback.__name__.replace("_", "-") for c in group.registered_commands if c.callback]


def _add_groups(argv: list[str]) -> None:
    """Put the group that `argv` asks for into the tree, and empty stand-ins (for --help) for the others."""
    app.registered_groups.clear()
    for name, module in _GROUPS.items():
        group = typer.Typer()
        if argv[:1] == [name]:
            group = importlib.import_module(module).app
            asked = next((a for a in argv[1:] if not a.startswith("-")), None)
            names = _commands(group)
            if asked is not None and asked not in names:
                there = f"There are: {', '.join(names)}" if names else "There is none in this version."
                raise ConfigError(f"there is no '{name} {asked}'{near(asked, names)} {there}")
        app.add_typer(group, name=name, help=_GROUP_HELP[name], no_args_is_help=True)


def main(argv: list[str] | None = None) -> None:
    """Run the command line and exit with the code of design: one sentence per error."""
    sys.exit(call(sys.argv[1:] if argv is None else argv))


def call(argv: list[str]) -> int:
    """Return the exit code of one command line."""
    try:
        _add_groups(argv)
        app(argv, prog_name="livedance")
    except LivedanceError as error:
        print(f"livedance: {error}", file=sys.stderr)
        return error.exit_code
    except KeyboardInterrupt:
        return 130
    except BrokenPipeError:
        # The reader (head, less) has had enough.
        sys.stderr.close()
        return 0
    except SystemExit as ended:
        return ended.code if isinstance(ended.code, int) else 0
    return 0
