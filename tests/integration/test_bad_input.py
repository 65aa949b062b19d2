"""Bad input: one clear sentence that names the thing, the right exit code, nothing left behind."""

import os
import socket
import subprocess
import sys

import numpy as np
import pytest
import soundfile

from tests.integration.running_show import REPOSITORY


def livedance(*args: str, **env: str) -> subprocess.CompletedProcess:
    return subprocess.run(
        [sys.executable, "-m", "livedance", *args], cwd=REPOSITORY, env={**os.environ, **env}, capture_output=True,
        text=True, timeout=60, check=False, stdin=subprocess.DEVNULL,
    )  # fmt: skip


def assert_sentence(done: subprocess.CompletedProcess, code: int, *words: str) -> None:
    """One line on stderr with every word in it, and the exit code of design."""
    assert done.returncode == code, done.stderr + done.stdout
    lines = [line for line in done.stderr.splitlines() if line.strip()]
    assert len(lines) == 1, done.stderr
    assert "Traceback" not in done.stderr
    for word in words:
        assert word in lines[0], lines[0]


@pytest.mark.parametrize(
    ("args", "code", "words"),
    [
        (("run", "--audio", "none.wav"), 6, ("none.wav",)),
        (("run", "--audio", "micc"), 3, ("micc", "mic")),
        (("run", "--tracker", "aubioo"), 2, ("aubioo", "did you mean 'aubio'")),
        (("run", "--generator", "netwrk"), 2, ("netwrk", "network", "motion-graph")),
        (("run", "--look", "meshes"), 2, ("meshes", "mesh", "neon")),
        (("run", "--look", "neon+"), 2, ("neon+", "NAME")),
        (("run", "--style", "salza"), 2, ("salza", "did you mean 'salsa'")),
        (("run", "--osc", "vmc=127.0.0.1:39539"), 2, ("vmc", "default")),
        (("run", "--osc", "td=localhost"), 2, ("td=localhost",)),
        (("run", "--web", "localhost"), 2, ("localhost", "HOST:PORT")),
        (("run", "--size", "big"), 2, ("big", "1280x720")),
        (("run", "--channels", "0"), 2, ("0", "3,4")),
        (("run", "--dancers", "99"), 2, ("dancers", "99")),
        (("run", "--record", "no/such/folder/x.ldrec"), 6, ("no/such/folder",)),
        (("run", "--record", "x.mp4"), 2, ("x.mp4", ".ldrec")),
        (("run", "--config", "none.toml"), 6, ("none.toml",)),
        (("replay", "none.ldrec"), 6, ("none.ldrec",)),
        (("render", "none.wav", "--out", "x.npz"), 6, ("none.wav",)),
        (("beats", "none.wav"), 6, ("none.wav",)),
        (("bench", "nothing"), 2, ("nothing",)),
        (("eval", "nothing"), 2, ("nothing",)),
        (("train", "nothing"), 2, ("nothing",)),
        (("export", "nothing"), 2, ("nothing",)),
        (("osc", "nothing"), 2, ("nothing", "schema")),
        (("osc", "monitor", "--host", "203.0.113.9"), 2, ("203.0.113.9", "--host")),
        (("run", "--web", "203.0.113.9:8765"), 2, ("203.0.113.9", "127.0.0.1")),
        (("run", "--audio", "demo", "--play", "no such output", "--osc", "off"), 3, ("no such output", "--play")),
        (("eval", "dance", "--bpm", "fast"), 2, ("--bpm", "fast")),
    ],
)
def test_sentence_and_exit_code(args, code, words):
    assert_sentence(livedance(*args), code, *words)


@pytest.mark.parametrize("command", ["beats", "render", "run"])
@pytest.mark.parametrize("fault", ["empty", "text", "no samples", "nan"])
def test_audio_files_that_hold_no_music(tmp_path, command, fault):
    path = tmp_path / "broken.wav"
    if fault == "empty":
        path.touch()
    elif fault == "text":
        path.write_text("this is no sound")
    elif fault == "no samples":
        soundfile.write(path, np.zeros(0), 44_100)
    else:
        soundfile.write(path, np.full(44_100, np.nan), 44_100, subtype="FLOAT")
    out = tmp_path / "out.npz"
    args = {
        "beats": ("beats", str(path)),
        "render": ("render", str(path), "--out", str(out)),
        "run": ("run", "--audio", str(path), "--web", "off", "--osc", "off", "--no-window", "--duration", "8"),
    }[command]
    done = livedance(*args)
    assert done.returncode == 6, done.stderr + done.stdout
    sentences = [line for line in done.stderr.splitlines() if "broken.wav" in line]
    assert len(sentences) == 1 and "Traceback" not in done.stderr
    assert not out.exists() and not list(tmp_path.glob(".*"))


