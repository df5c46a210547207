"""x.h is implemented by x.c: a function that a header declares is defined in the file of the same name."""
from c_scope import declared, defined
from tree import ROOT, files, is_test, read

ADVICE = "declared here and not defined in the .c file of the same name; move one of the two"


def find(root=ROOT):
    """["path.h function"]"""
    found = set()
    for header in files(".h", root=root):
        if is_test(header) or header.startswith("integration-tests/"):
            continue
        text, source = read(header, root), header[:-1] + "c"
        here = set(defined(text))
        if (root / source).is_file():
            here |= set(defined(read(source, root)))
        found |= {f"{header} {function}" for function in declared(text) - here}
    return found
