"""The files of the project: what git knows or would add, without what is generated."""
import functools
import pathlib
import re
import subprocess

ROOT = pathlib.Path(__file__).resolve().parents[2]
TEST = re.compile(r"(_test\.c|_fixture\.h|/test_[^/]*|\.test\.\w+)$|(^|/)(testing|fuzz|bench|testdata|integration-tests)/")
COMMENT = re.compile(r"/\*.*?\*/", re.S)


@functools.cache
def files(*suffixes, root=ROOT):
    """Paths, relative to the root, of files that end so."""
    listed = subprocess.run(["git", "ls-files", "-co", "--exclude-standard"], cwd=root, check=True, text=True,
                            stdout=subprocess.PIPE).stdout.splitlines()
    return sorted({name for name in listed if name.endswith(suffixes) and not name.startswith("generated/")
                   and (root / name).is_file()})


def is_test(name):
    """Tests, what they share, fuzz targets and benchmarks."""
    return TEST.search(name) is not None


@functools.cache
def read(name, root=ROOT):
    return (root / name).read_text(errors="replace")


def without_comments(text):
    """C without its comments; lines stay where they are."""
    return COMMENT.sub(lambda found: "\n" * found.group().count("\n"), text)
