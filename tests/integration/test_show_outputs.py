"""The running show under attack, under control, on machines that miss something; and the two clocks."""

import ast
import os
import random
import socket
import subprocess
import sys
import time

import numpy as np
import pytest
from pythonosc.osc_message_builder import OscMessageBuilder
from websockets.exceptions import ConnectionClosed

from tests.integration.running_show import REPOSITORY, SCALE, OscListener, free_port, running, wait_for
from tests.integration.watchers import Rhythm, WebClient, sent_times

DEMO = ("--audio", "demo", "--play", "off", "--seed", "3")
FLOOD_PER_S, FLOOD_S = 20_000, 2.0
BLACKOUT_BIT = 4


class Controlled:
    """One show with every input open, shared by the tests of this module (a start takes seconds)."""

    def __init__(self, show, osc: OscListener, port: int, rhythm: Rhythm) -> None:
        self.show, self.osc, self.port, self.rhythm = show, osc, port, rhythm
        self.url = show.fact("url", 30)
        self.watch = WebClient(self.url, want=("score", "stats"))
        self.sender = socket.socket(socket.AF_INET, socket.SOCK_DGRAM)

    def send(self, address: str, *values) -> None:
        builder = OscMessageBuilder(address=f"/livedance/{address}")
        for value in values:
            builder.add_arg(value)
        self.sender.sendto(builder.build().dgram, ("127.0.0.1", self.port))

    def controls(self) -> dict:
        return self.watch.state().get("controls", {})

    def wait(self, name: str, value) -> None:
        wait_for(lambda: self.controls().get(name) == value, 5, f"{name} = {value} in {self.controls()}")

    def processes(self) -> dict:
        return {role: self.show.pid(role) for role in ("stage", "brain", "herald", "terminal")}


@pytest.fixture(scope="module")
def controlled():
    osc, port, rhythm = OscListener(), free_port(socket.SOCK_DGRAM), Rhythm()
    args = ("--web", "127.0.0.1:0", "--osc", f"default=127.0.0.1:{osc.port}", "--osc-in", f"127.0.0.1:{port}")
    with running(*DEMO, *args, "--dancers", "3") as show:
        it = Controlled(show, osc, port, rhythm)
        wait_for(lambda: osc.last("/livedance/beat/confidence", 0.0) > 0.3, 30, "a sure beat")
        yield it
        it.watch.close()
    rhythm.close()
    osc.close()


def test_controls_over_osc(controlled):
    controlled.send("blackout", 1)
    wait_for(lambda: controlled.osc.last("/livedance/state", 0) & BLACKOUT_BIT, 3, "the blackout bit")
    controlled.wait("blackout", True)
    controlled.send("blackout", 0)
    wait_for(lambda: not controlled.osc.last("/livedance/state", 0) & BLACKOUT_BIT, 3, "light")

    controlled.send("style", "salsa")
    controlled.wait("style", "salsa")
    start = time.monotonic()
    wait_for(lambda: len(controlled.watch.windows(start)) >= 3, 8, "the dance to go on in that style")
    controlled.send("style", 0)
    controlled.wait("style", "auto")

    controlled.send("dancers", 1)
    wait_for(lambda: controlled.osc.last("/livedance/dancer/2/conf", 1.0) == 0.0, 3, "one dancer")
    controlled.send("dancers", 3)
    wait_for(lambda: controlled.osc.last("/livedance/dancer/3/conf", 0.0) > 0.0, 3, "three dancers")

    for _ in range(8):
        controlled.send("tap")
        time.sleep(0.6)
    assert wait_for(lambda: abs(controlled.osc.last("/livedance/bpm", 0.0) - 100.0) < 6.0, 4, "100 BPM by hand")
    controlled.send("reset")


def test_controls_over_websocket_need_the_token(controlled):
    for token in ("", "wrong"):
        stranger = WebClient(controlled.url, token=token)
        answer = stranger.control("blackout", 1)
        assert not answer["ok"] and "token" in answer["error"]
        stranger.close()
    friend = WebClient(controlled.url)
    assert friend.control("set", blackout=True)["ok"]
    wait_for(lambda: controlled.osc.last("/livedance/state", 0) & BLACKOUT_BIT, 3, "the blackout bit")
    assert friend.control("toggle", field="blackout")["ok"]
    wait_for(lambda: not controlled.osc.last("/livedance/state", 0) & BLACKOUT_BIT, 3, "light")
    friend.close()


