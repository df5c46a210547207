"""The description of the API, read by somebody who knows JSON Schema and nothing of ours."""
import base64
import copy
import datetime
import json

import jsonschema

from .stack import ROOT

FILE = ROOT / "generated/openapi.json"
VERBS = ("get", "put", "post", "delete", "options", "head", "patch", "trace")

FORMATS = jsonschema.FormatChecker(formats=())


@FORMATS.checks("date-time", raises=ValueError)
def _is_date_time(value):
    return not isinstance(value, str) or datetime.datetime.fromisoformat(value).tzinfo is not None


@FORMATS.checks("byte", raises=ValueError)
def _is_base64(value):
    return not isinstance(value, str) or base64.b64decode(value, validate=True) is not None


def _in_range(low, high):
    return lambda value: isinstance(value, bool) or not isinstance(value, (int, str)) or low <= int(value) <= high


for _name, _low, _high in (("int32", -2**31, 2**31 - 1), ("uint32", 0, 2**32 - 1),
                           ("int64", -2**63, 2**63 - 1), ("uint64", 0, 2**64 - 1)):
    FORMATS.checks(_name, raises=ValueError)(_in_range(_low, _high))


def _closed(node):
    """The same, but an object has what is described and no more: answers may
    grow, those of today are known."""
    if isinstance(node, dict):
        node = {key: _closed(value) for key, value in node.items()}
        if node.get("type") == "object" and isinstance(node.get("properties"), dict):
            node.setdefault("additionalProperties", False)
    return [_closed(item) for item in node] if isinstance(node, list) else node


class Operation:
    def __init__(self, document, path, verb, node):
        self.document, self.path, self.verb, self.node = document, path, verb.upper(), node
        self.id = node["operationId"]
        self.roles = [role for choice in node["security"] for role in choice["bearer"]]
        self.parameters = [document.resolve(parameter) for parameter in node["parameters"]]

    def response(self, status):
        return self.document.resolve(self.node["responses"].get(str(status), {}))

    def reasons(self, status):
        """The documented reasons of a status."""
        examples = self.response(status)["content"]["application/json"]["examples"]
        return {example["value"]["error"]["details"][0]["reason"] for example in examples.values()}

    def body(self):
        """The example of a request's body; None when there is none."""
        body = self.node.get("requestBody")
        return body and copy.deepcopy(body["content"]["application/json"]["example"])

    def examples(self, place):
        """Of the parameters in the path, or of those in the query, as they are written there."""
        values = {parameter["name"]: parameter.get("example", parameter["schema"].get("default"))
                  for parameter in self.parameters if parameter["in"] == place}
        return {name: str(value).lower() if isinstance(value, bool) else value for name, value in values.items()}

    def check(self, answer):
        """The answer is one that is described: its status, its fields, its body."""
        response = self.response(answer.status_code)
        assert response, f"{self.id} does not document {answer.status_code}: {answer.text}"
        for name, header in response["headers"].items():
            header = self.document.resolve(header)
            assert name in answer.headers or not header.get("required"), name
        assert answer.headers["Content-Type"] in response["content"]
        schema = response["content"][answer.headers["Content-Type"]]["schema"]
        self.document.validate(answer.json(), schema)


class Document:
    def __init__(self, text):
        self.node = json.loads(text)
        self.closed = _closed(self.node)
        self.operations = [Operation(self, path, verb, node[verb])
                           for path, node in self.node["paths"].items() for verb in VERBS if verb in node]

    def resolve(self, node):
        while "$ref" in node:
            target = self.node
            for step in node["$ref"].removeprefix("#/").split("/"):
                target = target[step]
            node = target
        return node

    def validate(self, value, schema):
        resolver = jsonschema.RefResolver("", self.closed)
        jsonschema.Draft202012Validator(_closed(schema), resolver=resolver, format_checker=FORMATS).validate(value)

    def schemas_with_examples(self):
        """(where, schema, example) of everything that has both."""
        def walk(where, node):
            if isinstance(node, dict):
                if "schema" in node and "example" in node:
                    yield where, node["schema"], node["example"]
                for name, example in node.get("examples", {}).items() if "schema" in node else ():
                    yield f"{where} {name}", node["schema"], example["value"]
                for example in node["examples"] if isinstance(node.get("examples"), list) else ():
                    yield where, node, example  # of a schema itself
                if "schema" in node and "default" in node["schema"]:
                    yield where, node["schema"], node["schema"]["default"]
                for key, value in node.items():
                    if key not in ("example", "examples"):
                        yield from walk(f"{where}/{key}", value)
            elif isinstance(node, list):
                for index, value in enumerate(node):
                    yield from walk(f"{where}/{index}", value)
        return list(walk("", self.node))
