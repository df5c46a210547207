-- Removes boards, a step of a pass: all of them in a rebuild, those of a week that is FINAL.
-- Refused like apply.lua, and counted in `n` like it: a removal that Redis lost must not be
-- followed by the rest of the pass.
-- KEYS[1]: the hash of all boards. ARGV: epoch, writer, applied, n, pattern of the keys,
-- cursor ("0" at first).
-- Returns the next cursor, "0" after the last step; "" when it is refused.
local held = redis.call('HMGET', KEYS[1], 'epoch', 'writer', 'applied', 'n')
if held[1] ~= ARGV[1] or held[2] ~= ARGV[2] or (held[3] or '') ~= ARGV[3] or held[4] ~= ARGV[4] then
    return ''
end
local found = redis.call('SCAN', ARGV[6], 'MATCH', ARGV[5], 'COUNT', '500')
for _, key in ipairs(found[2]) do
    redis.call('UNLINK', key)
end
redis.call('HINCRBY', KEYS[1], 'n', 1)
return found[1]
