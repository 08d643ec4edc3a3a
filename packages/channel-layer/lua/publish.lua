-- Appends and publishes one message of a group that anybody may write to: takes the next seq itself.
--
-- KEYS   position hash, history stream, and where the publication has a key of its own, what is remembered of it
-- ARGV   positionTtlMs, publish command, Redis channel, historySize, historyTtlMs, the epoch to begin where there is none,
--        message, expected epoch, expected seq, the writer's token (0: none; new: greater than all before it);
--        and with a key: digest of the content, how many ms it is remembered
--        Without an expected epoch the message is msgpack that lacks its end: the values of `epoch` and `seq`, its last two fields.
--        With one it is whole, as for that position: who encrypts cannot leave a field open.
-- reply  {'appended' | 'repeated', epoch, seq, token} | {'moved', epoch, seq}: not the position that was expected
--        | {'owned', fence} | {'fenced', fence} | {'reused'}: the key stands for another content | {'rejected', why}

local call = redis.call
local positionTtlMs, publish, channel, historySize, historyTtlMs = ARGV[1], ARGV[2], ARGV[3], ARGV[4], ARGV[5]
local message, expectedEpoch, expectedSeq, content = ARGV[7], ARGV[8], ARGV[9], ARGV[11]

-- tostring() writes 1e15 as '1e+15'.
local function integer(number)
  return string.format('%.0f', number)
end

local function packedText(text)
  local length = #text
  if length < 32 then
    return string.char(0xa0 + length) .. text
  end
  return (length < 256 and '\217' .. struct.pack('>I1', length) or '\218' .. struct.pack('>I2', length)) .. text
end

-- In the shortest form, as every other writer has it.
local function packedNumber(number)
  if number < 0x80 then
    return string.char(number)
  elseif number < 0x100 then
    return '\204' .. struct.pack('>I1', number)
  elseif number < 0x10000 then
    return '\205' .. struct.pack('>I2', number)
  elseif number < 0x100000000 then
    return '\206' .. struct.pack('>I4', number)
  end
  return '\207' .. struct.pack('>I4I4', math.floor(number / 0x100000000), number % 0x100000000)
end

local held = redis.pcall('HMGET', KEYS[1], 'epoch', 'seq', 'fence')
if held.err then
  return { 'rejected', held.err }
end
local epoch, seq, fence = held[1], tonumber(held[2] or nil), tonumber(held[3] or nil)
if not (epoch and seq and fence) then
  epoch, seq, fence = nil, 0, 0
end
local starts = seq == 0

local token = tonumber(ARGV[10])
if ARGV[10] == 'new' then
  -- As for a lease: Redis' clock keeps tokens growing where the position was lost.
  local time = redis.call('TIME')
  token = math.max(fence + 1, tonumber(time[1]) * 1000 + math.floor(tonumber(time[2]) / 1000))
end
if token > 0 and token < fence then
  return { 'fenced', integer(fence) }
end

if content then
  local known = redis.pcall('GET', KEYS[3])
  if type(known) == 'table' and known.err then
    return { 'rejected', known.err }
  elseif known then
    local digest, knownSeq, knownEpoch = string.match(known, '^(%S+) (%d+) (.+)$')
    if digest ~= content then
      return { 'reused' }
    end
    if token > fence and not starts then
      call('HSET', KEYS[1], 'fence', integer(token))
    end
    return { 'repeated', knownEpoch, knownSeq, integer(token) }
  end
end
if token == 0 and fence > 0 then
  return { 'owned', integer(fence) }
end
if starts then
  epoch = epoch or ARGV[6]
end
local nextSeq = integer(seq + 1)
if expectedEpoch == '' then
  message = message .. packedText(epoch) .. '\163seq' .. packedNumber(seq + 1)
elseif expectedEpoch ~= epoch or expectedSeq ~= nextSeq then
  return { 'moved', epoch, integer(seq) }
end

-- Redis does not undo a script that fails: what this user may not do is found out before. (Before 7.0 it cannot say.)
local mayRun = redis.acl_check_cmd
if mayRun then
  local missing = (not mayRun('HSET', KEYS[1], 'seq', '1') and 'HSET ' .. KEYS[1])
    or (not mayRun('PEXPIRE', KEYS[2], '1') and 'PEXPIRE ' .. KEYS[2])
    or (starts and not mayRun('DEL', KEYS[2]) and 'DEL ' .. KEYS[2])
    or (not mayRun('XADD', KEYS[2], '1-0', 'm', '') and 'XADD ' .. KEYS[2])
    or (content and not mayRun('SET', KEYS[3], '') and 'SET ' .. KEYS[3])
    or (not mayRun(publish, channel, '') and publish .. ' ' .. channel)
  if missing then
    return { 'rejected', 'NOPERM this user may not ' .. missing }
  end
end

-- HSET before anything else: it is rejected when memory is full or this is a replica, and then nothing is written.
call('HSET', KEYS[1], 'epoch', epoch, 'seq', nextSeq, 'fence', integer(token))
call('PEXPIRE', KEYS[1], positionTtlMs)
if starts then
  call('DEL', KEYS[2])
end
local added = redis.pcall('XADD', KEYS[2], 'MAXLEN', '=', historySize, nextSeq .. '-0', 'm', message)
if type(added) == 'table' and added.err then
  -- Not the stream of this position. History begins again here.
  call('DEL', KEYS[2])
  call('XADD', KEYS[2], nextSeq .. '-0', 'm', message)
end
call('PEXPIRE', KEYS[2], historyTtlMs)
if content then
  call('SET', KEYS[3], content .. ' ' .. nextSeq .. ' ' .. epoch, 'PX', ARGV[12])
end
call(publish, channel, message)
return { 'appended', epoch, nextSeq, integer(token) }
