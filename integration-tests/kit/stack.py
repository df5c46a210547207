"""The running stack: its processes, databases and broker."""
import fcntl
import contextlib
import os
import pathlib
import random
import signal
import socket
import subprocess

import pika
import psycopg2
import redis
import requests

from .waiting import wait_until

ROOT = pathlib.Path(__file__).resolve().parents[2]
SERVICES = tuple(sorted(path.parent.name for path in ROOT.glob("services/*/stack.env")))
PROCESSES = SERVICES + ("gateway",)
PORTS = 100  # of a stack, from its HTTP port on


def declares(service, key):
    """What the stack.env of a service says under the key, or the gateway's, if it has one, word by word."""
    file = ROOT / ("gateway" if service == "gateway" else f"services/{service}") / "stack.env"
    for line in file.read_text().splitlines() if file.exists() else ():
        name, _, value = line.partition("=")
        if name == key:
            return value.split()
    return []


def work_queue(service):
    return f"questline.{service}.v1"


# Locks of the bases that this process has taken: as long as it lives, no other run of tests takes them.
_bases = []


def free_base():
    """A port base whose ports nobody answers on, and that nobody else takes."""
    while True:
        base = 10000 + random.SystemRandom().randrange(90) * PORTS
        lock = open(f"/tmp/questline-ports-{base}.lock", "a", encoding="ascii")  # closed with the process
        try:
            fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except OSError:
            lock.close()
            continue
        taken = False
        for port in range(base, base + PORTS):
            with socket.socket() as probe:
                taken = taken or probe.connect_ex(("127.0.0.1", port)) == 0
        if not taken:
            _bases.append(lock)
            return base
        lock.close()


