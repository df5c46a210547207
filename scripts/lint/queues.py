"""A queue of the contract that its service does not consume: its messages pile up at the broker."""
import re

from tree import ROOT, files, is_test, read

ADVICE = "a queue that no source of the service names: give it a subscription in main.c"
QUEUE = re.compile(r'^#define (QUEUE_[A-Z_]+) "questline\.([a-z]+)[."]', re.M)


def queues(root=ROOT):
    """[(constant, service)], from generated/."""
    headers = sorted((root / "generated/c/questline").glob("*/v1/names.h"))
    return [found for header in headers for found in QUEUE.findall(header.read_text())]


def find(root=ROOT):
    """["services/name constant"]"""
    found = set()
    for constant, service in queues(root):
        sources = [name for name in files(".c", root=root)
                   if name.startswith(f"services/{service}/") and not is_test(name)]
        if not any(re.search(rf"\b{constant}\b", read(name, root)) for name in sources):
            found.add(f"services/{service} {constant}")
    return found
