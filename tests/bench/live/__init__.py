"""`make bench-live`: what it costs to push an event to everyone who looks at a board, and how soon they see it.

Four servers, each one process: the project (`acequia`, and `acequia-viewer` where each person's own answer is asked
for), ready bytes sent by the `websockets` library (`limit`), npm's graphql-ws fed by Redis (`graphql-ws`), and strawberry
over Channels as its documentation says (`strawberry`). The project's events are committed, read from the log, and asked
of the database as the viewer sees them; the peers are handed a payload by Redis and look nothing up.

1. `data.py` makes a database: people with sessions, boards, tasks.
2. `comparing.py` stops at the first server whose events say something else.
3. `windows.py` starts a server, opens its sockets (`client.py`, one process), measures what one of them holds, lets
   `publisher.py` publish, and counts: every event on every socket, in order, once. Each load goes round all servers, round
   after round: only what is measured side by side is compared.
4. `statements.py` counts what is asked of the database, in a short run of its own.
5. `report.py` prints the table and writes `bench/live.json`, `picture.py` draws `bench/live.png`.

Trust the server's processor time first. Client, publisher, PostgreSQL and Redis share the machine with it, so latencies and
deliveries a second depend on them too.
"""
