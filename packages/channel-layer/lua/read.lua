-- What a group's history holds from one seq on, and its position, at the same instant.
--
-- KEYS   position hash, history stream
-- ARGV   first seq wanted, limit
-- reply  {epoch, seq, entries oldest first}, or {} where the group has no position or was only claimed

local held = redis.call('HMGET', KEYS[1], 'epoch', 'seq')
if not (held[1] and held[2]) or held[2] == '0' then
  return {}
end
local entries = {}
if tonumber(ARGV[2]) > 0 then
  entries = redis.call('XRANGE', KEYS[2], ARGV[1], held[2], 'COUNT', ARGV[2])
end
return { held[1], held[2], entries }
