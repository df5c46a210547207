"""The description of the API is true: every operation is played from it."""
import http.client
import json
import os
import subprocess
import types
import uuid

import jsonschema
import pytest
import requests

from kit.api import Api, error
from kit.openapi import FILE, Document
from kit.quiz_operations import QuizThings
from kit.stack import ROOT
from kit.waiting import settled

pytestmark = pytest.mark.gateway

DOCUMENT = Document(FILE.read_text())
OPERATIONS = DOCUMENT.operations
each_operation = pytest.mark.parametrize("operation", OPERATIONS, ids=[operation.id for operation in OPERATIONS])


class Callers:
    """One caller for each role, and things that exist."""

    def __init__(self, base):
        self.nobody = Api(base)
        self.player = self.nobody.sign_up()
        self.by_role = {"user": Api(base).sign_in(self.player.name, self.player.password),
                        "admin": Api(base).sign_in("admin", "password")}
        reward = self.new_reward()
        quest = self.new_quest(reward)
        for _ in range(2):
            assert self.nobody.post_session(self.player).status_code == 200
        claim = settled(lambda: len(self.by_role["user"].claims()), 1) and self.by_role["user"].claims()[0]
        account, _, secret = self.new_publisher()
        token = self.nobody.post("/v1/tokens", {"apiKey": secret}).json()["accessToken"]
        self.by_role["publisher"] = self.nobody.with_token(token)
        self.known = {"serviceAccountId": account, "apiKey": secret, "rewardId": reward["rewardId"], "questId": quest["questId"], "userName": self.player.name,
                      "password": self.player.password, "claimId": claim["claimId"], "etag": "",
                      "prerequisiteQuestId": self.new_quest(reward)["questId"]}
        self.spare = self.nobody.sign_up()
        self.quizzes = QuizThings(self.by_role["admin"], self.by_role["user"])

    def new_reward(self):
        return self.by_role["admin"].post("/v1/rewards", {"rewardName": "Ten", "rewardItem": "diamond",
                                                          "rewardQty": 10}).json()

    def new_quest(self, reward):
        return self.by_role["admin"].post("/v1/quests", {
            "rewardId": reward["rewardId"], "name": "Three", "streak": 3, "duplication": 1, "backfill": True,
            "eventTypes": ["openapi.played"]}).json()

    def new_publisher(self):
        """The ids of an account and its key, and the key."""
        admin = self.by_role["admin"]
        account = admin.post("/v1/serviceAccounts", {"displayName": "Arena", "eventTypes": ["monster.*"]}).json()
        key = admin.post(f"/v1/serviceAccounts/{account['serviceAccountId']}/keys").json()
        return account["serviceAccountId"], key["key"]["keyId"], key["apiKey"]

    def of(self, operation):
        if operation.id in ("PersonalDataService_DeleteUser", "UserService_ChangePassword"):  # the token ends with it
            return self.nobody.as_user(self.nobody.sign_up())
        return self.by_role[operation.roles[0]] if operation.roles else self.nobody

    def body(self, operation):
        """The example, with what exists for what need not."""
        body = self.quizzes.body(operation)
        if body is not None:
            return body
        body = operation.body()
        if body is not None:
            for message in (body, body.get("quest", {})):
                message.update({name: value for name, value in self.known.items() if name in message})
        if operation.id == "UserService_CreateUser":
            body["userName"] = f"u{uuid.uuid4().hex}"
        if body is not None and "refreshToken" in body:
            # Signing out everywhere ends the tokens of whoever else plays that player.
            player = self.nobody.sign_up() if operation.id == "SessionService_SignOut" else self.player
            body["refreshToken"] = self.nobody.post_session(player).json()["refreshToken"]
        if operation.id == "UserService_ChangePassword":
            body.update(currentPassword=self.player.password, newPassword="another good password")
        if operation.id == "PersonalDataService_DeleteUser":
            body["currentPassword"] = self.player.password
        return body

    def path(self, operation):
        """The path, filled with what exists or else with the examples."""
        path, known = operation.path, {**self.known, **self.quizzes.known(operation)}
        if ":archive" in path and ("/rewards/" in path or "/quests/" in path):  # what is archived is of no use to the others
            reward = self.new_reward()
            known = {"rewardId": reward["rewardId"], "questId": self.new_quest(self.known)["questId"]}
        if ":disable" in path or "/keys/" in path:
            account, key, _ = self.new_publisher()
            known = {"serviceAccountId": account, "keyId": key}
        if operation.id.startswith("UserAdminService_"):
            path = path.replace("{user_id}", self.spare.user_id)
        for name, value in operation.examples("path").items():
            head, *rest = name.split(".")[-1].split("_")
            thing = known.get(head + "".join(part.capitalize() for part in rest))
            path = path.replace("{" + name + "}", thing or value)
        return path

    def play(self, operation, caller=None, **arguments):
        arguments.setdefault("body", self.body(operation))
        path = arguments.pop("path", None) or self.path(operation)
        return (caller or self.of(operation)).call(operation.verb, path, **arguments)


