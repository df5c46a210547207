"""questctl, run as an operator runs it; and a service of somebody else for it to meet."""
import json
import os
import pathlib
import socket
import struct
import subprocess
import threading

from .sp import HANDSHAKE_REP, HANDSHAKE_REQ


class Questctl:
    """The program beside the binaries that the stack runs."""

    def __init__(self, stack):
        self.state = str(stack.state)
        self.path = pathlib.Path(os.readlink(f"/proc/{stack.pid('gateway')}/exe")).parent / "questctl"
        self.environment = {key: value for key, value in os.environ.items()
                            if key == "PATH" or key.endswith("SAN_OPTIONS")}

    def start(self, *arguments, **environment):
        return subprocess.Popen([self.path, *arguments, "--state", self.state], text=True, stdin=subprocess.DEVNULL,
                                stdout=subprocess.PIPE, stderr=subprocess.PIPE,
                                env={**self.environment, **environment})

    def run(self, *arguments, status=0, stdin="", **environment):
        """What it printed; its exit status is looked at."""
        done = subprocess.run([self.path, *arguments, "--state", self.state], text=True, check=False, input=stdin,
                              stdout=subprocess.PIPE, stderr=subprocess.PIPE, timeout=120,
                              env={**self.environment, **environment})
        assert done.returncode == status, f"{done.returncode}: {done.stdout}{done.stderr}"
        return done.stdout if status == 0 else done.stdout + done.stderr

    def json(self, *arguments, **more):
        return json.loads(self.run(*arguments, "--json", **more))


class ForeignService:
    """A service that shares no code and no contract with ours: it answers reflection
    with a descriptor set of its own, and each method with what answers says."""

    def __init__(self, contract, reflection, name, descriptor_set, answers):
        self.contract = contract
        self.answers = {"questline.rpc.v1.ReflectionService/GetDescriptorSet": lambda _: reflection(
            service=name, descriptor_set=descriptor_set, methods=sorted(answers)), **answers}
        self.listener = socket.create_server(("127.0.0.1", 0))
        self.address = "tcp://127.0.0.1:%d" % self.listener.getsockname()[1]
        threading.Thread(target=self._accept, daemon=True).start()

    def close(self):
        self.listener.close()

    def _accept(self):
        while True:
            try:
                connection, _ = self.listener.accept()
            except OSError:
                return
            threading.Thread(target=self._serve, args=(connection,), daemon=True).start()

    def _serve(self, connection):
        with connection, connection.makefile("rb") as stream:
            if stream.read(8) != HANDSHAKE_REQ:
                return
            connection.sendall(HANDSHAKE_REP)
            while head := stream.read(8):
                message = stream.read(struct.unpack(">Q", head)[0])
                body = self._answer(message[4:]).SerializeToString()
                connection.sendall(struct.pack(">Q", len(body) + 4) + message[:4] + body)

    def _answer(self, body):
        reply = self.contract.envelope.Reply()
        for call in self.contract.envelope.Request.FromString(body).calls:
            result = reply.results.add(id=call.id)
            if call.method in self.answers:
                result.payload = self.answers[call.method](call.payload).SerializeToString()
            else:
                result.status.code = 12
                result.status.reason = "METHOD_NOT_FOUND"
        return reply
