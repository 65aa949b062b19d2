"""Recordings: whole records back, torn tails dropped, disks that fail."""

import errno
import os
import signal

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from livedance.broadcast import ldrec, wire
from livedance.broadcast.recorder import Recorder
from livedance.errors import FileError, WireError
from livedance.messages import ClockState

WELCOME = '{"type":"welcome","session":"abc"}'


def record(path, n=5):
    recorder = Recorder()
    recorder.open(path, WELCOME)
    for k in range(n):
        recorder.write(wire.encode_clock(ClockState(t_s=float(k)), seq=k))
    recorder.close()
    return recorder


def test_what_was_written_is_read_welcome_first(tmp_path):
    path = tmp_path / "show.ldrec"
    recorder = record(path)
    recorder.close()
    found = list(ldrec.read(path))
    assert found[0].is_text
    assert found[0].json()["session"] == "abc"
    assert [r.messages()[0].t_s for r in found[1:]] == [0.0, 1.0, 2.0, 3.0, 4.0]
    assert (recorder.written, recorder.lost, recorder.error) == (6, 0, None)
    assert path.read_bytes().startswith(b"LDREC001")


def test_a_torn_tail_is_dropped_wherever_it_is_torn(tmp_path):
    whole = tmp_path / "whole.ldrec"
    record(whole, 3)
    data = whole.read_bytes()
    torn = tmp_path / "torn.ldrec"
    counts = []
    for length in range(len(ldrec.MAGIC), len(data) + 1):
        torn.write_bytes(data[:length])
        counts.append(len(list(ldrec.read(torn))))
    assert counts[0] == 0
    assert counts[-1] == 4
    assert counts == sorted(counts)


@settings(max_examples=60, deadline=None)
@given(st.integers(8, 400), st.integers(1, 255))
def test_damage_never_raises_and_never_yields_a_damaged_record(tmp_path_factory, at, flip):
    folder = tmp_path_factory.mktemp("damage")
    record(folder / "a.ldrec", 3)
    data = bytearray((folder / "a.ldrec").read_bytes())
    good = [r.data for r in ldrec.read(folder / "a.ldrec")]
    data[at % len(data)] ^= flip
    (folder / "a.ldrec").write_bytes(data)
    try:
        found = [r.data for r in ldrec.read(folder / "a.ldrec")]
    except FileError:
        assert at % len(data) < len(ldrec.MAGIC)
        return
    assert found == good[: len(found)]


def test_records_reach_the_disk_every_second_without_closing(tmp_path):
    now = [10.0]
    recorder = Recorder(clock=lambda: now[0])
    path = tmp_path / "show.ldrec"
    recorder.open(path, WELCOME)
    recorder.write(wire.encode_clock(ClockState()))
    assert len(list(ldrec.read(path))) == 1
    now[0] += 1.0
    recorder.write(wire.encode_clock(ClockState()))
    assert len(list(ldrec.read(path))) == 3
    recorder.close()


def test_a_restarted_stage_goes_on_after_the_last_whole_record(tmp_path):
    path = tmp_path / "show.ldrec"
    record(path, 2)
    with path.open("ab") as file:
        file.write(b"\x99\x00\x00\x00torn")
    again = Recorder()
    again.open(path, WELCOME, append=True)
    again.write_text('{"type":"state"}')
    again.close()
    assert [r.is_text for r in ldrec.read(path)] == [True, False, False, True, True]


@pytest.mark.parametrize("place", ["no/such/folder/x.ldrec", "."])
def test_a_place_that_cannot_be_written_is_one_clear_error(tmp_path, place):
    with pytest.raises(FileError, match="cannot record to"):
        Recorder().open(tmp_path / place, WELCOME)


def test_a_full_disk_loses_records_and_nothing_else(tmp_path):
    """A real limit: the kernel refuses to let the file grow beyond 4 kB, then the limit is lifted."""
    resource = pytest.importorskip("resource", reason="file size limits exist on Unix only")
    path = tmp_path / "show.ldrec"
    recorder = Recorder()
    recorder.open(path, WELCOME)
    message = wire.encode_image(t_s=0.0, width=1, height=1, data=b"x" * 1000)
    soft, hard = resource.getrlimit(resource.RLIMIT_FSIZE)
    before = signal.signal(signal.SIGXFSZ, signal.SIG_IGN)
    try:
        resource.setrlimit(resource.RLIMIT_FSIZE, (4096, hard))
        for _ in range(10):
            recorder.write(message)
            recorder.flush()
        assert recorder.lost == 7
        assert recorder.error == os.strerror(errno.EFBIG)
        assert len(list(ldrec.read(path))) == 1 + 3
    finally:
        resource.setrlimit(resource.RLIMIT_FSIZE, (soft, hard))
        signal.signal(signal.SIGXFSZ, before)
    recorder.write(message)
    recorder.close()
    assert recorder.error is None
    assert len(list(ldrec.read(path))) == 1 + 3 + 1


def test_writing_before_open_or_after_close_is_nothing(tmp_path):
    recorder = Recorder()
    recorder.write(b"x")
    recorder.flush()
    recorder.close()
    assert recorder.written == 0


def test_what_is_no_recording_is_refused(tmp_path):
    (tmp_path / "a.ldrec").write_bytes(b"RIFF....")
    with pytest.raises(FileError, match="not a livedance recording"):
        list(ldrec.read(tmp_path / "a.ldrec"))
    with pytest.raises(FileError, match="cannot read"):
        list(ldrec.read(tmp_path / "none.ldrec"))
    with pytest.raises(WireError):
        ldrec.Record(b"{broken").json()
