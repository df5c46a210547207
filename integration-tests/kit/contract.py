"""The contract for protobuf's own Python: proto/ compiled by protoc, nothing of ours."""
import importlib
import subprocess
import sys
import types

from .stack import ROOT


def attribute_of(proto):
    """questline/user/v1/user_service.proto is contract.user_service; each package's events.proto is
    contract.<package>_events, and its options.proto contract.<package>_options."""
    return f"{proto.parts[1]}_{proto.stem}" if proto.stem in ("events", "options") else proto.stem


def compile_contract(folder):
    protos = sorted(path.relative_to(ROOT / "proto") for path in (ROOT / "proto").rglob("*.proto"))
    subprocess.run(["protoc", f"-I{ROOT / 'proto'}", "-I/usr/include", f"--python_out={folder}",
                    *map(str, protos)], check=True)
    # google/api lies beside google/protobuf of the installed package.
    import google
    google.__path__.append(str(folder / "google"))
    sys.path.insert(0, str(folder))
    contract = types.SimpleNamespace()
    for proto in protos:
        if proto.parts[0] == "questline":
            name = attribute_of(proto)
            assert not hasattr(contract, name), f"two files of the contract are called {name}"
            setattr(contract, name, importlib.import_module(".".join(proto.with_suffix("").parts) + "_pb2"))
    return contract