def test_controls_that_make_no_sense_end_no_process(controlled):
    """Every one was enough to end stage or brain once, or might be: unknown names, wrong kinds, huge numbers."""
    before, controls = controlled.processes(), controlled.controls()
    friend = WebClient(controlled.url)
    for op, args in (
        ("set", {"style": "no such style"}),
        ("set", {"look": "no such look"}),
        ("set", {"style": None, "look": ["neon"]}),
        ("set", {"dancers": 1e14}),
        ("set", {"extra": "text"}),
        ("set", {"version": 3}),
        ("toggle", {"field": "energy"}),
        ("step", {"field": "energy"}),
        ("add", {"field": "look"}),
        ("external", {"tempo": "fast", "beat": True}),
        ("tempo", {}),
        ("nothing", {}),
    ):
        friend.control(op, **args)
        time.sleep(0.05)  # 20 messages a second are allowed
    for op, value in (("style", "salsa?"), ("style", [1, 2]), ("dancers", "many"), ("blackout", {"a": 1})):
        friend.send("control", op=op, args={"value": value}, token=friend.token)
    controlled.send("style", "no such style")
    controlled.send("dancers", float("nan"))
    time.sleep(2.0)
    assert controlled.processes() == before
    after = controlled.controls()
    assert (after["style"], after["look"]) == (controls["style"], controls["look"])
    wait_for(lambda: controlled.show.facts().get("standby") is False, 5, "the brain to make the dance")
    friend.control("set", dancers=3)
    controlled.wait("dancers", 3)
    friend.close()


FLOOD = f"""
import random, socket, struct, sys, time
rng = random.Random(1)
good = [b"/livedance/energy\\0\\0\\0,f\\0\\0" + struct.pack(">f", i / 100) for i in range(90)]
bad = [rng.randbytes(rng.randrange(0, 200)) for _ in range(6)]
bad += [b"#bundle\\0" + rng.randbytes(40), good[0][:-4], b"/livedance/tap\\0", b""]
messages, target = good + bad, ("127.0.0.1", int(sys.argv[1]))
sender, n, start = socket.socket(socket.AF_INET, socket.SOCK_DGRAM), 0, time.monotonic()
while (now := time.monotonic()) < start + {FLOOD_S}:
    for n in range(n, int((now - start) * {FLOOD_PER_S})):
        sender.sendto(messages[n % 100], target)
    time.sleep(0.001)
print(n / {FLOOD_S})
"""
"""A process of its own, or it would take our listener's turns."""


def test_osc_garbage_and_a_flood_do_not_disturb_the_rhythm(controlled):
    before, start = controlled.processes(), time.monotonic()
    done = subprocess.run(
        [sys.executable, "-c", FLOOD, str(controlled.port)], capture_output=True, text=True, check=True
    )
    end = time.monotonic()
    times = sent_times(controlled.osc, start, end)
    rate, p99_s = len(times) / (end - start), float(np.percentile(np.diff(times), 99))
    late_s = controlled.rhythm.lateness_s(start, end)
    print(f"flood of {float(done.stdout):.0f} messages/s: OSC out {rate:.1f} Hz, p99 gap {p99_s * 1e3:.0f} ms")
    assert float(done.stdout) > 0.5 * FLOOD_PER_S, "this machine is too slow to be a flood"
    assert rate > 50 / (1 + 40 * late_s)
    assert p99_s < 0.05 + 3 * late_s
    time.sleep(0.3)  # What the system had queued is read and dropped.
    controlled.send("energy", 0.25)
    controlled.wait("energy", 0.25)
    controlled.send("energy", -1.0)
    controlled.wait("energy", None)
    assert controlled.processes() == before


