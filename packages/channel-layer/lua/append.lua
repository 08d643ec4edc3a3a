-- Appends and publishes batches of groups: all of the call or, on an error, nothing.
--
-- KEYS   for each batch: position hash, history stream
-- ARGV   fence, positionTtlMs, publish command;
--        then for each batch: Redis channel, historySize, historyTtlMs, expire (1 or 0), epoch, firstSeq,
--        reset (1 or 0), count, and `count` messages
-- reply  texts, for each batch: {'appended', epoch, seq} | {'fenced', fence} | {'mismatch'} | {'mismatch', epoch, seq}
--        | {'rejected', why}
--
-- Three passes: decide (reads only), write, publish. Redis does not undo a script that fails: what this user may not do
-- is found out before anything is written. (Redis before 7.0 cannot say.)

local call = redis.call
local fence, positionTtlMs, publish = tonumber(ARGV[1]), ARGV[2], ARGV[3]

-- tostring() writes 1e15 as '1e+15', and ioredis reads integer replies beyond 2^52 wrongly: numbers leave as this text.
local function integer(number)
  return string.format('%.0f', number)
end

-- What each position hash holds once the plans made so far are carried out: a group may come twice in one call.
local positions = {}

local function positionAt(key)
  local position = positions[key]
  if not position then
    local held = redis.pcall('HMGET', key, 'epoch', 'seq', 'fence')
    if held.err then
      return held
    end
    position = { epoch = held[1], seq = tonumber(held[2] or nil), fence = tonumber(held[3] or nil) }
    if not (position.epoch and position.seq and position.fence) then
      position = {}
    elseif position.seq == 0 then
      -- Claimed before its first message: any epoch may begin.
      position = { fence = position.fence }
    end
    positions[key] = position
  end
  return position
end

local mayRun = redis.acl_check_cmd or function()
  return true
end

-- The command that this user may not run, or nil.
local function forbidden(positionKey, streamKey, channel, starts)
  if not mayRun('HSET', positionKey, 'seq', '1') then
    return 'HSET ' .. positionKey
  elseif not mayRun('XADD', streamKey, '1-0', 'm', '') then
    return 'XADD ' .. streamKey
  elseif not mayRun('PEXPIRE', streamKey, '1') then
    return 'PEXPIRE ' .. streamKey
  elseif starts and not mayRun('DEL', streamKey) then
    return 'DEL ' .. streamKey
  elseif not mayRun(publish, channel, '') then
    return publish .. ' ' .. channel
  end
end

local plans, replies = {}, {}
local at = 4
for batch = 1, #KEYS / 2 do
  local positionKey, streamKey = KEYS[2 * batch - 1], KEYS[2 * batch]
  local channel, historySize, historyTtlMs, expire = ARGV[at], ARGV[at + 1], ARGV[at + 2], ARGV[at + 3] == '1'
  local epoch, firstSeq = ARGV[at + 4], tonumber(ARGV[at + 5])
  local reset, count = ARGV[at + 6] == '1', tonumber(ARGV[at + 7])
  local firstArg = at + 8
  at = firstArg + count

  local held = positionAt(positionKey)
  local starts, skipped = false, 0
  local reply
  if held.err then
    reply = { 'rejected', held.err }
  elseif held.fence and fence < held.fence then
    reply = { 'fenced', integer(held.fence) }
  elseif held.epoch ~= epoch then
    starts = reset or (not held.epoch and firstSeq == 1)
    if not starts then
      reply = held.epoch and { 'mismatch', held.epoch, integer(held.seq) } or { 'mismatch' }
    end
  elseif firstSeq > held.seq + 1 or (firstSeq <= held.seq and fence ~= held.fence) then
    -- A hole; or an overlap with what another token wrote, which must not pass for a repeat of it.
    reply = { 'mismatch', held.epoch, integer(held.seq) }
  else
    skipped = math.min(held.seq + 1 - firstSeq, count)
  end

  if not reply then
    local missing = forbidden(positionKey, streamKey, channel, starts)
    if missing then
      reply = { 'rejected', 'NOPERM this user may not ' .. missing }
    end
  end
  if not reply then
    local seq = firstSeq - 1 + count
    if not starts then
      seq = math.max(seq, held.seq)
    end
    if starts or skipped < count or fence ~= held.fence then
      positions[positionKey] = seq == 0 and { fence = fence } or { epoch = epoch, seq = seq, fence = fence }
      plans[#plans + 1] = {
        positionKey = positionKey,
        streamKey = streamKey,
        channel = channel,
        historySize = historySize,
        historyTtlMs = historyTtlMs,
        -- What begins here has no time to live yet.
        expire = expire or starts or skipped == count,
        epoch = epoch,
        seq = seq,
        starts = starts,
        firstNewSeq = firstSeq + skipped,
        firstArg = firstArg + skipped,
        lastArg = firstArg + count - 1,
      }
    end
    reply = { 'appended', epoch, integer(seq) }
  end
  replies[batch] = reply
end

for _, plan in ipairs(plans) do
  -- HSET before anything else: it is rejected when memory is full or this is a replica, and then nothing is written.
  -- DEL is not rejected when memory is full, and after one write Redis lets the rest of a script through.
  call('HSET', plan.positionKey, 'epoch', plan.epoch, 'seq', integer(plan.seq), 'fence', integer(fence))
  if plan.expire then
    call('PEXPIRE', plan.positionKey, positionTtlMs)
  end
  if plan.starts then
    call('DEL', plan.streamKey)
  end
  local expire = plan.expire and plan.firstArg <= plan.lastArg
  for arg = plan.firstArg, plan.lastArg do
    local id = integer(plan.firstNewSeq + (arg - plan.firstArg)) .. '-0'
    local added
    if plan.starts and arg == plan.firstArg then
      added = false
    elseif arg == plan.lastArg then
      added = redis.pcall('XADD', plan.streamKey, 'NOMKSTREAM', 'MAXLEN', '=', plan.historySize, id, 'm', ARGV[arg])
    else
      added = redis.pcall('XADD', plan.streamKey, 'NOMKSTREAM', id, 'm', ARGV[arg])
    end
    if not added or type(added) == 'table' then
      -- The stream is gone, whatever the writer expected, and what begins anew has no time to live yet; or the server is
      -- older than NOMKSTREAM (6.2).
      expire = expire or not added
      added = redis.pcall('XADD', plan.streamKey, 'MAXLEN', '=', plan.historySize, id, 'm', ARGV[arg])
    end
    if type(added) == 'table' and added.err then
      -- Not the stream of this position: its last id is ahead, or it is not a stream. History begins again here.
      call('DEL', plan.streamKey)
      call('XADD', plan.streamKey, id, 'm', ARGV[arg])
      expire = true
    end
  end
  if expire then
    call('PEXPIRE', plan.streamKey, plan.historyTtlMs)
  end
end

for _, plan in ipairs(plans) do
  for arg = plan.firstArg, plan.lastArg do
    call(publish, plan.channel, ARGV[arg])
  end
end

return replies