def announce_large_body(callers, operation):
    """The answer to the header of such a request; the body is never sent, so that
    no answer is lost to a connection that is reset while it is."""
    connection = http.client.HTTPConnection(callers.nobody.base.removeprefix("http://"), timeout=10)
    try:
        connection.putrequest(operation.verb, callers.path(operation))
        for name, value in (("Content-Type", "application/json"), ("Content-Length", str(1 << 30)),
                            ("Authorization", f"Bearer {callers.of(operation).token}")):
            connection.putheader(name, value)
        connection.endheaders()
        answer = connection.getresponse()
        text = answer.read().decode()
        return types.SimpleNamespace(status_code=answer.status, text=text, json=lambda: json.loads(text),
                                     headers=requests.structures.CaseInsensitiveDict(answer.headers))
    finally:
        connection.close()


@pytest.fixture(scope="module")
def callers(stack):
    return Callers(stack.http)


def test_the_document_is_served_to_anybody(stack):
    plain = {"Accept-Encoding": "identity"}
    answer = requests.get(stack.http + "/openapi.json", headers=plain, timeout=5)
    assert answer.status_code == 200 and answer.headers["Content-Type"] == "application/json"
    assert answer.text == FILE.read_text()
    head = requests.head(stack.http + "/openapi.json", headers=plain, timeout=5)
    assert head.headers["Content-Length"] == str(len(answer.content))
    assert error(requests.post(stack.http + "/openapi.json", timeout=5)) == (405, "INVALID_ARGUMENT",
                                                                             "METHOD_NOT_ALLOWED")


def test_a_validator_accepts_the_document():
    done = subprocess.run([ROOT / "scripts/check_openapi.sh"], text=True, check=False, timeout=120,
                          stdout=subprocess.PIPE, stderr=subprocess.STDOUT)
    if done.returncode == 77:
        pytest.skip(done.stdout)
    assert done.returncode == 0, done.stdout


def test_schemas_are_schemas_and_examples_fit_them():
    for name, schema in DOCUMENT.node["components"]["schemas"].items():
        jsonschema.Draft202012Validator.check_schema(schema)
        assert schema["description"], name
    examples = DOCUMENT.schemas_with_examples()
    assert len(examples) > 2 * len(OPERATIONS)
    for where, schema, example in examples:
        try:
            DOCUMENT.validate(example, schema)
        except jsonschema.ValidationError as problem:
            raise AssertionError(where) from problem


def test_every_route_is_an_operation_and_the_other_way_round(stack):
    gateway = os.readlink(f"/proc/{stack.pid('gateway')}/exe")
    routes = subprocess.run([gateway, "--routes"], text=True, check=True, stdout=subprocess.PIPE).stdout
    expected = set()
    for line in routes.splitlines():
        verb, path, method, access = line.split()
        if access in ("public", "user", "admin", "publisher"):
            service, name = method.split("/")
            expected.add((verb, path, f"{service.split('.')[-1]}_{name}", access))
    access_of = {(): "public", ("user", "admin"): "user", ("admin",): "admin", ("publisher",): "publisher"}
    assert expected == {(operation.verb, operation.path, operation.id, access_of[tuple(operation.roles)])
                        for operation in OPERATIONS}


