"""A peer in another interpreter: `PYTHON beat_host.py NAME` hears samples on stdin and says beats on stdout.

Run by its path, so that madmom or BeatNet keep their old NumPy to themselves; imports nothing of livedance. In: mono
float32 at 44,100 Hz. Out: one JSON line per beat with claimed_s, announced_s (end of the last hop heard), tempo_bpm and
is_downbeat (null: not known); at last one line with cpu_s, worst_ms and worst_cpu_ms. Every tracker gets 512 samples at
a time and knows nothing later. `NAME --check` says whether it can be imported.
"""

from __future__ import annotations

import json
import sys
import time
import warnings
from collections.abc import Callable, Iterator

RATE_HZ = 44_100
HOP = 512
NOT_THERE = 3
"""Exit code when the peer's package cannot be imported."""

Beat = tuple[float, float | None, bool | None]
"""Claimed time in s, tempo, whether it is a downbeat."""
Hear = Callable[..., list[Beat]]


def madmom() -> Hear:
    """Run madmom online: eight causal LSTMs and a forward bar pointer, 100 frames a second."""
    import numpy as np
    from madmom.audio.signal import Signal
    from madmom.features.beats import DBNBeatTrackingProcessor, RNNBeatProcessor

    frame, step = 2048, 441
    network = RNNBeatProcessor(online=True, origin="stream", num_frames=1)
    decoder = DBNBeatTrackingProcessor(fps=RATE_HZ // step, online=True)
    past = np.zeros(frame, np.float32)
    pending = np.zeros(step - 1, np.float32)  # its first frame ends with the first sample

    def hear(samples) -> list[Beat]:  # type: ignore[no-untyped-def]
        nonlocal past, pending
        pending = np.concatenate([pending, samples])
        beats: list[Beat] = []
        while len(pending) >= step:
            past = np.concatenate([past[step:], pending[:step]])
            pending = pending[step:]
            activation = network(Signal(past, sample_rate=RATE_HZ, num_channels=1), reset=False)
            for claimed in decoder.process_online(np.atleast_1d(activation), reset=False):
                beats.append((float(claimed), float(decoder.tempo) or None, None))
        return beats

    return hear


def beatnet() -> Hear:
    """Run BeatNet (model 1, particle filter) as its streaming mode does, our samples in place of its microphone."""
    import contextlib
    import io
    import types

    import numpy as np
    from scipy.signal import firwin, lfilter

    microphone = types.SimpleNamespace(read=None)
    device = types.SimpleNamespace(open=lambda **options: microphone)
    sys.modules["pyaudio"] = types.SimpleNamespace(PyAudio=lambda: device, paFloat32=1)  # type: ignore[assignment]
    from BeatNet.BeatNet import BeatNet

    np.random.seed(0)
    net = BeatNet(1, mode="stream", inference_model="PF", plot=[], thread=False)
    net.counter = 0
    step = net.log_spec_hop_length
    low_pass = firwin(63, 0.45).astype(np.float32)
    past = np.zeros(len(low_pass) - 1)
    pending = np.zeros(0, np.float32)

    def hear(samples) -> list[Beat]:  # type: ignore[no-untyped-def]
        nonlocal past, pending
        filtered, past = lfilter(low_pass, 1.0, samples, zi=past)
        pending = np.concatenate([pending, filtered[::2].astype(np.float32)])
        beats: list[Beat] = []
        while len(pending) >= step:
            hop, pending = pending[:step], pending[step:]
            microphone.read = lambda count, hop=hop: hop.tobytes()
            before = len(net.estimator.path)
            with contextlib.redirect_stdout(io.StringIO()):
                net.activation_extractor_stream()
                net.estimator.process(net.pred)
            net.counter += 1
            beats += [(float(t), None, int(kind) == 1) for t, kind in net.estimator.path[before:]]
        return beats

    return hear


PEERS: dict[str, Callable[[], Hear]] = {"madmom": madmom, "beatnet": beatnet}


def hops() -> Iterator[bytes]:
    """Yield whole hops of stdin."""
    while len(data := sys.stdin.buffer.read(4 * HOP)) == 4 * HOP:
        yield data


def main(name: str, only_check: bool) -> int:
    """Hear stdin with the peer `name`; return the exit code."""
    warnings.simplefilter("ignore")
    try:
        import numpy as np

        hear = PEERS[name]()
    except (ImportError, KeyError, AttributeError) as error:
        sys.stderr.write(f"{name}: {error}\n")
        return NOT_THERE
    if only_check:
        return 0
    cpu_s, worst_s, worst_cpu_s = 0.0, 0.0, 0.0
    for index, data in enumerate(hops()):
        samples = np.frombuffer(data, np.float32)
        cpu, wall = time.process_time(), time.perf_counter()
        beats = hear(samples)
        worst_s = max(worst_s, time.perf_counter() - wall)
        spent_s = time.process_time() - cpu
        cpu_s, worst_cpu_s = cpu_s + spent_s, max(worst_cpu_s, spent_s)
        announced_s = (index + 1) * HOP / RATE_HZ
        for claimed_s, tempo_bpm, is_downbeat in beats:
            line = {"claimed_s": claimed_s, "announced_s": announced_s, "tempo_bpm": tempo_bpm}
            sys.stdout.write(json.dumps({**line, "is_downbeat": is_downbeat}) + "\n")
    sys.stdout.write(json.dumps({"cpu_s": cpu_s, "worst_ms": 1e3 * worst_s, "worst_cpu_ms": 1e3 * worst_cpu_s}) + "\n")
    return 0


if __name__ == "__main__":
    raise SystemExit(main(sys.argv[1], "--check" in sys.argv[2:]))
