"""RPC callers that give up within milliseconds take nothing from those that wait."""
import contextlib
import threading

import pytest

from kit.sp import SpClient, in_ms

pytestmark = pytest.mark.user

GET_USER = "questline.user.v1.UserService/GetUser"
OK, DEADLINE_EXCEEDED, UNAVAILABLE = 0, 4, 14
CALLERS, CALLS = 4, 150


def connections_ever_made(stack):
    """To the users' database; read over a connection to another one."""
    return stack.value("catalog", "select sessions from pg_stat_database where datname = 'questline_user'")


def test_short_deadlines_cost_no_database_connection(stack, contract, api, player):
    token = api.as_user(player).token
    request = contract.user_service.GetUserRequest(user_id="me")
    codes = []

    def be_hasty(number):
        with SpClient(stack.rpc("user")) as client:
            for i in range(CALLS):
                result = client.call(contract, GET_USER, request, token, deadline_unix_ms=in_ms(2 + (i + number) % 20))
                codes.append(result.status.code)

    with SpClient(stack.rpc("user")) as honest:
        assert honest.call(contract, GET_USER, request, token).status.code == OK
        before = connections_ever_made(stack)
        crowd = [threading.Thread(target=be_hasty, args=(number,)) for number in range(CALLERS)]
        for caller in crowd:
            caller.start()
        served = 0
        with contextlib.ExitStack() as ended:
            for caller in crowd:
                ended.callback(caller.join)
            while any(caller.is_alive() for caller in crowd):
                assert honest.call(contract, GET_USER, request, token, deadline_unix_ms=in_ms(8000)).status.code == OK
                served += 1
    # Some may be made to serve more callers at once; none is made in place of another.
    made = connections_ever_made(stack) - before
    print(f"{served} honest calls beside {len(codes)} hasty ones; {made} connections made")
    assert made <= 10
    assert len(codes) == CALLERS * CALLS and set(codes) <= {OK, DEADLINE_EXCEEDED, UNAVAILABLE}
    assert served > 0 and codes.count(DEADLINE_EXCEEDED) > CALLERS * CALLS // 4
    assert stack.is_ready("user")
