"""`livedance bench NAME`: measure the running product from outside."""

from __future__ import annotations

import functools
from pathlib import Path
from typing import Annotated

import typer

from livedance.cli.results import AsJson, Out, tell

app = typer.Typer(help="Measure the running product.", no_args_is_help=True)


@app.callback()
def _bench() -> None:
    """Measure the running product."""


@app.command()
def sync(
    bpm: Annotated[str, typer.Option(help="Tempi of the click tracks.")] = "100,128",
    music: Annotated[Path | None, typer.Option(help="Folder with tracks and their beats (index.json).")] = None,
    tracks: Annotated[str, typer.Option(help="Files in that folder.")] = "own_house_124.ogg,own_hiphop_92.ogg",
    tracker: Annotated[str, typer.Option(help="Tracker beside the exact one.")] = "livedance",
    seconds: Annotated[float, typer.Option(help="Length of each track.")] = 24.0,
    window: Annotated[
        bool, typer.Option("--window/--no-window", help="Watch a window on a virtual display too.")
    ] = True,
    as_json: AsJson = False,
    out: Out = None,
) -> None:
    """Measure whether every output is on the beat that is heard.

    Example: livedance bench sync --bpm 128 --seconds 20 --out docs/results/sync
    """
    from livedance.cli.run import parse_numbers
    from livedance.evaluation import sync as bench

    rows = bench.run(
        exact_bpms=parse_numbers("--bpm", bpm), tracker=tracker, music=music,
        music_names=tracks.split(","), seconds=seconds, window=window, out=out,
    )  # fmt: skip
    lines = (
        f"{row.track:<16} {row.tracker:<8} {row.output:<16} mean {row.found.mean_ms:7.1f} ms"
        f"  sd {row.found.sd_ms:6.1f} ms  R {row.found.phase_r:.2f}  ({row.found.accents} accents)"
        for row in rows
    )
    tell({"rows": rows}, lines, out=out, as_json=as_json)


@app.command()
def show(
    seconds: Annotated[float, typer.Option(help="Length of the track.")] = 60.0,
    music: Annotated[Path | None, typer.Option(help="Folder with tracks and their beats; without it, clicks.")] = None,
    track: Annotated[str, typer.Option(help="File in that folder.")] = "own_house_124.ogg",
    clients: Annotated[int, typer.Option(help="Viewers.")] = 3,
    browsers: Annotated[bool, typer.Option("--browsers", help="Real headless Chromium pages as viewers.")] = False,
    as_json: AsJson = False,
    out: Out = None,
) -> None:
    """Measure processor share, memory and start of a whole show.

    Example: livedance bench show --seconds 120 --out docs/results/show
    """
    from livedance.evaluation import show_load as bench
    from livedance.evaluation.sync import again, click_tracks, music_tracks

    tracks = click_tracks([124.0], seconds, "") if music is None else music_tracks(music, [track], seconds, "")
    measure = functools.partial(bench.run, track=tracks[0], clients=clients, real_browsers=browsers, out=out)
    loads, starts = again(measure)
    lines = [
        f"{load.role:<12} {load.cpu_percent:6.1f} % of one core  {load.rss_mb:7.1f} MB  {load.rss_mb_per_h:+8.1f} MB/h"
        for load in loads
    ]
    for name in bench.Starts.__slots__:
        lines.append(f"{name.removesuffix('_s').replace('_', ' '):<20} {getattr(starts, name):6.2f} s")
    tell({"loads": loads, "starts": starts}, lines, out=out, as_json=as_json)


@app.command()
def look(
    looks: Annotated[str, typer.Option(help="Names.")] = "neon,mesh,silhouette,skeleton",
    sizes: Annotated[str, typer.Option(help="Sizes, WxH each.")] = "384x384,1280x720",
    dancers: Annotated[str, typer.Option(help="How many dance.")] = "1,3",
    frames: Annotated[int, typer.Option(help="Pictures of each.", min=1)] = 150,
    show: Annotated[float, typer.Option(help="Seconds in the window of a whole show, too; 0: not.", min=0)] = 0.0,
    as_json: AsJson = False,
    out: Out = None,
) -> None:
    """Measure how fast each look draws.

    Example: livedance bench look --looks mesh --out docs/results/look
    """
    from rich.console import Console
    from rich.progress import track

    from livedance.cli.run import check_look, parse_numbers, parse_size
    from livedance.evaluation import look_time as bench

    for name in looks.split(","):
        check_look(name)
    console = Console(stderr=True)
    found, shows = bench.run(
        looks.split(","), [parse_size(size) for size in sizes.split(",")],
        [int(n) for n in parse_numbers("--dancers", dancers)], frames, out,
        lambda cases: track(cases, description="drawing", console=console), show,
    )  # fmt: skip
    lines = [
        f"{t.look:<12} {t.width_px}x{t.height_px}  {t.background:<6} {t.dancers} dancers  {t.wall_p50_ms:6.1f} ms"
        f"  {1000.0 / t.wall_p50_ms:6.0f} a second  {t.p50_ms:6.1f} CPU ms"
        for t in found
    ]
    lines += [
        f"{s.look:<12} {s.width_px}x{s.height_px}  in a show {s.dancers} dancers  {s.draw_p50_ms:6.1f} ms"
        f"  {s.fps:6.0f} a second  level {s.level}"
        for s in shows
    ]
    tell({"looks": found, "shows": shows}, lines, out=out, as_json=as_json)


