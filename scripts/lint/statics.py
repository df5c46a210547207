"""Static functions of one word: in a file of more than 100 lines a backtrace and a search need two."""
from c_scope import defined
from tree import ROOT, files, is_test, read

ADVICE = "a static function of one word in a file of more than 100 lines; say what of"
LINES_MAX = 100


def find(root=ROOT):
    """["path.c function"]"""
    found = set()
    for source in files(".c", root=root):
        text = read(source, root)
        if is_test(source) or text.count("\n") <= LINES_MAX:
            continue
        found |= {f"{source} {name}" for name, is_static in defined(text).items() if is_static and "_" not in name}
    return found
