import os, time, collections
import pytest
from hypothesis import given, settings, Phase, note, strategies as st
from tests.schema.planner.test_equality import *
from tests.schema.planner import test_equality as te
import tests.oracle.answers as an
T=collections.Counter()
def timed(name, f):
    def g(*a, **k):
        t=time.perf_counter()
        try: return f(*a, **k)
        finally: T[name]+=time.perf_counter()-t
    return g
import tests.oracle.resolvers as rs
CALLS=collections.Counter(); NONNULL=collections.Counter(); DOCS=collections.defaultdict(set); NOW=[0]
orig=rs.value
def counted(source, asked, row):
    r=orig(source, asked, row)
    k=asked.parent+"."+asked.python_name
    CALLS[k]+=1; DOCS[k].add(NOW[0])
    if r is not None and r!=[]: NONNULL[k]+=1
    return r
rs.value=counted
an.by_the_planner=timed("planner", an.by_the_planner)
an.by_the_oracle=timed("oracle", an.by_the_oracle)
del test_the_planner_answers_what_walking_from_row_to_row_answers
N=int(os.environ.get("N","60"))
FAILS=collections.OrderedDict()
@pytest.mark.parametrize("world", [int(os.environ.get("W","0"))], indirect=True)
def test_dev(world):
    count=[0]
    sizes=[]
    @settings(max_examples=N, phases=[Phase.generate], database=None)
    @given(data=st.data())
    def inner(data):
        count[0]+=1; NOW[0]+=1
        who = data.draw(st.sampled_from(WHO))
        t=time.perf_counter()
        question = data.draw(questions(world, world.viewers.get(who)))
        T["draw"]+=time.perf_counter()-t
        sizes.append(len(question.text))
        with undone():
            twist = data.draw(st.sampled_from(sorted(TWISTS)))
            TWISTS[twist]()
            for vs, each in ((question.variables, who), (question.others, data.draw(st.sampled_from(WHO)))):
                try:
                    with __import__("django").db.transaction.atomic():
                        told=an.assert_same(question.text, vs, world.session(each), question.doubtful|{'BAD_CURSOR'})
                        T["refused" if "errors" in told else "answered"]+=1
                except Exception as e:
                    FAILS.setdefault(str(e)[:60] if not isinstance(e, an.Different) else str(e)[-600:], []).append((question, each, twist, e))
    t=time.perf_counter()
    inner()
    print("TOTAL", time.perf_counter()-t, count, dict(T), "len", sum(sizes)/len(sizes), max(sizes))
    for k, v in sorted(FAILS.items(), key=lambda kv: min(len(q.text) for q,*_ in kv[1]))[:int(os.environ.get("SHOW","6"))]:
        q, w, tw, e = min(v, key=lambda x: len(x[0].text))
        print("=====", len(v), type(e).__name__, str(e)[:1800]); print(q.text[:1500]); print(q.variables, q.doubtful, w, tw)
        if not isinstance(e, an.Different): import traceback; traceback.print_exception(e, limit=-4)
    from schema.member.schema import schema
    allf=[f"{t.name}.{f.extensions['strawberry-definition'].python_name}" for t in schema._schema.type_map.values() if hasattr(t,"interfaces") and hasattr(t,"fields") and not t.name.startswith("__") for f in t.fields.values()]
    print("CALLS per doc", sum(CALLS.values())/NOW[0])
    print("\n".join(f"{f:40} docs {len(DOCS[f]):5} calls {CALLS[f]:6} nonnull {NONNULL[f]:6}" for f in sorted(allf, key=lambda f: len(DOCS[f]))))
    print("FAILS", len(FAILS), sum(map(len,FAILS.values())))
