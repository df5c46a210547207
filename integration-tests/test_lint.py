"""The checks of scripts/lint, on small trees that break a rule each; and that a list of exceptions only shrinks."""
import importlib
import subprocess
import sys

import pytest

from kit.stack import ROOT

sys.path.insert(0, str(ROOT / "scripts/lint"))
circles, headers, queues, ratchet, service_names, statics, words = (
    importlib.import_module(name)
    for name in ("circles", "headers", "queues", "ratchet", "service_names", "statics", "words"))


@pytest.fixture
def tree(tmp_path):
    """write(path, text) into a repository of its own."""
    def git(*arguments):
        subprocess.run(["git", "-c", "user.name=t", "-c", "user.email=t@example.org", *arguments], cwd=tmp_path,
                       check=True, stdout=subprocess.DEVNULL)

    def write(path, text):
        (tmp_path / path).parent.mkdir(parents=True, exist_ok=True)
        (tmp_path / path).write_text(text)
    git("init", "-q", "-b", "main")
    write.root, write.git = tmp_path, git
    return write


def test_a_function_is_defined_in_the_source_of_its_header(tree):
    tree("platform/a/x.h", "/* int in_a_comment(void); */\nint here(int n) QL_MUST_CHECK;\nQL_PRINTF(1, 2)\n"
         "void elsewhere(const char *format, ...);\nextern int (*pointer)(void);\nstruct s {\n    int (*member)(void);\n};\n"
         "typedef int callback(int n);\nstatic inline int here_too(void)\n{\n    return 0;\n}\n")
    tree("platform/a/x.c", '#include "platform/a/x.h"\n\nint here(int n)\n{\n    return n + other(n);\n}\n')
    tree("platform/a/y.c", "void elsewhere(const char *format, ...)\n{\n}\n")
    assert headers.find(tree.root) == {"platform/a/x.h elsewhere"}


def test_a_static_function_of_a_long_file_has_two_words(tree):
    text = "static int find(int n)\n{\n    return n;\n}\n\nstatic int find_it(void)\n{\n    return find(1);\n}\n\nint go(void)\n{\n}\n"
    tree("gateway/short.c", text)
    tree("gateway/long.c", text + "\n" * 100)
    tree("gateway/long_test.c", text + "\n" * 100)
    assert statics.find(tree.root) == {"gateway/long.c find"}


def test_circles_of_includes_are_found_through_headers_and_sources(tree):
    for name, included in (("a/x.h", ""), ("a/x.c", "b/y.h"), ("b/y.h", "b/z.h"), ("b/z.h", "a/x.h"),
                           ("b/alone.c", "a/x.h"), ("c/p.h", "c/q.h"), ("c/q.h", ""), ("c/q.c", "c/p.h")):
        tree(f"platform/{name}", f'#include "platform/{included}"\n' if included else "")
    assert circles.find(tree.root) == {"platform/a/x between-folders", "platform/b/y between-folders",
                                       "platform/b/z between-folders", "platform/c/p in-folder",
                                       "platform/c/q in-folder"}


def test_the_name_of_a_service_is_found_in_every_spelling(tree):
    tree("services/quiz/stack.env", "")
    tree("services/quiz/main.c", '"quiz"')
    tree("services/user/stack.env", "")
    tree("platform/a/x.c", '/* the quiz */ a("user"); b("questline.user.v1"); int user_id; /* a user */\n')
    tree("platform/a/x_test.c", '"quiz"')
    tree("scripts/y.sh", "QL_QUIZ_ADDRESS=1; case quizzes in esac; ql_user\n")
    assert service_names.find(tree.root) == {
        "platform/a/x.c quiz", 'platform/a/x.c "user"', "platform/a/x.c questline.user", "scripts/y.sh QL_QUIZ_ADDRESS",
        "scripts/y.sh ql_user"}


def test_a_queue_is_consumed_by_its_service(tree):
    tree("generated/c/questline/arena/v1/names.h", '#define QUEUE_ARENA "questline.arena.v1"\n'
         '#define QUEUE_ARENA_PRIZES "questline.arena.prizes.v1"\n')
    tree("generated/c/questline/quiz/v1/names.h", '#define QUEUE_QUIZ "questline.quiz.v1"\n')
    tree("services/arena/main.c", "{.queue = QUEUE_ARENA, .handler = consume}\n")
    tree("services/arena/arena_test.c", "QUEUE_ARENA_PRIZES\n")
    tree("services/quiz/main.c", "{.queue = QUEUE_QUIZ}\n")
    assert queues.find(tree.root) == {"services/arena QUEUE_ARENA_PRIZES"}


def test_old_words_are_found_in_texts_and_in_names(tree):
    tree(words.LIST, (ROOT / words.LIST).read_text())
    tree("docs/x.md", "A Keeper in its room. We fold paper, in place; in flight.")
    tree("platform/a/x.c", "int fold_events(int place); /* in this place; a fold */ int flight;")
    tree("CHANGELOG.md", "a keeper")
    assert words.find(tree.root) == {"docs/x.md keeper", "docs/x.md room", "platform/a/x.c fold",
                                     "platform/a/x.c flight"}


def test_a_list_of_exceptions_is_what_is_found_and_never_grows(tree):
    def wrong(found):
        return ratchet.breaches("words", "ADVICE", found, root=tree.root)
    two = {"platform/a/x.c keeper", "gateway/y.c room"}
    assert ratchet.shrink("words", two, root=tree.root) and wrong(two) == []
    tree.git("add", "-A")
    tree.git("commit", "-qm", "two")
    tree.git("commit", "-qm", "none", "--allow-empty")
    assert wrong(two | {"gateway/z.c room"}) == ["words: gateway/z.c room: ADVICE"]
    gone = wrong({"gateway/y.c room"})
    assert len(gone) == 1 and 'delete line scripts/lint/exceptions/words/platform-a.txt:1 ("platform/a/x.c keeper")' in gone[0]
    assert not ratchet.shrink("words", two | {"gateway/z.c room"}, root=tree.root) and wrong(two) == []
    tree("scripts/lint/exceptions/words/gateway.txt", "gateway/y.c room\ngateway/z.c room\n")
    assert any("they may only shrink" in line for line in wrong(two | {"gateway/z.c room"}))
    # A file that is renamed keeps its exception.
    assert ratchet.shrink("words", {"platform/a/x.c keeper", "gateway/renamed.c room"}, root=tree.root)
    assert ratchet.shrink("words", {"gateway/renamed.c room"}, root=tree.root) and wrong({"gateway/renamed.c room"}) == []
