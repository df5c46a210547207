-- A user's entry and those around it: a window that is moved inward at both ends of the board.
-- KEYS: the hash of all boards, the board's sorted set and its hash of times. ARGV: epoch,
-- the least `applied`, the user's 16 bytes, how many entries before and behind it.
-- Returns `applied`, how many entries the board has, how many are before the window, how many
-- have more points than its first, how many are before the user's, then member and score of
-- each; of a user who is not on it the first two alone; or why the board cannot be read.
local held = redis.call('HMGET', KEYS[1], 'epoch', 'applied')
if held[1] ~= ARGV[1] or not held[2] then
    return 'BOARD_REBUILDING'
end
if tonumber(held[2]) < tonumber(ARGV[2]) then
    return 'BOARD_BEHIND'
end
local total = redis.call('ZCARD', KEYS[2])
local reached = redis.call('HGET', KEYS[3], ARGV[3])
local rank = reached and redis.call('ZRANK', KEYS[2], reached .. ARGV[3])
if redis.call('HLEN', KEYS[3]) ~= total or (reached and not rank) then
    -- Something else has written here. Without `applied` the next pass is a rebuild.
    redis.call('HDEL', KEYS[1], 'applied')
    return 'BOARD_REBUILDING'
end
if not reached then
    return {held[2], total}
end
local around = tonumber(ARGV[4])
local first = math.max(0, math.min(rank - around, total - 2 * around - 1))
local entries = redis.call('ZRANGE', KEYS[2], first, first + 2 * around, 'WITHSCORES')
local before = redis.call('ZCOUNT', KEYS[2], '-inf', '(' .. entries[2])
return {held[2], total, first, before, rank, unpack(entries)}
