"""A front end's view: JSON over HTTP."""
import itertools
import os
import uuid

import requests

_names = itertools.count()


class User:
    def __init__(self, name, password, user_id):
        self.name, self.password, self.user_id = name, password, user_id


class Api:
    """A caller; signed in once sign_in was called."""

    def __init__(self, base):
        self.base = base
        self.session = requests.Session()
        self.token = None
        self.user = None

    def call(self, verb, path, body=None, **arguments):
        headers = arguments.pop("headers", {})
        if self.token:
            headers = {"Authorization": f"Bearer {self.token}", **headers}
        arguments.setdefault("timeout", 30)
        return self.session.request(verb, self.base + path, json=body, headers=headers, **arguments)

    def get(self, path, **arguments):
        return self.call("GET", path, **arguments)

    def post(self, path, body=None, **arguments):
        return self.call("POST", path, body, **arguments)

    def sign_up(self, name=None, password="a good password"):
        name = name or f"u{os.getpid()}-{next(_names)}-{uuid.uuid4().hex[:8]}"
        answer = self.post("/v1/users", {"userName": name, "password": password})
        assert answer.status_code == 200, answer.text
        return User(name, password, answer.json()["userId"])

    def post_session(self, user):
        return self.post("/v1/sessions", {"userName": user.name, "password": user.password})

    def sign_in(self, name, password):
        """Signs in and carries the token from now on."""
        answer = self.post("/v1/sessions", {"userName": name, "password": password})
        assert answer.status_code == 200, answer.text
        self.token = answer.json()["accessToken"]
        self.user = answer.json()["user"]
        return self

    def with_token(self, token):
        """A second caller, with a token somebody was given."""
        other = Api(self.base)
        other.token = token
        return other

    def as_user(self, user):
        """A second caller, signed in as user (which is one sign-in event)."""
        return Api(self.base).sign_in(user.name, user.password)

    def delete_account(self, user):
        """Deletes the caller's own account, with the password."""
        return self.post("/v1/users/me:delete", {"currentPassword": user.password})

    def events(self, **query):
        """Every page of GET /v1/events."""
        found, token = [], ""
        while True:
            answer = self.get("/v1/events", params={**query, "pageSize": 200, "pageToken": token})
            assert answer.status_code == 200, answer.text
            found += answer.json()["events"]
            token = answer.json()["nextPageToken"]
            if not token:
                return found

    def progress(self, user_id="me"):
        answer = self.get(f"/v1/users/{user_id}/progress")
        assert answer.status_code == 200, answer.text
        return answer.json()["progress"]

    def claims(self, user_id="me"):
        answer = self.get(f"/v1/users/{user_id}/claims")
        assert answer.status_code == 200, answer.text
        return answer.json()["claims"]


def error(answer):
    """(HTTP status, google.rpc code name, reason) of an error answer."""
    body = answer.json()["error"]
    assert body["code"] == answer.status_code
    return answer.status_code, body["status"], body["details"][0]["reason"]


def violated_fields(answer):
    for detail in answer.json()["error"]["details"]:
        if "fieldViolations" in detail:
            return [violation["field"] for violation in detail["fieldViolations"]]
    return []


def violated_reasons(answer):
    """{field: reason} of the rules of the contract that a request breaks."""
    return {violation["field"]: violation.get("reason") for detail in answer.json()["error"]["details"]
            for violation in detail.get("fieldViolations", [])}
