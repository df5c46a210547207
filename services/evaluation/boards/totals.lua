-- How many entries boards have.
-- KEYS: the hash of all boards, then each board's sorted set. ARGV: epoch, the least
-- `applied`.
-- Returns the numbers; or why the boards cannot be read.
local held = redis.call('HMGET', KEYS[1], 'epoch', 'applied')
if held[1] ~= ARGV[1] or not held[2] then
    return 'BOARD_REBUILDING'
end
if tonumber(held[2]) < tonumber(ARGV[2]) then
    return 'BOARD_BEHIND'
end
local totals = {}
for i = 2, #KEYS do
    totals[i - 1] = redis.call('ZCARD', KEYS[i])
end
return totals
