"""Words of the old vocabulary (words.txt), which the field's own have replaced: docs/glossary.md."""
import re

from tree import ROOT, files, read

ADVICE = "a word of the old vocabulary; scripts/lint/words.txt says which to use instead"
LIST = "scripts/lint/words.txt"
SUFFIXES = (".c", ".h", ".sh", ".py", ".sql", ".lua", ".awk", ".cmake", ".txt", ".md", ".proto", ".tsv")
# What may name them: the history, and this check with its lists.
LEFT_OUT = ("CHANGELOG.md", "docs/glossary.md", "scripts/lint/", "integration-tests/test_lint.py")
def patterns(root=ROOT):
    """(of texts, of names) from lines of WHERE, WORD and what to use instead, separated by tabs."""
    rows = [line.split("\t") for line in read(LIST, root).splitlines() if line and not line.startswith("#")]
    text = "|".join(word for where, word, _ in rows if where == "text")
    name = "|".join(word for where, word, _ in rows if where == "name")
    return (re.compile(rf"\b(?<![a-z])(?:{text})(?![a-z])|(?<=_)(?:{text})(?![a-z])", re.I),
            re.compile(rf"(?<![A-Za-z0-9])(?:{name})(?=_[a-z])|(?<=_)(?:{name})(?![A-Za-z0-9])"))


def find(root=ROOT):
    """["path word"]"""
    found = set()
    of_texts, of_names = patterns(root)
    for name in files(*SUFFIXES, root=root):
        if name.startswith(LEFT_OUT):
            continue
        hits = set(of_texts.findall(read(name, root)))
        if name.endswith((".c", ".h")):
            hits |= set(of_names.findall(read(name, root)))
        found |= {f"{name} {hit.lower()}" for hit in hits}
    return found
