-- A page of a board, by the number of entries before it, or behind an entry whether that is
-- still there or not.
-- KEYS: the hash of all boards, the board's sorted set and its hash of times. ARGV: epoch,
-- the least `applied`, the greatest number of entries, how many are before the page; or in
-- place of this number "", and score and member of the entry before it.
-- Returns `applied`, how many entries the board has, how many are before the page, how many
-- have more points than its first, then member and score of each; or why the board cannot be
-- read.
local held = redis.call('HMGET', KEYS[1], 'epoch', 'applied')
if held[1] ~= ARGV[1] or not held[2] then
    return 'BOARD_REBUILDING'
end
if tonumber(held[2]) < tonumber(ARGV[2]) then
    return 'BOARD_BEHIND'
end
local total = redis.call('ZCARD', KEYS[2])
if redis.call('HLEN', KEYS[3]) ~= total then
    -- Something else has written here. Without `applied` the next pass is a rebuild.
    redis.call('HDEL', KEYS[1], 'applied')
    return 'BOARD_REBUILDING'
end

-- As memcmp, by numbers: Lua compares texts by the locale of the server.
local words = '>I4I4I4I4I4I4'
local function is_behind(member, other)
    local a, b = {struct.unpack(words, member)}, {struct.unpack(words, other)}
    for i = 1, 6 do
        if a[i] ~= b[i] then
            return a[i] > b[i]
        end
    end
    return false
end

local function first_behind(score, member)
    local low = redis.call('ZCOUNT', KEYS[2], '-inf', '(' .. score)
    local high = redis.call('ZCOUNT', KEYS[2], '-inf', score)
    while low < high do
        local middle = (low + high - (low + high) % 2) / 2
        if is_behind(redis.call('ZRANGE', KEYS[2], middle, middle)[1], member) then
            high = middle
        else
            low = middle + 1
        end
    end
    return low
end

local first = ARGV[4] == '' and first_behind(ARGV[5], ARGV[6]) or tonumber(ARGV[4])
local entries = redis.call('ZRANGE', KEYS[2], first, first + tonumber(ARGV[3]) - 1, 'WITHSCORES')
local before = entries[2] and redis.call('ZCOUNT', KEYS[2], '-inf', '(' .. entries[2]) or 0
return {held[2], total, first, before, unpack(entries)}