@app.command()
def render(
    track: Annotated[Path | None, typer.Option(help="Sound file; without it, a demo track.")] = None,
    times: Annotated[int, typer.Option(help="Runs of each case.", min=1)] = 5,
    as_json: AsJson = False,
    out: Out = None,
) -> None:
    """Measure how much faster than real time a file becomes poses.

    Example: livedance bench render --times 5 --out docs/results/render
    """
    from rich.console import Console
    from rich.progress import track as watched

    from livedance.evaluation import render_time as bench
    from livedance.paths import ASSETS

    console = Console(stderr=True)
    chosen = sorted((ASSETS / "music").glob("*.ogg"))[0] if track is None else track
    found = bench.run(chosen, times, out, lambda runs: watched(runs, description="rendering", console=console))
    lines = (
        f"{t.case:<18} {t.audio_s:6.1f} s in {min(t.wall_s):5.2f} ... {max(t.wall_s):5.2f} s: {t.speed:4.1f} times"
        for t in found
    )
    tell({"renders": found}, lines, out=out, as_json=as_json)


@app.command()
def kills(
    times: Annotated[int, typer.Option(help="How often the brain is killed.")] = 6,
    as_json: AsJson = False,
    out: Out = None,
) -> None:
    """Kill the brain of a running show again and again and measure what a receiver sees of it (Linux).

    Example: livedance bench kills --times 3 --json
    """
    from livedance.evaluation import kills as bench

    found = bench.run(times, out)
    lines = (
        f"gap {1e3 * kill.gap_s:5.0f} ms (usual worst {1e3 * kill.usual_gap_s:3.0f})   "
        f"new window after {kill.back_s:4.2f} s   hips {kill.speed:4.2f} m/s (usual p99 {kill.usual_speed:4.2f})"
        for kill in found
    )
    tell({"kills": found}, lines, out=out, as_json=as_json)


@app.command()
def soak(
    minutes: Annotated[float, typer.Option(help="How long the show runs.")] = 30.0,
    clients: Annotated[int, typer.Option(help="Score viewers.")] = 3,
    as_json: AsJson = False,
    out: Out = None,
) -> None:
    """Run a show for long and measure whether memory, threads and handles grow (Linux).

    Example: livedance bench soak --minutes 480 --out docs/results/soak
    """
    from rich.console import Console
    from rich.progress import track

    from livedance.evaluation import soak as bench

    console = Console(stderr=True)
    grown = bench.run(minutes, clients, out, lambda n: track(range(n), description="soaking", console=console))
    lines = (
        f"{role.role:<12} {role.rss_mb:6.1f} MB  {role.rss_mb_per_h:+7.2f} MB/h"
        f"  last third {role.late_mb_per_h:+.2f}  threads {role.threads[0]}"
        f" -> {role.threads[1]}  handles {role.handles[0]} -> {role.handles[1]}"
        for role in grown
    )
    tell({"processes": grown}, lines, out=out, as_json=as_json)


@app.command()
def page(
    minutes: Annotated[float, typer.Option(help="How long the page is watched.")] = 30.0,
    mode: Annotated[str, typer.Option(help="3d or 2d.")] = "3d",
    size: Annotated[str, typer.Option(help="Size of the page: 640x360.")] = "640x360",
    as_json: AsJson = False,
    out: Out = None,
) -> None:
    """Show the demo in a headless page for long and measure whether its heap grows (Linux, needs Chromium).

    Example: livedance bench page --minutes 30 --out docs/results/page
    """
    from rich.console import Console
    from rich.progress import track

    from livedance.cli.run import parse_size
    from livedance.evaluation import page_heap as bench

    console = Console(stderr=True)
    found = bench.run(
        minutes, mode, parse_size(size), out, lambda n: track(range(n), description="watching", console=console)
    )
    lines = (
        f"{found.mode}  {found.live_mb:6.2f} MB live  {found.live_mb_per_h:+.2f} MB/h  last third"
        f" {found.late_mb_per_h:+.2f} MB/h  nodes {found.nodes[0]} -> {found.nodes[1]}  listeners"
        f" {found.listeners[0]} -> {found.listeners[1]}  {found.fps:.0f} pictures a second",
    )
    tell({"page": found}, lines, out=out, as_json=as_json)


@app.command()
def fanout(
    viewers: Annotated[int, typer.Option(help="Score viewers.")] = 1_000,
    seconds: Annotated[float, typer.Option(help="Length of each of the four rows.")] = 20.0,
    as_json: AsJson = False,
    out: Out = None,
) -> None:
    """Measure how late the score reaches very many viewers, and whether bad ones harm the others (Linux).

    Example: livedance bench fanout --out docs/results/fanout
    """
    from livedance.evaluation import fanout as bench

    rows = bench.run(viewers, seconds, out)
    lines = (
        f"{row.viewers:5} viewers beside {row.beside:<8} age p50 {row.age_p50_ms:5.1f} p99 {row.age_p99_ms:6.1f} ms"
        f"  lead {row.lead_least_beats:5.2f} beats  herald {row.herald_cores:.2f} cores"
        f"  OSC jitter {row.osc_jitter_p99_ms:.1f} ms  cut off {row.lost}"
        for row in rows
    )
    tell({"rows": rows}, lines, out=out, as_json=as_json)
