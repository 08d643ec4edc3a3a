-- Shortens streams, so that a Redis that is full has room for new messages. XTRIM is not rejected when memory is full.
--
-- KEYS   history streams
-- ARGV   for each stream: how many of the newest entries stay
-- reply  how many entries went

local trimmed = 0
for at, key in ipairs(KEYS) do
  local removed = redis.pcall('XTRIM', key, 'MAXLEN', '=', ARGV[at])
  if type(removed) == 'number' then
    trimmed = trimmed + removed
  end
end
return trimmed
