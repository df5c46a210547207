"""What stands at file scope of a C file: functions that are declared, and functions that are defined."""
import functools
import re

from tree import without_comments

LITERAL = re.compile(r'"(?:\\.|[^"\\\n])*"|\'(?:\\.|[^\'\\\n])*\'')
DIRECTIVE = re.compile(r"^[ \t]*#(?:\\\n|.)*$", re.M)
MACRO = re.compile(r"\b[A-Z][A-Z0-9_]+\b(\s*\([^()]*\))?")
PIECE = re.compile(r"[{};]|[^{};]+")
FUNCTION = re.compile(r"\b([a-z_]\w*)\s*\(")


@functools.cache
def statements(text):
    """[(statement, whether a body follows it)], of file scope alone."""
    text = LITERAL.sub('""', DIRECTIVE.sub("", without_comments(text)))
    found, statement, depth = [], "", 0
    for piece in PIECE.findall(text):
        if piece == "{":
            if depth == 0:
                found.append((" ".join(statement.split()), True))
                statement = ""
            depth += 1
        elif piece == "}":
            depth -= 1
        elif depth == 0 and piece == ";":
            found.append((" ".join(statement.split()), False))
            statement = ""
        elif depth == 0:
            statement += piece
    return found


def function_of(statement):
    """The name that a statement declares or defines as a function, or None."""
    bare = MACRO.sub("", statement)
    if bare.startswith("typedef") or "=" in bare or re.match(r"[^(]*\(\s*\*", bare):
        return None
    name = FUNCTION.search(bare)
    return name[1] if name else None


def declared(text):
    """Functions without a body: prototypes."""
    return {name for statement, has_body in statements(text) if not has_body
            for name in [function_of(statement)] if name}


def defined(text):
    """{function: whether it is static}"""
    return {name: statement.startswith("static") for statement, has_body in statements(text) if has_body
            for name in [function_of(statement)] if name}
