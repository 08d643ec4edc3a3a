-- Takes the lease if nobody holds it, renews it if this holder does.
--
-- KEYS   lease hash, token counter
-- ARGV   holder id (one a process start), owner (a name for operators), leaseMs, the highest token the holder knows
-- reply  1 and the token; 0 and that of the holder while another holds the lease

local held = redis.call('HMGET', KEYS[1], 'id', 'token')
if held[1] == ARGV[1] and held[2] then
  redis.call('PEXPIRE', KEYS[1], ARGV[3])
  return { 1, held[2] }
end
if held[1] then
  return { 0, held[2] or '0' }
end

-- The clock keeps tokens growing when the counter was lost with the rest of Redis' memory; the counter keeps them
-- growing when the clock was set back; what the holder knows does where both happened.
local time = redis.call('TIME')
local nowMs = tonumber(time[1]) * 1000 + math.floor(tonumber(time[2]) / 1000)
local last = tonumber(redis.call('GET', KEYS[2]) or nil) or 0
local token = string.format('%.0f', math.max(last + 1, nowMs, tonumber(ARGV[4]) + 1))
redis.call('SET', KEYS[2], token)
redis.call('HSET', KEYS[1], 'id', ARGV[1], 'owner', ARGV[2], 'token', token)
redis.call('PEXPIRE', KEYS[1], ARGV[3])
return { 1, token }
