"""Waiting on conditions, never on time."""
import time


def wait_until(condition, seconds=30, what=None):
    """Calls condition until it answers something true, and returns that."""
    deadline = time.monotonic() + seconds
    while True:
        answer = condition()
        if answer:
            return answer
        if time.monotonic() > deadline:
            raise AssertionError(f"not within {seconds} s: {what or condition.__name__}")
        time.sleep(0.05)


def settled(read, expected, seconds=30):
    """Waits until read() equals expected and returns it; shows the last value otherwise."""
    last = None
    deadline = time.monotonic() + seconds
    while time.monotonic() < deadline:
        last = read()
        if last == expected:
            return last
        time.sleep(0.05)
    assert last == expected, f"{last!r} is not {expected!r} after {seconds} s"
    return last
