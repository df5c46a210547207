"""Exceptions of a check: places that break its rule today, in lists that may only become shorter.

exceptions/<check>/<module>.txt has them, one a line and sorted; a module is a folder of the first two levels, as in
platform-rpc.txt, so that two people who work on two modules edit two files."""
import os
import subprocess

from tree import ROOT

FOLDERS_OF_MODULES = ("platform", "services", "tools", "docs", "proto")
FOLDER = "scripts/lint/exceptions"


def module_of(line):
    parts = line.split(" ")[0].split("/")
    if len(parts) == 1:
        return "root"
    return "-".join(parts[:2]) if parts[0] in FOLDERS_OF_MODULES and len(parts) > 2 else parts[0]


def lists_of(check, root=ROOT):
    """{path of a list: its lines}"""
    folder = root / FOLDER / check
    return {str(path.relative_to(root)): path.read_text().splitlines() for path in sorted(folder.glob("*.txt"))}


def before(check, root=ROOT):
    """How many exceptions there were where this branch left main, or at the commit before; None: no list yet."""
    def git(*arguments):
        done = subprocess.run(["git", *arguments], cwd=root, check=False, text=True, stdout=subprocess.PIPE,
                              stderr=subprocess.DEVNULL)
        return done.stdout if done.returncode == 0 else ""
    base = git("merge-base", "HEAD", "origin/main").strip()
    if not base or base == git("rev-parse", "HEAD").strip():
        base = "HEAD~1"
    names = git("ls-tree", "-r", "--name-only", base, f"{FOLDER}/{check}/").split()
    return sum(git("show", f"{base}:{name}").count("\n") for name in names) if names else None


def breaches(check, advice, found, root=ROOT):
    """What is wrong: a place that no list has, a line that no place has, a list that has grown."""
    wrong, listed = [], {}
    for path, lines in lists_of(check, root).items():
        if lines != sorted(set(lines)):
            wrong.append(f"{check}: {path} is not sorted, or has a line twice")
        for number, line in enumerate(lines, 1):
            listed[line] = f"{path}:{number}"
            if os.path.basename(path) != f"{module_of(line)}.txt":
                wrong.append(f"{check}: {path}:{number} belongs into {module_of(line)}.txt")
    wrong += [f"{check}: {line}: {advice}" for line in sorted(found - set(listed))]
    wrong += [f"{check}: delete line {listed[line]} (\"{line}\"): it is true no more; scripts/lint.sh shrink does it"
              for line in sorted(set(listed) - found)]
    earlier = before(check, root)
    if earlier is not None and len(listed) > earlier:
        wrong.append(f"{check}: the lists of exceptions have {len(listed)} lines, {earlier} before: they may only shrink")
    return wrong


def shrink(check, found, root=ROOT):
    """Writes the lists anew, where there are no more exceptions than before; a file that was renamed may so keep its
    own. Returns whether it did."""
    earlier = before(check, root)
    if earlier is not None and len(found) > earlier:
        return False
    folder = root / FOLDER / check
    folder.mkdir(parents=True, exist_ok=True)
    for path in folder.glob("*.txt"):
        path.unlink()
    for line in sorted(found):
        with (folder / f"{module_of(line)}.txt").open("a") as into:
            into.write(f"{line}\n")
    return True
