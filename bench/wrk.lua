-- For wrk: posts the lines of a file, one after the other and over again, or without a file gets the
-- URL, and prints as JSON what came of it.
--
--     wrk ... -s wrk.lua URL [-- FILE]

local posts = {}
local last = 0
local get

function init(arguments)
  if #arguments == 0 then
    get = wrk.format()
    return
  end
  local headers = { ["Content-Type"] = "application/json" }
  for line in io.lines(arguments[1]) do
    table.insert(posts, wrk.format("POST", nil, headers, line))
  end
end

function request()
  if get then
    return get
  end
  last = last % #posts + 1
  return posts[last]
end

function done(summary, latency)
  local failed = 0
  for _, number in pairs(summary.errors) do
    failed = failed + number
  end
  io.write(string.format(
    '\n{"requests":%d,"microseconds":%d,"size":%d,"failed":%d,"p50":%d,"p99":%d}\n',
    summary.requests, summary.duration, summary.bytes, failed,
    latency:percentile(50), latency:percentile(99)
  ))
end
