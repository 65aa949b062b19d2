"""`livedance devices`: what can be listened to and played on."""

from __future__ import annotations

import json
from dataclasses import asdict
from typing import Any

import typer
from rich.console import Console
from rich.table import Table

from livedance.audio.device import Device, first_microphone, first_monitor
from livedance.audio.devices import default_backend, list_inputs, list_outputs
from livedance.errors import AudioError


def devices(as_json: bool) -> None:
    """Print inputs and outputs; raises `AudioError` when PortAudio is missing."""
    backend = default_backend()
    inputs, outputs = list_inputs(backend), list_outputs(backend)
    if as_json:
        heard = [{**_plain(d), "use": _use(d, inputs)} for d in inputs]
        tree = {"inputs": heard, "outputs": [_plain(d) for d in outputs]}
        typer.echo(json.dumps({"backend": backend, **tree}, indent=2))
    else:
        _show(inputs, outputs)


def _use(device: Device, inputs: list[Device]) -> str:
    """Return which option takes `device` without its name: mic, loopback or nothing."""
    for word, pick in (("mic", first_microphone), ("loopback", first_monitor)):
        try:
            if pick(inputs) is device:
                return word
        except AudioError:
            continue
    return ""


def _plain(device: Device) -> dict[str, Any]:
    tree = asdict(device)
    for inner in ("index", "pulse_name", "is_route"):
        del tree[inner]
    return tree


def _show(inputs: list[Device], outputs: list[Device]) -> None:
    console = Console()
    for title, listed in (("inputs: --device NAME", inputs), ("outputs: --play NAME", outputs)):
        table = Table(title=title, title_justify="left", box=None, padding=(0, 2))
        for column in ("name", "through", "channels", "rate", ""):
            table.add_column(column)
        for device in sorted(listed, key=lambda d: d.is_route):
            marks = [f"--audio {use}" if (use := _use(device, listed)) and listed is inputs else ""]
            marks += ["default"] if device.is_default else []
            marks += [device.description]
            rate = f"{device.sample_rate_hz:,} Hz"
            note = ", ".join(m for m in marks if m)
            table.add_row(device.name, device.host_api, str(device.n_channels), rate, note)
        if not listed:
            table.add_row("none", "", "", "", "")
        console.print(table)
    if not any(not d.is_monitor and not d.is_route for d in inputs):
        loopback = "; --audio loopback hears this computer" if any(d.is_monitor for d in inputs) else ""
        console.print(f"There is no microphone: livedance run plays the demo{loopback}.")
