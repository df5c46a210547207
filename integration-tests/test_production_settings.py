"""What production does not start with, and that it would start with what run.sh makes."""
import pytest

from kit.stack import SERVICES


@pytest.mark.parametrize("name", SERVICES)
def test_the_secrets_of_the_stack_are_good_enough_for_production(stack, name):
    checked = stack.command(name, "--check-config", QL_MODE="production")
    assert checked.returncode == 0, checked.stdout


@pytest.mark.parametrize("url, mode, why", [
    ("amqp://guest:guest@127.0.0.1:5672/%2f", 0o600, "QL_AMQP_URL: the password is the account's name"),
    ("amqp://user:Changeme123@127.0.0.1:5672/%2f", 0o600, "QL_AMQP_URL: the password is one that products"),
    ("amqp://user:0f3b9c1d5e7a8642@127.0.0.1:5672/%2f", 0o644, "QL_AMQP_URL: the file may be read"),
])
def test_weak_or_readable_secrets_are_refused_in_production_only(stack, tmp_path, url, mode, why):
    secret = tmp_path / "amqp_url"
    secret.write_text(url)
    secret.chmod(mode)
    refused = stack.command("user", "--check-config", QL_MODE="production", QL_AMQP_URL_FILE=str(secret))
    assert refused.returncode == 2 and why in refused.stdout, refused.stdout
    assert url not in refused.stdout
    assert stack.command("user", "--check-config", QL_AMQP_URL_FILE=str(secret)).returncode == 0
