import pytest

from livedance.training import styles


def test_families():
    assert styles.style_of("g1_J_Dance2_Salsa") == "salsa"
    assert styles.style_of("cmu_85_12_break") == "break"
    assert styles.style_of("m2m_charleston") == "jazz"
    with pytest.raises(ValueError, match="polka"):
        styles.style_of("polka_01")


def test_a_couple_is_one_take():
    assert styles.partner_of("cmu_60_03_salsa") == "cmu_61_03_salsa"
    assert styles.partner_of("cmu_61_03_salsa") == "cmu_60_03_salsa"
    assert styles.partner_of("g1_J_Dance2_Salsa") is None
    assert styles.take_of("cmu_60_03_salsa") == styles.take_of("cmu_61_03_salsa")
    assert styles.take_of("cmu_60_03_salsa") != styles.take_of("cmu_60_04_salsa")


def test_subjects():
    assert styles.subject_of("g1_J_Dance7_Party") == "g1_J"
    assert styles.subject_of("cmu_indian_06") == "cmu_indian"
    assert styles.subject_of("cmu_60_03_salsa") == "cmu_60"
