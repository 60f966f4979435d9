"""`make chaos`: servers are killed while clients listen, and every client must hear everything, once, in order.

A PostgreSQL that syncs, a Redis, servers of sockets and servers that write, each a process of its own on this machine.
The harness is the clients: writers that ask mutations over HTTP, and watchers that subscribe to a board, resume after the
last cursor they saw whenever their socket ends, and keep what they were told. That is compared with the table.

- `storm.py`    everything at once: SIGKILL, Redis and PostgreSQL gone and back, clients that do not read
- `between.py`  a server dies exactly between the commit of an event and its poke; how late is the event?
- `herd.py`     a process with a thousand clients dies; do they all come back, and do others notice?
- `control.py`  a naive server under the same faults, which must lose events: else the harness would be blind

What happens, and in which order, is drawn from a seed (`plan.py`), which is printed first. The *points* at which a server
dies (`points.py`) are put into it from outside, by its launcher (`doomed.py`): the servers know nothing of them. The same
seed gives the same faults in the same order; at which microsecond they meet the rest is the machine's to choose, so a
failure may take several runs of its seed to come again.
"""
