import shutil

import numpy as np
import pytest

from livedance.dance import entry_file, transitions
from livedance.dance.library import ARRAYS, MANIFEST, MotionLibrary
from livedance.errors import FileError
from livedance.paths import model_dir


@pytest.fixture
def folder(tmp_path):
    shutil.copytree(model_dir("motion_library"), tmp_path / "library")
    return tmp_path / "library"


@pytest.fixture
def never_made(monkeypatch):
    def fail(library):
        raise AssertionError("the table was made, not read")

    monkeypatch.setattr(transitions, "one_side", fail)


def test_the_table_that_ships_is_the_one_that_this_code_makes():
    library = MotionLibrary.shipped()
    read = entry_file._read(library.folder / entry_file.FILE, library)
    assert read is not None, "made by another code or for another library: run 'livedance train entries'"
    made = transitions.one_side(library)
    assert read.keys() == made.keys()
    for name, wanted in made.items():
        assert read[name].dtype == wanted.dtype
        assert np.allclose(read[name], wanted, rtol=0.0, atol=1e-4), name


def test_it_is_read_where_it_fits(never_made):
    assert len(entry_file.entries_of(MotionLibrary.load()).clip) > 5_000


@pytest.mark.parametrize("name", [MANIFEST, ARRAYS])
def test_a_table_of_another_library_is_not_used(folder, name, monkeypatch):
    (folder / name).write_bytes((folder / name).read_bytes() + b"\n")
    library = MotionLibrary.load(folder)
    monkeypatch.setattr(transitions, "build", lambda library: "made")
    assert entry_file.entries_of(library) == "made"


@pytest.mark.parametrize("damage", [lambda data: data[:1000], lambda data: b"", lambda data: b"no archive" + data[10:]])
def test_a_damaged_table_is_made_anew(folder, damage, monkeypatch):
    path = folder / entry_file.FILE
    path.write_bytes(damage(path.read_bytes()))
    monkeypatch.setattr(transitions, "build", lambda library: "made")
    assert entry_file.entries_of(MotionLibrary.load(folder)) == "made"


def test_a_table_of_older_code_is_made_anew_and_can_be_written_again(folder, monkeypatch):
    monkeypatch.setattr(transitions, "VERSION", transitions.VERSION + 1)
    library = MotionLibrary.load(folder)
    assert entry_file._read(folder / entry_file.FILE, library) is None
    entry_file.write(library)
    assert entry_file._read(folder / entry_file.FILE, library) is not None


def test_a_library_without_a_folder_makes_its_own(monkeypatch):
    library = MotionLibrary(MotionLibrary.shipped().clips[:6])
    assert len(entry_file.entries_of(library).clip) > 0
    with pytest.raises(FileError, match="folder"):
        entry_file.write(library)
