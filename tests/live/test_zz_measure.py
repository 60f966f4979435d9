import asyncio, json, time, threading
from datetime import datetime
import websockets
from schema import cursors
from tests.asking import operations
from tests.clients import *
from tests.serving import *

def rate(l): 
    l=sorted(l); return f"n={len(l)} p50={l[len(l)//2]*1000:.0f}ms p90={l[int(len(l)*.9)]*1000:.0f} p99={l[int(len(l)*.99)]*1000:.0f} max={l[-1]*1000:.0f}"

async def listen(server, person, op, variables, lat, count, stamp):
    async with websockets.connect(server.ws, subprotocols=["graphql-transport-ws"], proxy=None, compression=None) as ws:
        await ws.send(json.dumps({"type":"connection_init","payload":{"Authorization":"Bearer "+person.token}}))
        await ws.recv()
        await ws.send(json.dumps({"id":"1","type":"subscribe","payload":{"query":operations()[op],"variables":variables}}))
        mine=[]
        for _ in range(count):
            m=json.loads(await asyncio.wait_for(ws.recv(),60)); now=time.time()
            mine.append(now-stamp(m["payload"]["data"]))
        lat.append(mine)

def run(house, who, op, variables, act, count, stamp, pace):
    lat=[]; http=[]
    def work():
        time.sleep(2)
        for n in range(count):
            b=time.time(); act(n); http.append(time.time()-b)
            time.sleep(max(0,pace-(time.time()-b)))
    t=threading.Thread(target=work); t.start()
    async def main():
        await asyncio.gather(*(listen(house.servers[i%2], p, op, variables(p), lat, count, stamp) for i,p in enumerate(who)))
    asyncio.run(main()); t.join()
    first=[min(x) for x in zip(*lat)]
    print(op, len(who), "sockets", 1/pace, "events/s", rate(sum(lat,[])), "| first of them", rate(first), "| http", rate(http), flush=True)

def test_measure(house):
    from backend.core.models import Stream
    s=house.servers[0]
    ana=sign_up(s,"ana"); 
    project=launch_project(s, ana)
    board=ana.do(s,"CreateBoard",projectId=project,title="x")["board"]["id"]
    everybody=people(10)
    for p in everybody: p.do(s,"Follow",targetId=project)
    ts=lambda iso: datetime.fromisoformat(iso).timestamp()
    for count, pace in ((1,0.25),(10,0.5)):
        who=everybody[:count]
        cur = ana.ask(s,"BoardPage",id=board,first=1)["board"]["cursor"]
        run(house, who, "BoardLive", lambda p: {"boardId":board,"after":cur}, lambda n: ana.do(s,"CreateTask",boardId=board,title=f"Task {n}"), 200, lambda d: ts(d["boardEvents"]["occurredAt"]), pace)
        time.sleep(3)
        heads=dict(Stream.objects.using(LIVE).values_list("name","seq"))
        run(house, who, "NotificationsLive", lambda p: {"after":cursors.encode(f"user:{p.pk}", heads.get(f"user:{p.pk}",0))}, lambda n: publish_update(s, ana, project, f"U{n}"), 200, lambda d: ts(d["notificationReceived"]["notification"]["occurredAt"]), pace)
