"""The contract for protobuf's own Python: proto/ compiled by protoc, nothing of ours."""
import importlib
import subprocess
import sys
import types

from .stack import ROOT


def compile_contract(folder):
    protos = sorted(str(p.relative_to(ROOT / "proto")) for p in (ROOT / "proto").rglob("*.proto"))
    subprocess.run(["protoc", f"-I{ROOT / 'proto'}", "-I/usr/include", f"--python_out={folder}",
                    *protos], check=True)
    # google/api lies beside google/protobuf of the installed package.
    import google
    google.__path__.append(str(folder / "google"))
    sys.path.insert(0, str(folder))
    load = importlib.import_module
    return types.SimpleNamespace(
        envelope=load("questline.rpc.v1.envelope_pb2"),
        health=load("questline.rpc.v1.health_service_pb2"),
        event=load("questline.event.v1.event_pb2"),
        user=load("questline.user.v1.user_service_pb2"),
        session=load("questline.user.v1.session_service_pb2"),
        claim=load("questline.user.v1.claim_service_pb2"),
        user_events=load("questline.user.v1.events_pb2"),
        quest=load("questline.catalog.v1.quest_query_service_pb2"),
        quest_command=load("questline.catalog.v1.quest_command_service_pb2"),
        catalog_events=load("questline.catalog.v1.events_pb2"),
        progress=load("questline.processing.v1.progress_service_pb2"),
        processing_events=load("questline.processing.v1.events_pb2"),
        publish=load("questline.processing.v1.publish_service_pb2"),
        stored=load("questline.processing.v1.event_service_pb2"),
    )
