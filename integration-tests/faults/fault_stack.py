"""The stack that faults are injected into: two replicas of every service."""
import contextlib
import os
import re
import signal
import subprocess

import pika
import psycopg2

from kit.stack import ROOT, SERVICES as NAMES, Stack, work_queue
from kit.waiting import wait_until

SERVICES = tuple(replica for name in NAMES for replica in (name, f"{name}-2"))
PROCESSES = SERVICES + ("gateway",)
SERVERS = ("postgres", "rabbitmq", "redis")
WORK_QUEUES = tuple(work_queue(name) for name in NAMES)
REPORT = re.compile(r"(ERROR|WARNING): (Address|Leak|Thread)Sanitizer|runtime error:|Assertion")


class FaultStack(Stack):
    @property
    def faults(self):
        return self.state / "faults"

    def kill(self, name):
        """SIGKILL at once; when it is starting just now, as soon as it is there."""
        pid = wait_until(lambda: self.pid(name), 60, f"a process of {name}")
        with contextlib.suppress(ProcessLookupError):
            os.kill(pid, signal.SIGKILL)
        wait_until(lambda: self.pid(name) != pid, 60, f"the end of {name}")

    def resume(self, name):
        if self.pid(name):
            super().resume(name)

    def is_back(self, name):
        if name in PROCESSES:
            return self.is_ready(name)
        if name == "redis":
            return self.answers_redis()
        if name == "rabbitmq":
            return self.waiting_in_queues() is not None
        try:
            return self.value("user", "select 1") == 1
        except psycopg2.Error:
            return False

    def wait_back(self, name):
        wait_until(lambda: self.pid(name) and self.is_back(name), 120, f"{name} ready")

    def stop_all(self, *names):
        """Several at once, each as the operator stops it."""
        self._stopped.update(names)
        self._ask("--stop", names)
        wait_until(lambda: all(self.pid(name) is None for name in names), what=f"the stop of {names}")

    def start_all(self, *names, wait=True):
        """Several at once; without waiting, they are on their way."""
        self._stopped.difference_update(names)
        if wait:
            return self._ask("--start", names)
        for name in names:
            new = self.state / "want" / f"{name}.new"
            new.write_text("up\n")
            new.rename(self.state / "want" / name)
        return os.kill(self.pid("supervisor"), signal.SIGUSR1)

    def _ask(self, what, names):
        with contextlib.ExitStack() as running:
            asked = [running.enter_context(subprocess.Popen(
                [ROOT / "scripts/run.sh", what, name], stdout=subprocess.DEVNULL,
                env={**os.environ, "QL_STATE_DIR": str(self.state)})) for name in names]
        assert all(process.returncode == 0 for process in asked)

    def heal(self):
        (self.faults / "armed").unlink(missing_ok=True)
        # Also whoever has stopped by itself.
        for name in SERVICES + tuple(self._paused):
            self.resume(name)
        for name in list(self._stopped):
            self.start(name)
        for name in SERVERS + PROCESSES:
            self.wait_back(name)

    def write_queues_down(self):
        """RabbitMQ names a new quorum queue in a file that reaches the disk half a second later; killed before,
        3.10 comes back with a queue that has no leader."""
        wait_until(lambda: self.waiting_in_queues() is not None, what="the work queues")
        self.rabbitmqctl("eval", "[ok = dets:sync(Table) || Table <- dets:all()].")

    # How much waits to be worked on.

    def waiting_in(self, queue):
        with self.broker() as channel:
            return channel.queue_declare(queue, passive=True).method.message_count

    def waiting_in_queues(self):
        """Messages in both work queues; None while the broker is away."""
        try:
            with self.broker() as channel:
                return sum(channel.queue_declare(queue, passive=True).method.message_count
                           for queue in WORK_QUEUES)
        except (pika.exceptions.AMQPError, OSError):
            return None

    def waiting_to_be_evaluated(self):
        """Events on their way to processing."""
        return self.value("user", "select count(*) from outbox") + self.waiting_in(work_queue("processing"))

    def waiting(self):
        """Events on their way: outbox rows and messages in queues."""
        rows = sum(self.value(service, "select count(*) from outbox") for service in ("user", "processing"))
        return rows + (self.waiting_in_queues() or 0)

    def where_it_waits(self):
        """Outbox rows of services; messages and consumers of queues."""
        waits = {service: self.value(service, "select count(*) from outbox") for service in ("user", "processing")}
        with self.broker() as channel:
            for queue in WORK_QUEUES:
                found = channel.queue_declare(queue, passive=True).method
                waits[queue] = (found.message_count, found.consumer_count)
        return waits

    def cut_database_connections(self):
        """Every connection of every service, as a failing network or operator does."""
        connection = self.connect("user")
        try:
            with connection, connection.cursor() as cursor:
                cursor.execute("select count(pg_terminate_backend(pid)) from pg_stat_activity "
                               "where usename like 'ql\\_%'")
                return cursor.fetchone()[0]
        finally:
            connection.close()

    def look_for_reports(self):
        """What a sanitizer says in a log is a failure wherever it appeared."""
        for log in (self.state / "log").glob("*.log"):
            found = REPORT.search(log.read_text(errors="replace"))
            assert found is None, f"{log.name}: {found.group()}"
