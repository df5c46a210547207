-- Keeps a message under its revision: an older one, or the same again, changes nothing.
-- Everything that writes the read model does it by this script.
-- KEYS[1]: a hash. ARGV: revision, wire bytes, seconds to live. Returns 1 when it was kept.
local held = tonumber(redis.call('HGET', KEYS[1], 'revision') or '0')
if tonumber(ARGV[1]) <= held then
    return 0
end
redis.call('HSET', KEYS[1], 'revision', ARGV[1], 'message', ARGV[2])
redis.call('EXPIRE', KEYS[1], ARGV[3])
return 1
