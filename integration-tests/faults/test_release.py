"""What users install has nothing of the fault points in it."""
import subprocess

import pytest

from kit.stack import ROOT

BUILDS = [folder for folder in (ROOT / "build/run/bin", ROOT / "build/release/bin") if folder.is_dir()]


@pytest.fixture(autouse=True)
def everything_runs_again():
    """No stack is needed here."""


@pytest.mark.skipif(not BUILDS, reason="there is no release build")
def test_a_release_has_no_fault_points():
    programs = [program for folder in BUILDS for program in folder.glob("questline-*")]
    assert programs
    for program in programs:
        content = program.read_bytes()
        for trace in (b"QL_FAULT", b"ql_fault", b"before the acknowledgement"):
            assert trace not in content, f"{program} has {trace}"
        symbols = subprocess.run(["nm", program], check=True, capture_output=True, text=True).stdout
        assert "ql_fault" not in symbols
