"""Fault points: naming a place, and waiting until a process has come to it. See
platform/base/fault.h."""
from kit.waiting import wait_until


class Points:
    def __init__(self, stack):
        self.stack = stack
        self.folder = stack.faults
        self.disarm()

    def disarm(self):
        for name in ("armed", "fired"):
            (self.folder / name).unlink(missing_ok=True)

    def note(self):
        """From now on every place that is reached is noted."""
        (self.folder / "points").touch()

    def noted(self):
        """(program, method, point) of all places."""
        text = (self.folder / "points").read_text()
        return sorted({tuple(line.split("|")) for line in text.splitlines() if line.count("|") == 2})

    def arm(self, place, hit=1, action="kill", delay_ms=0):
        self.disarm()
        new = self.folder / "armed.new"
        new.write_text(f"{'|'.join(place)}\n{hit}\n{action}\n{delay_ms}\n")
        new.rename(self.folder / "armed")

    def has_fired(self):
        return (self.folder / "fired").exists()

    def wait_fired(self, place, meanwhile=lambda: None, seconds=60):
        """Calls meanwhile again and again, so that what leads to the place does not run dry."""
        wait_until(lambda: self.has_fired() or meanwhile(), seconds, f"somebody at {'|'.join(place)}")
