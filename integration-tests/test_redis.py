"""The private Redis: closed to strangers, and whole again after a kill."""
import pytest
import redis

from kit.waiting import wait_until


def test_redis_asks_for_its_password(stack):
    host, port = stack.rpc("redis")
    with pytest.raises(redis.AuthenticationError):
        redis.Redis(host, port).ping()
    assert (stack.state / "redis" / "redis.conf").stat().st_mode & 0o777 == 0o600


def test_redis_keeps_what_it_holds_over_a_kill(stack):
    held = {f"unit:{number}": str(number) for number in range(100)}
    with stack.redis() as client:
        client.mset(held)
    stack.kill("redis")
    wait_until(stack.answers_redis, what="redis again")
    with stack.redis() as client:
        assert client.mget(held) == [value.encode() for value in held.values()]
        client.delete(*held)


def test_redis_stops_and_starts_alone(stack):
    stack.stop("redis")
    assert not stack.answers_redis()
    assert all(stack.is_ready(name) for name in ("catalog", "processing", "user", "gateway"))
    stack.start("redis")
    assert stack.answers_redis()