def test_secrets_are_sent_and_never_shown():
    schemas = dict(DOCUMENT.node["components"]["schemas"])
    for operation in OPERATIONS:  # a body without what stands in the path has no name of its own
        body = operation.node.get("requestBody", {}).get("content", {}).get("application/json", {})
        schemas[operation.id] = body.get("schema", {})
    secret = {(name, field) for name, schema in schemas.items()
              for field, member in schema.get("properties", {}).items() if member.get("writeOnly")}
    assert {field for _, field in secret} == {"apiKey", "password", "currentPassword", "newPassword", "refreshToken"}
    for name, _ in secret:
        assert schemas[name]["additionalProperties"] is False, f"{name} is no request"


def test_an_update_may_send_a_part():
    for operation in OPERATIONS:
        if operation.verb == "PATCH":
            DOCUMENT.validate({}, operation.node["requestBody"]["content"]["application/json"]["schema"])


@each_operation
def test_operation_answers_as_described(callers, operation):
    answer = callers.play(operation, params=operation.examples("query"))
    assert answer.status_code == 200, answer.text
    operation.check(answer)
    DOCUMENT.validate(callers.body(operation), {} if operation.body() is None else
                      operation.node["requestBody"]["content"]["application/json"]["schema"])


@each_operation
def test_operation_refuses_strangers_where_it_names_roles(callers, operation):
    answer = callers.play(operation, caller=callers.nobody)
    if not operation.roles:
        assert answer.status_code == 200, answer.text
        return
    assert error(answer) == (401, "UNAUTHENTICATED", "TOKEN_MISSING")
    assert answer.headers["WWW-Authenticate"] == "Bearer"
    operation.check(answer)
    forged = callers.play(operation, caller=callers.nobody.with_token(callers.of(operation).token[:-4] + "AAAA"))
    assert error(forged)[0] == 401 and error(forged)[2] in operation.reasons(401)
    operation.check(forged)
    for role, caller in callers.by_role.items():
        if role not in operation.roles:
            refused = callers.play(operation, caller=caller)
            assert error(refused)[0] == 403 and error(refused)[2] in operation.reasons(403)
            operation.check(refused)


@each_operation
def test_operation_refuses_what_it_does_not_describe(callers, operation):
    answers = [callers.play(operation, params={"thereIsNoSuchParameter": "1"}),
               callers.play(operation, headers={"Accept": "text/html"})]
    if operation.body() is None:
        answers.append(callers.play(operation, body={}))
    else:
        answers.append(callers.play(operation, body={**callers.body(operation), "thereIsNoSuchField": 1}))
        answers.append(callers.play(operation, body=None, data="{", headers={"Content-Type": "application/json"}))
        answers.append(callers.play(operation, body=None, data="{}", headers={"Content-Type": "text/plain"}))
        answers.append(announce_large_body(callers, operation))
    for answer in answers:
        status, _, reason = error(answer)
        assert 400 <= status < 500 and reason in operation.reasons(status), answer.text
        operation.check(answer)
    assert {406} <= {answer.status_code for answer in answers}
    assert operation.body() is None or {400, 406, 413, 415} == {answer.status_code for answer in answers}


@pytest.mark.parametrize("operation", [operation for operation in OPERATIONS if operation.response(404)],
                         ids=lambda operation: operation.id)
def test_operation_does_not_find_what_is_not_there(callers, operation):
    path = operation.path
    for name, value in operation.examples("path").items():
        path = path.replace("{" + name + "}", value if name == "board" else str(uuid.uuid4()))  # any board is there
    answer = callers.play(operation, caller=callers.by_role["admin"], path=path)
    assert error(answer)[0] == 404 and error(answer)[2] in operation.reasons(404)
    operation.check(answer)
