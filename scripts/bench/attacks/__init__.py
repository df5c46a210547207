"""What clients that mean no good do, each bounded in number, rate and time."""
from . import costly_calls, held_connections, held_memory, password_checks

ATTACKS = {**held_memory.ATTACKS, **costly_calls.ATTACKS, **password_checks.ATTACKS, **held_connections.ATTACKS}
# Whose cost is the hashing, which a process that hashes for itself takes from the same cores.
HASHING = tuple(password_checks.ATTACKS)
