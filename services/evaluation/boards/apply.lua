-- Puts and removes entries, by values that do not depend on what is there. Refused unless
-- nothing has come between this script and the one before it in its pass: the epoch and the
-- writer are the pass's, `applied` is what begin.lua returned, and `n` is how many scripts
-- of the pass were before this one. So a pass is whole or counts for nothing, also when
-- Redis lost what it had written or when another follower has begun.
-- KEYS[1]: the hash of all boards. ARGV: epoch, writer, applied, n, the new `applied` in the
-- last script and "" before it, the beginning of all boards' keys; then for each entry: board
-- and period, the user's 16 bytes, the 8 bytes of the time ("" removes it), the score.
-- Returns 1; 0 when it is refused.
local held = redis.call('HMGET', KEYS[1], 'epoch', 'writer', 'applied', 'n')
if held[1] ~= ARGV[1] or held[2] ~= ARGV[2] or (held[3] or '') ~= ARGV[3] or held[4] ~= ARGV[4] then
    return 0
end
for i = 7, #ARGV, 4 do
    local key, id, reached = ARGV[6] .. ARGV[i], ARGV[i + 1], ARGV[i + 2]
    local before = redis.call('HGET', key .. ':t', id)
    if before and before ~= reached then
        redis.call('ZREM', key .. ':z', before .. id)
    end
    if reached == '' then
        redis.call('HDEL', key .. ':t', id)
    else
        redis.call('ZADD', key .. ':z', ARGV[i + 3], reached .. id)
        redis.call('HSET', key .. ':t', id, reached)
    end
end
if ARGV[5] == '' then
    redis.call('HINCRBY', KEYS[1], 'n', 1)
else
    redis.call('HSET', KEYS[1], 'applied', ARGV[5], 'n', '0')
end
return 1
