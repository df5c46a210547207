-- Begins a pass: whoever wrote before is refused from now on. Boards of another epoch, or
-- without `applied`, cannot be followed: then `applied` goes, and the pass is a rebuild.
-- KEYS[1]: the hash of all boards. ARGV: epoch, writer, "rebuild" or "".
-- Returns `applied` as text, "" for a rebuild.
local held = redis.call('HMGET', KEYS[1], 'epoch', 'applied')
local applied = held[2] or ''
if held[1] ~= ARGV[1] or ARGV[3] == 'rebuild' then
    applied = ''
end
if applied == '' then
    redis.call('HDEL', KEYS[1], 'applied')
end
redis.call('HSET', KEYS[1], 'epoch', ARGV[1], 'writer', ARGV[2], 'n', '0')
return applied
