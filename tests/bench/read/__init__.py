"""`make bench-read`: how quickly five pages of a client are read, and at what cost.

Four servers, each with two processes on one PostgreSQL and the same data: the project (`acequia`), hand-written SQL behind
nothing (`limit`), PostGraphile 4 (`postgraphile`), and the resolvers that one writes after strawberry's documentation
(`plain`). All look the session up that a request's bearer token names.

1. `data.py` loads 20,000 people, 2,000 projects and what they say, once; the next run finds them.
2. `comparing.py` asks every server the same and stops at the first difference.
3. `load.py` runs wrk with 32 connections on one server after the other, query by query, round after round: the machine
   drifts, so only what is measured side by side is compared, ratio by ratio in each round, and the medians are shown.
4. `report.py` prints the table and writes `bench/read.json`, `picture.py` draws `bench/read.png`.

Trust the processor time first: it is steady to a tenth. Requests a second depend on how the 32 connections happen to fall
on the two processes.

`--open-data` measures the open-data list instead (`open_data.py`): kept and made anew, beside PostGraphile and the shape of
Goteo's REST API.

`--growth` measures instead what ten times as many rows and the thousandth page of a list cost.
"""
