import json, time
import pytest
from tests.asking import *
from tests import cast as people
from social.comments.actions import add_comment

def show(x): print(json.dumps(x, indent=1, ensure_ascii=False)[:3000])

def test_try(cast):
    show(ask("Me", cast.ana))
    with statements() as s:
        show(ask("ProjectPage", cast.cy, slug=cast.project.slug))
    print(len(s))
    for x in s: print(x[:150])
    show(ask('query($id: ID = "x") { node(id: $id) {id} }', cast.ana, id=None))
    show(ask('query($x: Boolean = true) { viewer { email @skip(if: $x) } }', cast.ana, x=None))
    show(ask('query($x: Boolean = true) { viewer @skip(if: $x) { email} }', cast.ana, x=None))
    show(ask('mutation($i: FollowInput = {targetId: "x"}) { follow(input: $i) {errors{code}} }', cast.ana, i=None))
    show(ask('CreateTask', cast.ana, input={"boardId": id_of(cast.board), "title":"abc", "dueAt": "2026-10-10T10:00:00"}))
    show(ask('CreateTask', cast.ana, input={"boardId": id_of(cast.board), "title":"abc", "dueAt": "2026-10-10"}))
    show(ask('CreateTask', cast.ana, input={"boardId": id_of(cast.board), "title":"abc", "skills": ["İ"*40]}))
    for due in ["9999-12-31T23:59:59+14:00","0001-01-01T00:00:00+14:00", "9999-12-31T24:00:00", "2026-02-30", 5, "0000-01-01", "2026-10-10T23:59:60Z"]:
        show(ask('CreateTask', cast.ana, input={"boardId": id_of(cast.board), "title":"abc", "dueAt": due})["errors" if 0 else "data"] if 0 else ask('CreateTask', cast.ana, input={"boardId": id_of(cast.board), "title":"abc", "dueAt": due}))
