-- Gives the lease up if this holder has it. The token counter stays.
--
-- KEYS   lease hash
-- ARGV   holder id
-- reply  1 if it was held

if redis.call('HGET', KEYS[1], 'id') == ARGV[1] then
  return redis.call('DEL', KEYS[1])
end
return 0
