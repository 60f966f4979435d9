"""`make bench-guard`: what hostile documents cost, and what honest people notice of them.

1. `deciding.py`, in a process of its own: each document of tests/schema/hostile, the written ones and 20,000 generated, is
   prepared (parsed, guarded, validated) some times over; a document's cost is the median of its processor time.
2. The same on a part of them for strawberry's own limiters of depth and aliases, and for counting without remembering: a
   document that takes them a second is ended there.
3. `serving.py`: a real server with its limits on, 8 connections of honest people with pages of the read benchmark, first
   alone, then beside four loops of hostile documents.
4. `report.py` prints, says what of the promises was not kept, and writes `bench/guard.json`; `picture.py` draws
   `bench/guard.png`.

Promised: 10 ms for 99 of 100 documents, 25 ms for each, 20 MB; and twice the 99th percentile of honest requests.
"""
