"""What a show leaves behind: recordings that can be read whatever ended it, nothing else."""

import itertools
import os
import resource
import signal
import subprocess
import sys
import time

import pytest

from livedance.broadcast import ldrec, wire
from tests.integration.running_show import REPOSITORY, SCALE, OscListener, running, wait_for
from tests.integration.watchers import WebClient, processes_with, sent_times

DEMO = ("--audio", "demo", "--play", "off", "--seed", "3")
LIMIT_BYTES = 60_000
"""Size at which the disk of `test_full_disk` is full; a show records more than that in its first seconds."""

pytestmark = pytest.mark.skipif(os.name != "posix", reason="uses POSIX signals and limits")


def assert_valid(path) -> list[ldrec.Record]:
    """Every record of the file can be read and decoded, nothing is torn, the welcome comes first."""
    records = list(ldrec.read(path))
    assert ldrec.good_length(path) == path.stat().st_size, "the last record is torn"
    assert records[0].json()["type"] == "welcome"
    for record in records:
        assert record.json() if record.is_text else record.messages()
    return records


@pytest.mark.parametrize("after_s", [0.15, 0.5, 0.9, 1.7, 3.0, None])
def test_ctrl_c_at_any_moment(tmp_path, after_s):
    """As a terminal does it: every process of the group gets the signal. None: while the dance is recorded."""
    folder, path = tmp_path / "t", tmp_path / "show.ldrec"
    folder.mkdir()
    mark, value = "LIVEDANCE_TEST_MARK", f"{os.getpid()}-{time.monotonic_ns()}"
    process = subprocess.Popen(
        [sys.executable, "-m", "livedance", "run", *DEMO, "--web", "127.0.0.1:0", "--osc", "off", "--osc-in", "off",
         "--no-window", "--no-tui", "--record", str(path)],
        env={**os.environ, "TMPDIR": str(folder), "XDG_CACHE_HOME": str(tmp_path / "cache"), mark: value,
             "LIVEDANCE_WEB__OPEN_BROWSER": "off"},
        cwd=REPOSITORY, start_new_session=True, stdin=subprocess.DEVNULL, stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT, text=True,
    )  # fmt: skip
    try:
        if after_s is None:
            wait_for(lambda: path.exists() and windows_in(path) >= 2, 30, "a recording")
        else:
            time.sleep(after_s)
        os.killpg(process.pid, signal.SIGINT)
        out, _ = process.communicate(timeout=8 * SCALE)
    finally:
        process.kill()
    if process.returncode == -signal.SIGINT:
        assert after_s in (0.15, 0.5), "only an interpreter that still imports may die of it; shells call that 130 too"
    else:
        assert process.returncode == 130 and "Traceback" not in out, out
    wait_for(lambda: not processes_with(f"{mark}={value}"), 3, "every process to end")
    assert not list(folder.iterdir()), "the show's private folder is still there"
    if path.exists():
        assert_valid(path)
    assert after_s is not None or windows_in(path) >= 2


def test_full_disk_does_not_stop_the_show(tmp_path):
    path = tmp_path / "show.ldrec"
    osc = OscListener()
    _, hard = resource.getrlimit(resource.RLIMIT_FSIZE)
    args = (*DEMO, "--web", "127.0.0.1:0", "--osc", f"default=127.0.0.1:{osc.port}", "--record", str(path))
    before = resource.getrlimit(resource.RLIMIT_FSIZE)
    resource.setrlimit(resource.RLIMIT_FSIZE, (LIMIT_BYTES, hard))  # The children inherit it.
    try:
        show_context = running(*args)
        show = show_context.__enter__()
    finally:
        resource.setrlimit(resource.RLIMIT_FSIZE, before)
    try:
        client = WebClient(show.fact("url", 20), want=("score", "stats"))
        error = wait_for(lambda: recording(client).get("error"), 20, "the stats to say that the disk is full")
        assert "large" in error.lower() or "space" in error.lower(), error
        assert wait_for(lambda: recording(client).get("lost"), 5, "records to be counted as lost") > 0
        start, stage = time.monotonic(), show.pid("stage")
        n_windows = len(client.windows())
        wait_for(lambda: len(client.windows()) > n_windows + 2, 8, "the score to go on")
        time.sleep(1.0)
        assert len(sent_times(osc, start, time.monotonic())) > 20 * (time.monotonic() - start)
        show.kill("stage")
        wait_for(lambda: show.pid("stage") not in (None, stage), 5, "a new stage")
        n = len(osc.packets)
        wait_for(lambda: len(osc.packets) > n + 30, 10, "the new stage to play in spite of the full disk")
        client.close()
    finally:
        show_context.__exit__(None, None, None)
        osc.close()
    records = list(ldrec.read(path))
    assert path.stat().st_size <= LIMIT_BYTES and records[0].json()["type"] == "welcome"
    assert any(not r.is_text and isinstance(r.messages()[0], wire.Window) for r in records)


def recording(client: WebClient) -> dict:
    newest = next(itertools.islice(reversed(client.of("stats")), 1), {})
    return newest.get("recording") or {}


def test_a_restarted_stage_goes_on_with_the_recording(tmp_path):
    path = tmp_path / "show.ldrec"
    with running(*DEMO, "--web", "off", "--osc", "off", "--record", str(path)) as show:
        wait_for(lambda: path.exists() and windows_in(path) >= 3, 20, "a recording")
        show.kill("stage")
        n = windows_in(path)
        wait_for(lambda: windows_in(path) >= n + 4, 15, "the recording to go on")
        assert show.stop() == 130
    records = assert_valid(path)
    welcomes = [r.json() for r in records if r.is_text and r.json()["type"] == "welcome"]
    assert len(welcomes) == 2 and welcomes[0]["session"] == welcomes[1]["session"]
    assert welcomes[1]["server_s"] > welcomes[0]["server_s"]


def windows_in(path) -> int:
    binary = [r for r in ldrec.read(path) if not r.is_text]
    return sum(isinstance(m, wire.Window) for r in binary for m in r.messages())
