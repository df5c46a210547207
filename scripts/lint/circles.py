"""Includes that form a circle. A unit is a header and the source of the same name: when each of two units includes
the other's header, neither can be read, tested or moved without the other."""
import os
import re

from tree import ROOT, files, is_test, read, without_comments

ADVICE = "its includes lead back to it"
INCLUDE = re.compile(r'^#include "([^"]+)"', re.M)


def unit(name):
    return os.path.splitext(name)[0]


def graph(root=ROOT):
    """{unit: units that it includes}"""
    names = [name for name in files(".c", ".h", root=root) if not is_test(name)]
    known = {unit(name) for name in names}
    edges = {name: set() for name in known}
    for name in names:
        for included in INCLUDE.findall(without_comments(read(name, root))):
            for path in (included, os.path.join(os.path.dirname(name), included)):
                if unit(path) in known and unit(path) != unit(name):
                    edges[unit(name)].add(unit(path))
    return edges


def circles(edges):
    """Strongly connected components of more than one unit (Tarjan), each sorted."""
    index, low, stack, on_stack, found = {}, {}, [], set(), []

    def visit(start):
        todo = [(start, iter(sorted(edges[start])))]
        index[start] = low[start] = len(index)
        stack.append(start)
        on_stack.add(start)
        while todo:
            at, rest = todo[-1]
            following = next((other for other in rest if other not in index or other in on_stack), None)
            if following is None:
                todo.pop()
                if todo:
                    low[todo[-1][0]] = min(low[todo[-1][0]], low[at])
                if low[at] == index[at]:
                    component = []
                    while not component or component[-1] != at:
                        component.append(stack.pop())
                        on_stack.discard(component[-1])
                    if len(component) > 1:
                        found.append(sorted(component))
            elif following in index:
                low[at] = min(low[at], index[following])
            else:
                index[following] = low[following] = len(index)
                stack.append(following)
                on_stack.add(following)
                todo.append((following, iter(sorted(edges[following]))))

    for name in sorted(edges):
        if name not in index:
            visit(name)
    return found


def find(root=ROOT):
    """["path between-folders|in-folder"], a line for each unit of a circle."""
    found = set()
    for members in circles(graph(root)):
        folders = {os.path.dirname(name) for name in members}
        found |= {f"{name} {'in-folder' if len(folders) == 1 else 'between-folders'}" for name in members}
    return found
