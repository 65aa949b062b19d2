"""What `auto` shows: mesh where the machine can hold it, else neon, and one line that says why."""

import logging

import pytest

from livedance.cli.doctor import check_look
from livedance.errors import LookUnavailable, MissingExtra
from livedance.render import choice
from livedance.render.layers import Layers
from livedance.render.mesh.look import Mesh
from livedance.render.neon import Neon

GPU, SOFTWARE = "NVIDIA H200/PCIe/SSE2", "llvmpipe (LLVM 15.0.6, 256 bits)"


def machine(monkeypatch, renderer, cpus):
    def probe():
        if isinstance(renderer, Exception):
            raise renderer
        return renderer, "llvmpipe" in renderer

    monkeypatch.setattr("livedance.render.mesh.gl.probe", probe)
    monkeypatch.setattr(choice, "usable_cpus", lambda: cpus)


@pytest.mark.parametrize(
    ("renderer", "cpus", "name", "words"),
    [
        (GPU, 2, "mesh", "H200"),
        (SOFTWARE, 2, "neon", "2 processors are too few"),
        (SOFTWARE, 7, "neon", "7 processors are too few"),
        (SOFTWARE, 8, "mesh", "in software, on 8"),
        (LookUnavailable("the look 'mesh' needs OpenGL 3.3, and there is none here (x)"), 16, "neon", "OpenGL 3.3"),
        (MissingExtra("the look 'mesh'", "gl"), 16, "neon", "livedance[gl]"),
    ],
)
def test_the_machine_chooses_and_log_and_doctor_say_so(monkeypatch, caplog, renderer, cpus, name, words):
    machine(monkeypatch, renderer, cpus)
    assert choice.chosen()[0] == name and words in choice.chosen()[1]
    with caplog.at_level(logging.INFO):
        look = choice.auto()
    assert isinstance(look, Mesh if name == "mesh" else Neon)
    assert f"look auto: {name}" in caplog.text and words in caplog.text
    (finding,) = check_look()
    assert f"auto draws {name}" in finding.detail and words in finding.detail
    assert bool(finding.fix) == ("OpenGL 3.3" in words)


def test_auto_is_a_look_like_any_other_and_takes_layers(monkeypatch):
    machine(monkeypatch, SOFTWARE, 1)
    assert choice.chosen()[1].count("1 processor ") == 1
    assert len(Layers("auto+skeleton")._looks) == 2


def test_there_is_at_least_one_processor():
    assert choice.usable_cpus() >= 1
