"""Sign-ins beside bare password checks, on the same cores."""
import json
import os
import uuid

import requests

from load import Pairs, numbers, wrk

CONNECTIONS = 8
USERS = 16
PASSWORD = "a good password"

SCRIPT = """local bodies = {%s}
local next_one = 0
request = function()
    next_one = next_one %% #bodies + 1
    return wrk.format("POST", "/v1/sessions", {["Content-Type"] = "application/json"}, bodies[next_one])
end
"""


def sign_in_row(bench):
    bodies = []
    for _ in range(USERS):
        body = {"userName": f"bench-{uuid.uuid4().hex[:12]}", "password": PASSWORD}
        requests.post(f"{bench.stack.http}/v1/users", json=body, timeout=20).raise_for_status()
        bodies.append(f"'{json.dumps(body)}'")
    script = bench.stack.state / "bench-sign-in.lua"
    script.write_text(SCRIPT % ", ".join(bodies))
    url, cores = f"{bench.stack.http}/v1/sessions", os.cpu_count()

    def bare():
        found = numbers([bench.bin / "ql-bench-pwhash", cores, bench.seconds], bench.seconds)
        return found["checks"] / found["seconds"]

    pairs = Pairs(bench.pairs, lambda: wrk(url, CONNECTIONS, bench.seconds, script=script).per_second, bare)

    def same(rate):
        return rate

    return [f"sign-ins, {CONNECTIONS} conn.", f"{pairs.median(same):.1f} per s",
            f"crypto_pwhash on {cores} threads, {pairs.median(same, pairs.baseline):.1f} per s",
            pairs.ratio(same), "-"]
