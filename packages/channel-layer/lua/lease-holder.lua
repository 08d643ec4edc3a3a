-- KEYS   lease hash
-- reply  {owner, token}, each nil where nobody holds the lease

return redis.call('HMGET', KEYS[1], 'owner', 'token')
