"""Rules that a machine can check, each in a module of its own whose find() returns what breaks it.

    /usr/bin/python3 scripts/lint          prints every breach; status 1 when there is one
    /usr/bin/python3 scripts/lint shrink   writes the lists of exceptions anew, as long as none becomes longer"""
import sys

import circles
import headers
import queues
import ratchet
import service_names
import statics
import words

CHECKS = {"circles": circles, "headers": headers, "queues": queues, "service_names": service_names, "statics": statics, "words": words}


def main(arguments):
    wrong = []
    for name, check in CHECKS.items():
        found = check.find()
        if arguments == ["shrink"] and not ratchet.shrink(name, found):
            wrong.append(f"{name}: there are more exceptions than before: the lists stay as they are")
        wrong += ratchet.breaches(name, check.ADVICE, found)
    if wrong:
        print("\n".join(wrong))
    return 1 if wrong else 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