class Stack:
    def __init__(self, state, root=ROOT):
        self.state, self.root = pathlib.Path(state), root
        self._stopped = set()
        self._paused = set()
        self.addresses = {}
        for line in self._run("--status").splitlines()[1:]:
            fields = line.split()
            if len(fields) >= 5:
                self.addresses[fields[0]] = (fields[-2], fields[-1])
        self.http = self.addresses["gateway"][0]

    def _run(self, *arguments):
        done = subprocess.run([self.root / "scripts/run.sh", *arguments], text=True, check=False,
                              stdout=subprocess.PIPE, stderr=subprocess.STDOUT, timeout=200,
                              env={**os.environ, "QL_STATE_DIR": str(self.state)})
        assert done.returncode == 0, done.stdout
        return done.stdout

    def rpc(self, service):
        """(host, port) of a service's RPC socket."""
        host, port = self.addresses[service][0].removeprefix("tcp://").split(":")
        return host, int(port)

    def ops(self, name):
        return self.addresses[name][1]

    def secret(self, name):
        return (self.state / "secrets" / name).read_text()

    def pid(self, name):
        try:
            return int((self.state / "pid" / name).read_text())
        except (FileNotFoundError, ValueError):
            return None

    def command(self, name, *arguments, **settings):
        """Runs a service's binary for a command, with the settings of the process that runs; has returncode and
        stdout."""
        process = f"/proc/{self.pid(name)}"
        with open(f"{process}/environ", "rb") as environ:
            environment = dict(line.split("=", 1) for line in environ.read().decode().split("\0") if line)
        return subprocess.run([os.readlink(f"{process}/exe"), *arguments], env={**environment, **settings}, text=True,
                              check=False, timeout=60, stdout=subprocess.PIPE, stderr=subprocess.STDOUT)

    def _answers(self, name, path):
        try:
            return requests.get(self.ops(name) + path, timeout=3).status_code == 200
        except requests.RequestException:
            return False

    def is_live(self, name):
        return self._answers(name, "/livez")

    def is_ready(self, name):
        return self._answers(name, "/readyz")

    def metric(self, name, metric):
        """The value of one metric line, e.g. 'ql_outbox_waiting'; 0 when it is not there yet."""
        text = requests.get(self.ops(name) + "/metrics", timeout=5).text
        for line in text.splitlines():
            if line.startswith(metric + " "):
                return float(line.split()[-1])
        return 0.0

    def rabbitmqctl(self, *arguments):
        script = (f'. "{self.root}/scripts/stack/layout.sh"; . "{self.root}/scripts/stack/servers.sh"; STATE=$1; shift; '
                  'recall; rabbit_environment; cd "$STATE/rabbitmq"; run_as "$(account_of rabbitmq)" '
                  'env -i "${RABBIT_ENV[@]}" "$RABBIT_BIN/rabbitmqctl" -q "$@"')
        done = subprocess.run(["bash", "-c", script, "rabbitmqctl", str(self.state), *arguments], text=True,
                              stdout=subprocess.PIPE, stderr=subprocess.STDOUT, timeout=90, check=False)
        assert done.returncode == 0, done.stdout
        return done.stdout

    # What is done to processes. Whatever is not undone by the test, heal() undoes.

    def kill(self, name):
        """SIGKILL; the supervisor starts it again. Returns once the pid is gone."""
        pid = self.pid(name)
        os.kill(pid, signal.SIGKILL)
        wait_until(lambda: self.pid(name) != pid, what=f"the end of {name}")

    def stop(self, name):
        self._stopped.add(name)
        self._run("--stop", name)

    def start(self, name):
        self._run("--start", name)
        self._stopped.discard(name)

    def pause(self, name):
        os.kill(self.pid(name), signal.SIGSTOP)
        self._paused.add(name)

    def resume(self, name):
        with contextlib.suppress(ProcessLookupError):
            os.kill(self.pid(name), signal.SIGCONT)
        self._paused.discard(name)

    def heal(self):
        for name in list(self._paused):
            self.resume(name)
        for name in list(self._stopped):
            self.start(name)
        for name in PROCESSES:
            wait_until(lambda n=name: self.is_ready(n), seconds=60, what=f"{name} ready")

    # What is looked into, only to assert.

    def connect(self, service, role=None):
        """A database connection: as the superuser, or as one of the roles."""
        url = self.secret("admin.pg_url")
        if role:
            host, port = self.addresses["postgres"][0].removeprefix("tcp://").split(":")
            return psycopg2.connect(host=host, port=port, user=role, password=self.secret(role),
                                    dbname=f"questline_{service}")
        return psycopg2.connect(url.replace("/postgres?", f"/questline_{service}?"))

    def rows(self, service, sql, *parameters):
        connection = self.connect(service)
        try:
            with connection, connection.cursor() as cursor:
                cursor.execute(sql, parameters)
                return cursor.fetchall()
        finally:
            connection.close()

    def value(self, service, sql, *parameters):
        return self.rows(service, sql, *parameters)[0][0]

    @contextlib.contextmanager
    def broker(self, account="admin"):
        """A channel of the broker, in confirm mode. Like every publisher it names its account on each message."""
        url = self.secret(f"{account}.amqp_url")
        connection = pika.BlockingConnection(pika.URLParameters(url))
        try:
            channel = connection.channel()
            channel.confirm_delivery()
            publish = channel.basic_publish

            def publish_signed(exchange, routing_key, body, properties=None, mandatory=False):
                properties = properties or pika.BasicProperties()
                properties.user_id = properties.user_id or pika.URLParameters(url).credentials.username
                publish(exchange, routing_key, body, properties, mandatory)

            channel.basic_publish = publish_signed
            yield channel
        finally:
            if connection.is_open:
                connection.close()

    def redis(self):
        return redis.Redis.from_url(self.secret("redis.url"), socket_timeout=5)

    def answers_redis(self):
        try:
            with self.redis() as client:
                return client.ping()
        except redis.RedisError:
            return False

    def log(self, name):
        return (self.state / "log" / f"{name}.log").read_text(errors="replace")
