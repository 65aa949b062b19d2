from __future__ import annotations

import os

import pytest

from livedance.audio import pulse
from livedance.audio.pulse_watch import StreamWatch

SOURCES = """Source #0
\tState: RUNNING
\tName: alsa_output.pci.monitor
\tDescription: Monitor of Built-in Audio
\tSample Specification: s16le 2ch 48000Hz
\tChannel Map: front-left,front-right
\tMonitor of Sink: alsa_output.pci
\tProperties:
\t\tdevice.description = "Monitor of Built-in Audio"

Source #7
\tState: SUSPENDED
\tName: alsa_input.usb-dj
\tDescription: DJ Interface: Line In
\tSample Specification: s24le 8ch 96000Hz
\tChannel Map: aux0,aux1,aux2,aux3,aux4,aux5,aux6,aux7
\tMonitor of Sink: n/a
"""
INFO = """Server String: /run/user/1000/pulse/native
Server Name: PulseAudio (on PipeWire 1.0.5)
Default Sink: alsa_output.pci
Default Source: alsa_input.usb-dj
"""


def outputs(*streams: tuple[int, int, int]) -> str:
    return "\n\n".join(
        f'Source Output #{number}\n\tSource: {source}\n\tProperties:\n\t\tapplication.process.id = "{pid}"'
        for number, source, pid in streams
    )


@pytest.fixture
def answers(monkeypatch: pytest.MonkeyPatch) -> dict[str, str | None]:
    table: dict[str, str | None] = {"info": INFO, "sources": SOURCES, "source-outputs": ""}
    monkeypatch.setattr(pulse, "_pactl", lambda *words: table.get(words[-1]))
    return table


def test_reads_sources_as_every_version_of_pactl_prints_them(answers: dict[str, str | None]) -> None:
    monitor, interface = pulse.sources()
    assert (monitor.index, monitor.name, monitor.monitor_of) == (0, "alsa_output.pci.monitor", "alsa_output.pci")
    assert interface.monitor_of is None
    assert (interface.index, interface.n_channels, interface.sample_rate_hz) == (7, 8, 96_000)
    assert interface.description == "DJ Interface: Line In"
    assert "aux" in interface.channel_map


def test_names_the_server_and_its_defaults(answers: dict[str, str | None]) -> None:
    server = pulse.server()
    assert server is not None
    assert (server.host_api, server.default_source) == ("PipeWire", "alsa_input.usb-dj")


def test_no_server_is_nothing(answers: dict[str, str | None]) -> None:
    answers.update({"info": None, "sources": None, "source-outputs": None})
    assert pulse.server() is None
    assert pulse.sources() == []
    assert pulse.own_streams() is None


def test_finds_only_streams_of_this_process(answers: dict[str, str | None]) -> None:
    answers["source-outputs"] = outputs((4, 7, os.getpid()), (5, 0, os.getpid() + 1))
    assert pulse.own_streams() == {4: 7}


def test_a_moved_stream_is_noticed(answers: dict[str, str | None]) -> None:
    answers["source-outputs"] = outputs((1, 0, os.getpid()))  # another stream of ours, from before
    watch = StreamWatch("alsa_input.usb-dj")
    watch.check()
    assert not watch.has_moved
    answers["source-outputs"] = outputs((1, 0, os.getpid()), (2, 7, os.getpid()))
    watch.check()
    assert not watch.has_moved
    answers["source-outputs"] = outputs((1, 0, os.getpid()), (2, 0, os.getpid()))
    watch.check()
    assert watch.has_moved


def test_a_stream_that_is_gone_is_noticed_but_a_silent_server_is_not_blamed(answers: dict[str, str | None]) -> None:
    watch = StreamWatch(None)
    answers["source-outputs"] = outputs((2, 7, os.getpid()))
    watch.check()
    answers["source-outputs"] = None
    watch.check()
    assert not watch.has_moved
    answers["source-outputs"] = ""
    watch.check()
    assert watch.has_moved


def test_without_a_name_the_first_source_is_kept(answers: dict[str, str | None]) -> None:
    watch = StreamWatch(None)
    answers["source-outputs"] = outputs((2, 7, os.getpid()))
    watch.check()
    answers["source-outputs"] = outputs((2, 0, os.getpid()))
    watch.check()
    assert watch.has_moved