def test_websocket_garbage_does_not_disturb_the_show(controlled):
    rng = random.Random(2)
    before, start = controlled.processes(), time.monotonic()
    for round_ in range(6):
        client = WebClient(controlled.url)
        try:
            odd = ("{", "[1]", '{"type": "hello", "want": 7}', '{"type": "control"}', "[" * 2_000, '{"type": "ack"}')
            for message in (*odd, rng.randbytes(100), rng.randbytes(5_000 if round_ % 2 else 9)):
                client.socket.send(message)
        except ConnectionClosed:
            pass  # Too long a message closes the connection: 1009.
        client.close()
    for raw in (rng.randbytes(500), b"GET / HTTP/1.1\r\n\r\n", b"GET /ws HTTP/1.1\r\nHost: x\r\n\r\n"):
        host, _, port = controlled.watch.address.removeprefix("ws://").removesuffix("/ws").partition(":")
        with socket.create_connection((host, int(port))) as stranger:
            stranger.sendall(raw)
    time.sleep(1.5)
    assert controlled.watch.closed_s is None, "a well-behaved viewer lost its connection"
    assert controlled.processes() == before
    assert len(controlled.watch.windows(start)) >= 2
    end = time.monotonic()
    rate = len(sent_times(controlled.osc, start, end)) / (end - start)
    assert rate > 50 / (1 + 40 * controlled.rhythm.lateness_s(start, end))


# --- machines that miss something ---------------------------------------------------------------------------------


def stubs(folder, **modules: str) -> dict[str, str]:
    """Return an environment in which importing these modules fails as it does where the library is missing."""
    for name, error in modules.items():
        (folder / f"{name}.py").write_text(f"raise {error}\n")
    return {"PYTHONPATH": os.pathsep.join([str(folder), os.environ.get("PYTHONPATH", "")])}


NO_PORTAUDIO = {
    "sounddevice": "OSError('PortAudio library not found')",
    "pyaudio": "ImportError('libportaudio.so.2: cannot open shared object file: No such file or directory')",
    "pyaudiowpatch": "ModuleNotFoundError('No module named pyaudiowpatch')",
}
NO_LIBGL = {"cv2": "ImportError('libGL.so.1: cannot open shared object file: No such file or directory')"}


def test_without_portaudio_and_libgl_the_demo_dances_in_browser_and_osc(tmp_path):
    osc = OscListener()
    env = {**stubs(tmp_path, **NO_PORTAUDIO, **NO_LIBGL), "DISPLAY": ":99"}
    args = ("--audio", "demo", "--web", "127.0.0.1:0", "--osc", f"default=127.0.0.1:{osc.port}", "--window")
    try:
        with running(*args, env=env) as show:
            client = WebClient(show.fact("url", 20), want=("score", "image"))
            wait_for(lambda: len(client.windows()) >= 3, 20, "the dance in the browser")
            wait_for(lambda: osc.last("/livedance/beat/confidence", 0.0) > 0.3, 20, "a sure beat over OSC")
            said = [line for line in show.lines if "libgl1" in line]
            assert any("no window" in line for line in said), show.lines
            assert len(said) <= 2, "said again and again"
            assert not any("Traceback" in line for line in show.lines)
            wait_for(lambda: show.pid("window") is None and show.pid("painter") is None, 5, "both to give up for good")
            client.close()
            assert show.stop() == 130
    finally:
        osc.close()


def test_without_portaudio_a_microphone_names_the_package(tmp_path):
    args = ("--audio", "mic", "--web", "off", "--osc", "off")
    with running(*args, env=stubs(tmp_path, **NO_PORTAUDIO)) as show:
        assert show.process.wait(20 * SCALE) == 3
        wait_for(lambda: any("libportaudio2" in line for line in show.lines), 2, f"the package in {show.lines}")
        assert not any("Traceback" in line for line in show.lines)


# --- the clocks ---------------------------------------------------------------------------------------------------

WALL_CLOCK = {"time.time", "time.time_ns", "datetime.now", "datetime.utcnow", "datetime.today", "date.today"}


def test_only_unix_s_asks_the_wall_clock():
    """A clock that jumps (NTP, daylight saving, a person) can change nothing but the UTC stamp beside show time."""
    asked: dict[str, list[str]] = {}
    for path in (REPOSITORY / "livedance").rglob("*.py"):
        part = path.relative_to(REPOSITORY / "livedance").parts[0]
        if part in ("evaluation", "training"):
            continue
        source = path.read_text()
        for statement in ast.walk(ast.parse(source)):
            if isinstance(statement, ast.Call) and ast.unparse(statement.func).removeprefix("datetime.") in WALL_CLOCK:
                asked.setdefault(path.name, []).append(source.splitlines()[statement.lineno - 1])
    assert set(asked) == {"stage.py", "brain_live.py", "replayer.py"}, asked
    assert all("unix" in line for lines in asked.values() for line in lines), asked
