-- The newest entries of many groups and their positions, at the same instant.
--
-- KEYS   for each group: position hash, history stream
-- ARGV   count, the most bytes of a message that the reader decodes
-- reply  for each group {epoch, seq, entries newest first}, {} where the group has no position or was only claimed, or
--        {nil, why} where its keys hold something else. A longer message is left out of its entry.

local replies = {}
for group = 1, #KEYS / 2 do
  local held = redis.pcall('HMGET', KEYS[2 * group - 1], 'epoch', 'seq')
  if held.err then
    replies[group] = { false, held.err }
  elseif held[1] and held[2] and held[2] ~= '0' then
    local entries = {}
    if tonumber(ARGV[1]) > 0 then
      entries = redis.pcall('XREVRANGE', KEYS[2 * group], held[2], '-', 'COUNT', ARGV[1])
    end
    for _, entry in ipairs(entries) do
      if #(entry[2][2] or '') > tonumber(ARGV[2]) then
        entry[2] = { entry[2][1] }
      end
    end
    replies[group] = entries.err and { false, entries.err } or { held[1], held[2], entries }
  else
    replies[group] = {}
  end
end
return replies
