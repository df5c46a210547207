"""ql-transcode as a function, over one process: many requests go in while answers
come out."""
import os
import pathlib
import struct
import subprocess
import sys
import threading

from .stack import ROOT, Stack

TOOL = ROOT / "tools" / "ql-transcode"


def compile_trials(folder):
    """The trial messages and the protocol for protobuf's own Python, and their
    descriptor set: (trial3, trial2, protocol, path of the set)."""
    for include, names in ((TOOL / "testdata", ["trial3.proto", "trial2.proto"]),
                           (TOOL, ["protocol.proto"])):
        subprocess.run(["protoc", f"-I{include}", f"--python_out={folder}", "--include_imports",
                        f"--descriptor_set_out={folder}/{names[0]}.desc", *names], check=True)
    sys.path.insert(0, str(folder))
    import protocol_pb2
    import trial2_pb2
    import trial3_pb2
    sys.path.remove(str(folder))
    return trial3_pb2, trial2_pb2, protocol_pb2, f"{folder}/trial3.proto.desc"


def programs():
    """The folder of the build: as scripts/run_tests.sh says, or that of the running gateway, which
    may be a copy of its program alone."""
    for name in ("QL_BIN_DIR", "QL_FAULT_BIN"):
        if name in os.environ:
            return pathlib.Path(os.environ[name])
    gateway = Stack(os.environ["QL_STATE_DIR"]).pid("gateway")
    return pathlib.Path(os.readlink(f"/proc/{gateway}/exe")).parent


class Transcoder:
    def __init__(self, protocol, descriptor_set):
        self.protocol = protocol
        self.command = [programs() / "ql-transcode", "--descriptor-set", descriptor_set]

    def request(self, kind, payload, wanted, category="CATEGORY_UNSPECIFIED"):
        request = self.protocol.Request(message_type=kind.DESCRIPTOR.full_name,
                                        wanted=self.protocol.Format.Value("FORMAT_" + wanted),
                                        category=self.protocol.Category.Value(category))
        if isinstance(payload, str):
            request.json = payload.encode()
        else:
            request.protobuf = payload
        return request

    def answer(self, requests):
        """(name of the result, its bytes) for each request."""
        process = subprocess.Popen(self.command, stdin=subprocess.PIPE, stdout=subprocess.PIPE)

        def write():
            for request in requests:
                body = request.SerializeToString()
                process.stdin.write(struct.pack("<I", len(body)) + body)
            process.stdin.close()

        writer = threading.Thread(target=write)
        writer.start()
        answers = []
        while prefix := process.stdout.read(4):
            body = process.stdout.read(struct.unpack("<I", prefix)[0])
            response = self.protocol.Response.FromString(body)
            which = response.WhichOneof("result")
            answers.append((which, getattr(response, which)))
        writer.join()
        assert process.wait() == 0, "ql-transcode failed"
        return answers
