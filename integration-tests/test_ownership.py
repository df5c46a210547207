"""One user's token reads nothing of another's, over HTTP and over RPC (row P10)."""
import pytest

from kit.api import error
from kit.sp import SpClient

pytestmark = pytest.mark.user


@pytest.fixture
def two(api):
    first, second = api.sign_up(), api.sign_up()
    return api.as_user(first), first, second


@pytest.mark.parametrize("path", ["/v1/users/{}", "/v1/users/{}/claims", "/v1/users/{}/progress"])
def test_another_users_things_are_refused_over_http(two, path):
    me, first, second = two
    assert me.get(path.format(first.user_id)).status_code == 200
    assert error(me.get(path.format(second.user_id))) == (403, "PERMISSION_DENIED", "NOT_OWNER")


@pytest.mark.parametrize("service, method", [
    ("user", "questline.user.v1.UserService/GetUser"),
    ("user", "questline.user.v1.ClaimService/ListClaims"),
    ("processing", "questline.processing.v1.ProgressService/ListProgress"),
])
def test_another_users_things_are_refused_by_the_service_itself(stack, contract, two, service, method):
    me, first, second = two
    message = {"GetUser": contract.user_service.GetUserRequest, "ListClaims": contract.claim_service.ListClaimsRequest,
               "ListProgress": contract.progress_service.ListProgressRequest}[method.split("/")[1]]
    with SpClient(stack.rpc(service)) as client:
        assert client.call(contract, method, message(user_id=first.user_id), me.token).status.code == 0
        assert client.call(contract, method, message(user_id="me"), me.token).status.code == 0
        refused = client.call(contract, method, message(user_id=second.user_id), me.token)
        assert (refused.status.code, refused.status.reason, refused.payload) == (7, "NOT_OWNER", b"")


def test_an_administrator_reads_everybodys(two, admin):
    _, first, second = two
    for user in (first, second):
        assert admin.get(f"/v1/users/{user.user_id}").json()["userName"] == user.name
        assert admin.progress(user.user_id) is not None
        assert admin.claims(user.user_id) == []


def test_tokens_are_validated_without_the_user_service(stack, two):
    me, first, second = two
    stack.stop("user")
    assert me.get("/v1/users/me/progress").status_code == 200
    assert error(me.get(f"/v1/users/{second.user_id}/progress")) == (403, "PERMISSION_DENIED", "NOT_OWNER")
    assert me.get("/v1/quests").status_code == 200
    assert error(me.get(f"/v1/users/{first.user_id}"))[:2] == (503, "UNAVAILABLE")
