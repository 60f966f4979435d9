-- For wrk: one request after the other out of a file, each line of which is a bearer token, a space and a JSON body, or
-- credentials (HTTP Basic), a space and an address; `-` where nobody is logged in. And, if a second argument says so, with
-- a pause of so many milliseconds before each.
local requests, last = {}, 0

function init(arguments)
  local pause = tonumber(arguments[2] or 0)
  if pause > 0 then
    function delay() return pause end
  end
  for line in io.lines(arguments[1]) do
    local token, body = line:match("^(%S+) (.*)$")
    if body:sub(1, 1) == "/" then
      requests[#requests + 1] = wrk.format("GET", body, { ["Authorization"] = "Basic " .. token })
    else
      local headers = { ["Content-Type"] = "application/json" }
      if token ~= "-" then headers["Authorization"] = "Bearer " .. token end
      requests[#requests + 1] = wrk.format("POST", nil, headers, body)
    end
  end
end

function request()
  last = last % #requests + 1
  return requests[last]
end

function done(summary, latency)
  local errors = summary.errors
  io.write(string.format(
    '\n{"requests": %d, "seconds": %f, "bytes": %d, "failed": %d, "p50": %f, "p99": %f}\n',
    summary.requests, summary.duration / 1e6, summary.bytes,
    errors.connect + errors.read + errors.write + errors.status + errors.timeout,
    latency:percentile(50) / 1e3, latency:percentile(99) / 1e3))
end
