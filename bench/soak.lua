-- For wrk: posts the lines of a file in a random order, and prints as JSON what came of it: how many
-- answers had which status, and how many told of an error of the server's own.
--
--     wrk ... -s soak.lua URL -- FILE

local posts = {}
local threads = {}
statuses, internal = "", 0
local counts = {}

function setup(thread)
  table.insert(threads, thread)
end

function init(arguments)
  local headers = { ["Content-Type"] = "application/json" }
  for line in io.lines(arguments[1]) do
    table.insert(posts, wrk.format("POST", nil, headers, line))
  end
  math.randomseed(1)
end

function request()
  return posts[math.random(#posts)]
end

function response(status, _, body)
  counts[status] = (counts[status] or 0) + 1
  if string.find(body, "INTERNAL_SERVER_ERROR", 1, true) then
    internal = internal + 1
  end
  local parts = {}
  for each, number in pairs(counts) do
    table.insert(parts, string.format('"%d":%d', each, number))
  end
  statuses = table.concat(parts, ",")
end

function done(summary, latency)
  local errors = summary.errors
  io.write(string.format(
    '\n{"requests":%d,"microseconds":%d,"lost":%d,"internal":%d,"statuses":{%s},"p50":%d,"p99":%d}\n',
    summary.requests, summary.duration, errors.connect + errors.read + errors.write + errors.timeout,
    threads[1]:get("internal"), threads[1]:get("statuses"),
    latency:percentile(50), latency:percentile(99)
  ))
end
