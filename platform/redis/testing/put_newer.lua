-- Keeps a body under its revision: an older one, or the same again, changes nothing.
-- KEYS[1]: a hash. ARGV: revision, body, seconds to live. Returns 1 when it was kept.
local held = tonumber(redis.call('HGET', KEYS[1], 'revision') or '0')
if tonumber(ARGV[1]) <= held then
    return 0
end
redis.call('HSET', KEYS[1], 'revision', ARGV[1], 'body', ARGV[2])
redis.call('EXPIRE', KEYS[1], ARGV[3])
return 1
