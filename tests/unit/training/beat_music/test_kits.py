import pytest
import soundfile

from livedance.errors import FileError
from livedance.training.beat_music import kits
from tests.unit.training.beat_music.tiny_sounds import RATE, blip, write_kit


@pytest.mark.parametrize(
    ("name", "part"),
    [
        ('Kick (Tama Superstar 22")', "kick"), ("bd_808", "kick"), ("Sabian Hat Semi-Open", "open_hat"),
        ("Closed HH", "hat"), ("Side OHH", "open_hat"), ("Hat o2", "open_hat"), ("hihat_foot_pedal01", "pedal_hat"),
        ("Tambourine Pedal", "tambourine"), ("Snare Rimshot", "snare"), ("Rim Click", "rim"), ("Stick", "rim"),
        ("Ride Jazz", "ride"), ("ride-crash20inch", "ride"), ("Crash/Ride Bow", "crash"), ("Floor Tom", "tom_low"),
        ("Tom Mid", "tom_mid"), ("Tom Hi", "tom_high"), ("Hand Clap", "clap"), ("Djembe1 Tone", "conga"),
        ("Djembe1 Bass", "kick"), ("Maraca", "shaker"), ("Agogo Low", "cowbell"), ("Woodblock Hi", "perc"),
    ],
)  # fmt: skip
def test_names_say_which_drum_it_is(name, part):
    assert kits.part_of(name) == part


@pytest.mark.parametrize("name", ["17", "", "Snare Roll", "emptySample", "vinyl_backspin", "house_loop01", "trumpet"])
def test_names_that_are_no_single_drum_are_left_out(name):
    assert kits.part_of(name) is None


def test_a_hydrogen_kit_has_layers_by_strength_and_old_kits_one_file(tmp_path):
    kit = kits.hydrogen_kit(write_kit(tmp_path, "Tiny"))
    assert set(kit.drums) == {"kick", "snare"}
    (kick,) = kit.drums["kick"]
    assert kick.gain == 0.9
    assert kick.layer(0.3).recording.path.name == "soft.wav"
    assert kick.layer(0.9).recording.path.name == "hard.wav"
    assert kick.layer(0.3).recording.samples()[0] == pytest.approx(1.0)


def test_all_kits_of_a_folder_in_order(tmp_path):
    write_kit(tmp_path, "B")
    write_kit(tmp_path, "A electro")
    assert [(kit.name, kit.family) for kit in kits.hydrogen_kits(tmp_path)] == [
        ("A electro", "electronic"),
        ("B", "acoustic"),
    ]


def test_a_folder_of_one_shots_is_a_kit_and_broken_files_are_skipped(tmp_path):
    soundfile.write(tmp_path / "kick01.wav", blip(), RATE)
    soundfile.write(tmp_path / "kick02.flac", blip(), RATE)
    (tmp_path / "snare01.ogg").write_bytes(b"no sound")
    kit = kits.folder_kit(tmp_path, "oneshots")
    assert [i.name for i in kit.drums["kick"]] == ["kick01", "kick02"]
    assert "snare" not in kit.drums


def test_a_broken_kit_is_named(tmp_path):
    (tmp_path / "drumkit.xml").write_text("<drumkit_info>")
    with pytest.raises(FileError, match="reinstall hydrogen-drumkits"):
        kits.hydrogen_kit(tmp_path)
