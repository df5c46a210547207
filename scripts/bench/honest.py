"""A client that means well: a fixed number of requests, one after the other, each on a connection of its own."""
import collections
import http.client
import json
import time
import uuid

PASSWORD = "a good password"
EVENT_TYPE = "bench.honest"
TIMEOUT_S = 10
PAUSE_S = 0.005
# 20 requests: a sign-in, two publishings with a token that nobody has seen yet, and look-ups.
TURN = ("sign-in", "publish", "publish", *("quest", "user", "progress") * 5, "quest", "user")


class Answers:
    """Of one run: milliseconds of what was answered, and what failed."""

    def __init__(self):
        self.requests_ms, self.sign_ins_ms, self.sent, self.failed = [], [], 0, collections.Counter()

    @property
    def answered(self):
        return len(self.requests_ms) + len(self.sign_ins_ms)


class HonestClient:
    def __init__(self, stack, address, api_key, quest_id):
        self.server = stack.http.removeprefix("http://").split(":")
        self.address, self.api_key, self.quest_id = address, api_key, quest_id
        self.name, self.token, self.fresh = f"honest-{uuid.uuid4().hex[:12]}", None, []
        self.user_id = self.ask("POST", "/v1/users", {"userName": self.name, "password": PASSWORD})[1]["userId"]

    def ask(self, verb, path, body=None, token=None):
        connection = http.client.HTTPConnection(self.server[0], int(self.server[1]), timeout=TIMEOUT_S,
                                                source_address=(self.address, 0))
        try:
            fields = {"Content-Type": "application/json"}
            if token:
                fields["Authorization"] = f"Bearer {token}"
            connection.request(verb, path, None if body is None else json.dumps(body), fields)
            answer = connection.getresponse()
            return answer.status, json.loads(answer.read() or b"{}")
        finally:
            connection.close()

    def sign_in(self):
        status, body = self.ask("POST", "/v1/sessions", {"userName": self.name, "password": PASSWORD})
        self.token = body.get("accessToken", self.token)
        return status

    def publish(self):
        event = {"eventId": str(uuid.uuid4()), "eventType": EVENT_TYPE, "userId": self.user_id}
        return self.ask("POST", "/v1/events", {"events": [event]}, self.fresh.pop())[0]

    def look_up(self, what):
        path = {"quest": f"/v1/quests/{self.quest_id}", "user": "/v1/users/me", "progress": "/v1/users/me/progress"}
        return self.ask("GET", path[what], token=self.token)[0]

    def prepare(self, n_turns):
        """Signs in, and gets the tokens to publish with; before an attack."""
        assert self.sign_in() == 200
        self.fresh = [self.ask("POST", "/v1/tokens", {"apiKey": self.api_key})[1]["accessToken"]
                      for _ in range(2 * n_turns)]

    def run(self, n_turns, seconds_at_most):
        """Turns of 20 requests, and what became of them; those that the time does not suffice for have failed."""
        answers, end = Answers(), time.monotonic() + seconds_at_most
        for what in TURN * n_turns:
            answers.sent += 1
            began = time.monotonic()
            if began > end:
                answers.failed["late"] += 1
                continue
            try:
                status = (self.sign_in() if what == "sign-in" else self.publish() if what == "publish"
                          else self.look_up(what))
            except (OSError, http.client.HTTPException) as trouble:
                status = type(trouble).__name__
            if status == 200:
                took = answers.sign_ins_ms if what == "sign-in" else answers.requests_ms
                took.append((time.monotonic() - began) * 1000)
            else:
                answers.failed[status] += 1
            time.sleep(PAUSE_S)  # a client's pace, not a wait
        return answers