@pytest.mark.parametrize(("option", "kind"), [("--web", socket.SOCK_STREAM), ("--osc-in", socket.SOCK_DGRAM)])
def test_a_port_that_was_asked_for_and_is_taken(option, kind):
    with socket.socket(socket.AF_INET, kind) as taken:
        taken.bind(("127.0.0.1", 0))
        if kind == socket.SOCK_STREAM:
            taken.listen()
        port = taken.getsockname()[1]
        done = livedance("run", "--audio", "demo", option, f"127.0.0.1:{port}")
    assert_sentence(done, 5, str(port))


def test_render_refuses_what_it_cannot_write(tmp_path):
    track = tmp_path / "track.wav"
    soundfile.write(track, np.random.default_rng(0).normal(size=44_100) * 0.1, 44_100)
    assert_sentence(livedance("render", str(track), "--out", str(tmp_path / "x.gif")), 2, "x.gif", ".mp4")
    assert_sentence(livedance("render", str(track), "--out", str(tmp_path / "no" / "x.npz")), 6, "no")
    done = livedance("render", str(track), "--out", str(tmp_path / "x.mp4"), "--size", "641x361", "--seed", "1")
    assert_sentence(done, 2, "641x361")
    assert list(tmp_path.iterdir()) == [track]


def test_a_recording_of_something_else(tmp_path):
    path = tmp_path / "x.ldrec"
    path.write_bytes(b"RIFF....WAVE")
    assert_sentence(livedance("replay", str(path)), 6, "x.ldrec")


def test_config_typo_names_the_near_key(tmp_path):
    path = tmp_path / "show.toml"
    path.write_text("[audio]\ndevic = 'x'\n")
    assert_sentence(livedance("run", "--config", str(path)), 2, "audio.devic", "did you mean 'device'")


@pytest.mark.parametrize(
    ("text", "words"),
    [
        ("[beat]\ntracker = 'aubioo'", ("aubioo", "did you mean 'aubio'")),
        ("[dance]\nstyle = 'salza'", ("salza", "did you mean 'salsa'")),
        ("[look]\nname = 'neom'", ("neom", "did you mean 'neon'")),
        ("[look]\ncamera = 'font'", ("look.camera", "front")),
        ("[[osc]]\nprofile = 'tdd'", ("tdd", "did you mean 'td'")),
        ("[web]\nimage_size = [0, 0]", ("web.image_size",)),
    ],
)
def test_config_check_knows_the_names(tmp_path, text, words):
    path = tmp_path / "show.toml"
    path.write_text(text)
    assert_sentence(livedance("config", "check", str(path)), 2, *words)
    assert_sentence(livedance("run", "--config", str(path), "--audio", "demo"), 2, *words)


def test_config_init_never_overwrites(tmp_path):
    path = tmp_path / "show.toml"
    assert livedance("config", "init", str(path)).returncode == 0
    before = path.read_text()
    assert_sentence(livedance("config", "init", str(path)), 6, "show.toml")
    assert path.read_text() == before


def test_help_of_every_command_has_an_example():
    for name in (
        "run",
        "beats",
        "render",
        "replay",
        "devices",
        "doctor",
        "osc",
        "config",
        "bench",
        "eval",
        "train",
        "export",
    ):
        done = livedance(name, "--help")
        assert done.returncode == 0 and "Example:" in done.stdout, name


def test_missing_extra_gives_the_install_line(tmp_path):
    (tmp_path / "aubio.py").write_text("raise ImportError('no aubio here')\n")
    track = tmp_path / "track.wav"
    soundfile.write(track, np.zeros(44_100), 44_100)
    done = livedance("beats", str(track), "--tracker", "aubio", PYTHONPATH=str(tmp_path))
    assert_sentence(done, 2, "pip install 'livedance[aubio]'")


def test_nothing_at_run_time_imports_torch():
    code = (
        "import sys, livedance.brain_live, livedance.stage, livedance.herald, livedance.screen, livedance.painter,"
        " livedance.terminal, livedance.supervisor, livedance.offline; print('torch' in sys.modules)"
    )
    done = subprocess.run([sys.executable, "-c", code], cwd=REPOSITORY, capture_output=True, text=True, check=True)
    assert done.stdout.strip() == "False"
