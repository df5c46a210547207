"""Claims paid over HTTP, beside a plain transaction that does the same to the tables."""
import uuid

from kit.api import Api
from load import Pairs, pgbench, request, send

CONNECTIONS = 16
OWNERS = 32
CLAIMS_OF_A_CONNECTION = 75  # odd: no two connections go through the owners in step
N_CLAIMS = CONNECTIONS * CLAIMS_OF_A_CONNECTION
ITEM = "gold"
# Behind it comes a number of twelve digits, so that pgbench can name a claim.
CLAIM_ID_BEGINS, FIRST_CLAIM = "0192d3a4-0000-7000-8000-", 10**11

# Who owns it, the owner's lock, the claim's mark, the ledger with what it adds up to.
PLAIN = f"""\\set n :first + :client_id * {CLAIMS_OF_A_CONNECTION} + :i
\\set i :i + 1
begin;
select user_id, reward_item, reward_qty from reward_claims where id = ('{CLAIM_ID_BEGINS}' || :n)::uuid \\gset
select status from users where user_id = :user_id for update;
update reward_claims set status = 'CLAIMED', claimed_at = now()
where id = ('{CLAIM_ID_BEGINS}' || :n)::uuid and status = 'PENDING';
with entry as (
    insert into wallet_entries (entry_id, user_id, item, amount, cause)
    values (gen_random_uuid(), :user_id, :reward_item, :reward_qty, ('{CLAIM_ID_BEGINS}' || :n)::uuid)
    returning user_id, item, amount
), credited as (
    insert into wallet_balances as b (user_id, item, balance) select user_id, item, amount from entry
    on conflict (user_id, item) do update set balance = b.balance + excluded.balance
    returning b.user_id, b.balance
)
update users u set gold = c.balance from credited c where u.user_id = c.user_id;
commit;
"""


class Claims:
    def __init__(self, bench):
        self.bench, self.stack = bench, bench.stack
        users = [Api(self.stack.http).sign_up() for _ in range(OWNERS)]
        self.owners = [user.user_id for user in users]
        self.tokens = [Api(self.stack.http).as_user(user).token for user in users]
        self.database = self.stack.connect("user")
        self.database.autocommit = True
        self.next_claim = FIRST_CLAIM

    def close(self):
        self.database.close()

    def make(self):
        """Waiting claims, the owners in turn; returns the first one's number."""
        first = self.next_claim
        self.next_claim += N_CLAIMS
        with self.database.cursor() as cursor:
            cursor.execute(
                "insert into reward_claims (id, user_id, quest_id, quest_revision, ordinal, reward_id, reward_item, "
                "reward_qty, status) select (%s || (%s + i))::uuid, (%s::uuid[])[1 + i %% %s], %s, 1, 1 + i, %s, %s, 1, "
                "'PENDING' from generate_series(0, %s) as i",
                (CLAIM_ID_BEGINS, first, self.owners, OWNERS, str(uuid.uuid4()), str(uuid.uuid4()), ITEM, N_CLAIMS - 1))
        return first

    def check_paid(self):
        with self.database.cursor() as cursor:
            cursor.execute("select (select count(*) from wallet_entries where user_id = any (%s::uuid[])), "
                           "(select sum(gold) from users where user_id = any (%s::uuid[]))", (self.owners, self.owners))
            assert cursor.fetchone() == (self.next_claim - FIRST_CLAIM,) * 2, "not every claim was paid once"

    def paid(self):
        first = self.make()
        rate = send(self.bench, [request(self.tokens[i % OWNERS], f"/v1/claims/{CLAIM_ID_BEGINS}{first + i}:claim")
                                 for i in range(N_CLAIMS)], CONNECTIONS)
        self.check_paid()
        return rate

    def paid_plainly(self):
        rate = pgbench(self.bench, "user", PLAIN, CONNECTIONS, CLAIMS_OF_A_CONNECTION,
                       "-M", "prepared", "-D", f"first={self.make()}", "-D", "i=0")
        self.check_paid()
        return rate


def claim_row(bench):
    claims = Claims(bench)
    try:
        pairs = Pairs(bench.pairs, claims.paid, claims.paid_plainly)
    finally:
        claims.close()
    return [f"claims, {CONNECTIONS} conn.", f"{pairs.median(float):.0f} per s",
            f"plain transactions, {pairs.median(float, pairs.baseline):.0f} per s", pairs.ratio(float), "-"]
