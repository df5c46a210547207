"""PATCH says what it means: every route of the contract that changes a resource, member by member."""
import copy
import uuid

import pytest

from kit.api import error, violated_fields
from kit.openapi import FILE, Document
from kit.quiz_bank import draft_quiz, fixed, post_question, true_false

pytestmark = pytest.mark.gateway

ROUTES = [operation for operation in Document(FILE.read_text()).operations if operation.verb == "PATCH"]
each_route = pytest.mark.parametrize("route", ROUTES, ids=[route.id for route in ROUTES])

ZEROS = {"string": "", "integer": 0, "boolean": False, "array": [], "object": {}}
NOBODY = "018f0000-0000-7000-8000-00000000dead"


def quest(admin):
    reward = admin.post("/v1/rewards", {"rewardName": "Ten", "rewardItem": "gold", "rewardQty": 10}).json()
    return admin.post("/v1/quests", {
        "rewardId": reward["rewardId"], "name": "Three", "description": "thrice", "streak": 3, "duplication": 2,
        "autoClaim": True, "eventTypes": [f"test.t{uuid.uuid4().hex[:8]}"], "streakRule": "DAILY",
        "conditions": [{"field": "score", "operator": "GREATER", "value": 10}],
        "startsAt": "2026-01-01T00:00:00Z", "endsAt": "2036-01-01T00:00:00Z"}).json()


MAKERS = {
    "/v1/quests": lambda admin: (admin, quest(admin)),
    "/v1/rewards": lambda admin: (admin, admin.post("/v1/rewards", {"rewardName": "Ten", "rewardItem": "gold",
                                                                    "rewardQty": 10}).json()),
    "/v1/questions": lambda admin: (admin, post_question(admin, true_false("A statement.", explanation="So it is."))),
    "/v1/quizzes": lambda admin: (admin, draft_quiz(admin, fixed(post_question(admin, true_false("A statement."))),
                                                    description="Statements.", opensAt="2026-01-01T00:00:00Z")),
    "/v1/users": lambda admin: (lambda me: (me, me.get("/v1/users/me").json()))(admin.as_user(admin.sign_up())),
}

# What a quiz is to administrators, players do not see before it is published.
READS = {"/v1/quizzes": ("/draft", "quiz")}

# Numbers whose zero stands for another one.
NUMBERS_WITH_DEFAULT = ("points", "boardPoints")


class Resource:
    """One of what the route changes, and a caller who may."""

    def __init__(self, admin, route):
        collection, _, variable = route.path.partition("/{")
        assert collection in MAKERS, f"say in MAKERS how to make what {route.path} changes"
        self.caller, made = MAKERS[collection](admin)
        self.id_name = next(name for name in made if name.lower() == variable.strip("}").split(".")[-1].replace("_", ""))
        self.path = f"{collection}/{made[self.id_name]}"
        self.read = READS.get(collection, ("", None))
        self.schema = route.node["requestBody"]["content"]["application/json"]["schema"]["properties"]
        self.names = {name: route.document.resolve(schema) for name, schema in self.schema.items()}

    def get(self):
        suffix, member = self.read
        answer = self.caller.get(self.path + suffix)
        assert answer.status_code == 200, answer.text
        return answer.json()[member] if member else answer.json()

    def patch(self, body, **query):
        return self.caller.call("PATCH", self.path, body, params=query)

    def set_by_service(self):
        return [name for name in self.names if self.schema[name].get("readOnly")]

    def zero(self, name):
        schema = self.names[name]
        return schema["enum"][0] if "enum" in schema else ZEROS[schema.get("type", "object")]


@pytest.fixture
def resource(admin, route):
    return Resource(admin, route)


@each_route
def test_what_was_read_can_be_sent_back(resource, route):
    before = resource.get()
    assert resource.set_by_service()
    for query in ({}, {"updateMask": "*"}):
        answer = resource.patch(before, **query)
        assert (answer.status_code, answer.json()) == (200, before), answer.text
    assert resource.patch({}).json() == before
    assert resource.get() == before


@each_route
def test_what_the_service_sets_is_refused_by_name_when_it_differs(resource, route):
    before = resource.get()
    for name in resource.set_by_service():
        other = {"string": NOBODY, "integer": 7, "boolean": not before.get(name, False),
                 "object": {"attempts": 7}}[resource.names[name]["type"]]
        if "enum" in resource.names[name]:
            other = next(value for value in resource.names[name]["enum"][1:] if value != before[name])
        elif resource.names[name].get("format") == "date-time":
            other = "2026-01-01T00:00:00Z"
        elif resource.names[name].get("format") == "int64":
            other = "77"
        for body in ({name: other}, {**before, name: other}):
            for query in ({}, {"updateMask": name}, {"updateMask": "*"}):
                answer = resource.patch(body, **query)
                assert answer.status_code == 400, f"{name}: {answer.text}"
                assert [field.split(".")[-1] for field in violated_fields(answer)] == [name]
    assert resource.get() == before


