"""A child depends on the supervisor, even on one that died before the child began."""

import os
import subprocess
import sys
import time

from livedance import show as shows
from livedance.config import LiveConfig
from livedance.supervisor import Child, Supervisor


def test_life_ends_when_the_supervisor_is_not_our_parent():
    dead = subprocess.Popen([sys.executable, "-c", ""])
    dead.wait()
    show = shows.create(LiveConfig(), 1)
    plan = (
        (show.folder / "show.json")
        .read_text()
        .replace(f'"supervisor_pid": {os.getpid()}', f'"supervisor_pid": {dead.pid}')
    )
    (show.folder / "show.json").write_text(plan)
    code = (
        "import sys, time; from pathlib import Path; from livedance import show, process\n"
        "life = process.Life(show.load(Path(sys.argv[1])), 'brain')\n"
        "while life.goes_on(): time.sleep(0.01)"
    )
    child = subprocess.Popen([sys.executable, "-c", code, str(show.folder)])
    try:
        assert child.wait(20) == 0
    finally:
        child.kill()


def test_board_carries_stop_wishes_and_heartbeats():
    show = shows.create(LiveConfig(), 1)
    one, other = show.board(), show.board()
    assert not other.stop and not other.painter_wanted and other.last_beat_s("brain") == 0.0
    one.want_painter(True)
    one.beat("brain")
    one.ask_stop()
    assert other.stop and other.painter_wanted
    assert 0 <= time.monotonic() - other.last_beat_s("brain") < 5.0


def test_show_survives_the_way_to_its_processes():
    show = shows.create(LiveConfig(seed=5), 5)
    assert shows.load(show.folder) == show
    assert (show.folder / "show.json").stat().st_mode & 0o077 == 0


def test_a_stall_of_the_whole_machine_is_nobodys_fault():
    """Heartbeats that are old because everything stood still do not count; silence while we run does."""
    show = shows.create(LiveConfig(), 1)
    supervisor = Supervisor(show, ())
    child = Child("stage", process=subprocess.Popen([sys.executable, "-c", "import time; time.sleep(60)"]))
    show.board().beat("stage")
    start = time.monotonic()
    supervisor._check_heart(child, start)
    supervisor._check_heart(child, start + 30.0)
    assert child.process.poll() is None, "a stall of 30 s was held against the stage"
    for tick in range(1, 200):
        supervisor._check_heart(child, start + 30.0 + 0.02 * tick)
    assert child.process.poll() is not None, "four silent seconds were not noticed"
