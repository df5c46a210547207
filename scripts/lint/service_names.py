"""The names of services where none should stand: a service is its folder, its contract, and nothing else."""
import re

from tree import ROOT, files, is_test, read

ADVICE = "a service's name; what belongs to one service stands in its folder, in proto/ or in its stack.env"
# Words that programs use for other things: only spelled as a name is spelled.
WORDS = frozenset((ROOT / "scripts/lint/names_that_are_words.txt").read_text().split())
PLACES = ("platform/", "gateway/", "scripts/", "tools/", "cmake/", "CMakeLists.txt", "CMakePresets.json")
SUFFIXES = (".c", ".h", ".sh", ".py", ".sql", ".lua", ".awk", ".cmake", ".txt", ".json", ".tsv", ".in")


def services(root=ROOT):
    return sorted(path.parent.name for path in root.glob("services/*/stack.env"))


def pattern(name):
    """Every spelling of it: "name", ql_name, questline-name, questline.name.v1, services/name, QL_NAME_ADDRESS."""
    spelled = [rf'"{name}"', rf"\bql_{name}(?:_owner)?\b", rf"\bquestline[._/-]{name}\b", rf"\bservices/{name}\b",
               rf"\bQL_{name.upper()}_[A-Z]+", rf"\b{name}\.(?:pem|pg_url|amqp_url|env)\b"]
    if name not in WORDS:
        spelled.append(rf"(?<![a-zA-Z])'?{name}(?![a-z])")
    return re.compile("|".join(spelled))


def find(root=ROOT):
    """["path spelling"]"""
    found = set()
    patterns = [pattern(name) for name in services(root)]
    for name in files(*SUFFIXES, root=root):
        if not name.startswith(PLACES) or is_test(name) or name.startswith("scripts/lint/"):
            continue
        text = read(name, root)
        found |= {f"{name} {hit.group()}" for one in patterns for hit in one.finditer(text)}
    return found