@each_route
def test_a_member_named_with_its_zero_is_named(resource, route):
    """null, false, 0, "" and []: each becomes so, or is refused by name; never passed over."""
    before = resource.get()
    for name in resource.names:
        if name in resource.set_by_service() or name == "etag":
            continue
        for value in (None, resource.zero(name)):
            if value == {} and "$ref" not in resource.schema[name]:
                continue
            current = resource.get()
            answer = resource.patch({name: value})
            if answer.status_code != 200:
                assert answer.status_code == 400, answer.text
                assert [field.split(".")[-1].split("[")[0] for field in violated_fields(answer)] == [name]
                assert resource.get() == current
            elif name in before:
                # A default may be shown as what it stands for: no streak rule is EVERY_EVENT.
                shown = answer.json().get(name)
                assert shown in (None, resource.zero(name)) or "enum" in resource.names[name] or \
                    name in NUMBERS_WITH_DEFAULT, answer.text
                assert resource.patch({name: before[name]}).status_code == 200


@each_route
def test_a_mask_names_fields_and_is_reported_as_it_was_sent(resource, route):
    for path in ("nothing", "Nothing", "noThing.at", "x-y"):
        answer = resource.patch({}, updateMask=path)
        assert error(answer)[:2] == (400, "INVALID_ARGUMENT")
        assert violated_fields(answer) == ["updateMask"]
    assert "noThing" in resource.patch({}, updateMask="noThing").text
    assert "Nothing" in resource.patch({}, updateMask="Nothing").text
    own = {resource.id_name: resource.get()[resource.id_name]}
    assert resource.patch(own, updateMask=resource.id_name).status_code == 200


@each_route
def test_another_id_in_the_body_than_in_the_path_is_refused(resource, route):
    body = copy.copy(resource.get())
    body[resource.id_name] = NOBODY
    assert resource.patch(body).status_code == 400
    body[resource.id_name] = resource.get()[resource.id_name].upper()
    assert resource.patch(body).status_code == 200


def test_an_action_refuses_another_id_in_its_body_than_in_its_path(admin):
    made = quest(admin)
    answer = admin.post(f"/v1/quests/{made['questId']}:archive", {"questId": NOBODY})
    assert (answer.status_code, violated_fields(answer)) == (400, ["questId"])
    assert admin.get(f"/v1/quests/{made['questId']}").json() == made
    assert admin.post(f"/v1/quests/{made['questId']}:archive", {"questId": made["questId"]}).status_code == 200


def test_a_quest_is_changed_member_by_member(admin):
    path = f"/v1/quests/{quest(admin)['questId']}"
    for body in ({"autoClaim": False}, {"description": ""}, {"conditions": []}, {"startsAt": None},
                 {"streakRule": "EVERY_EVENT"}):
        answer = admin.call("PATCH", path, body)
        assert answer.status_code == 200, answer.text
        (name, value), = body.items()
        assert answer.json().get(name) == value
    for body in ({"name": ""}, {"streak": 0}, {"eventTypes": []}, {"rewardId": None}, {"backfill": True}):
        answer = admin.call("PATCH", path, body)
        assert violated_fields(answer) == [f"quest.{name}" for name in body], answer.text


def test_a_quest_is_not_created_with_what_the_service_sets(admin):
    taken = Document(FILE.read_text()).node["components"]["schemas"]["QuestInput"]["properties"]
    body = {key: value for key, value in quest(admin).items() if key in taken and key != "etag"}
    for name, value in (("questId", NOBODY), ("revision", "3"), ("revisedAt", "2026-01-01T00:00:00Z"),
                        ("archived", True)):
        answer = admin.post("/v1/quests", {**body, name: value})
        assert violated_fields(answer) == [f"quest.{name}"], answer.text
    answer = admin.post("/v1/serviceAccounts", {"displayName": "A", "eventTypes": ["a.b"], "disabled": True,
                                                "serviceAccountId": NOBODY})
    assert violated_fields(answer) == ["serviceAccount.serviceAccountId", "serviceAccount.disabled"]
