-- What a group's history holds from one seq on, and its position, at the same instant.
--
-- KEYS   position hash, history stream
-- ARGV   first seq wanted, limit, the most bytes of a message that the reader decodes
-- reply  {epoch, seq, entries oldest first}, or {} where the group has no position or was only claimed. A longer message
--        is left out of its entry, and the entries end where they have more than that many bytes together.

local held = redis.call('HMGET', KEYS[1], 'epoch', 'seq')
if not (held[1] and held[2]) or held[2] == '0' then
  return {}
end
local entries = {}
if tonumber(ARGV[2]) > 0 then
  entries = redis.call('XRANGE', KEYS[2], ARGV[1], held[2], 'COUNT', ARGV[2])
end
local bytes, maxBytes, fitting = 0, tonumber(ARGV[3]), {}
for index, entry in ipairs(entries) do
  local length = #(entry[2][2] or '')
  if length > maxBytes then
    entry[2] = { entry[2][1] }
  else
    bytes = bytes + length
  end
  if index > 1 and bytes > maxBytes then
    break
  end
  fitting[index] = entry
end
return { held[1], held[2], fitting }
