"""The page a developer meets at GET /graphql: GraphiQL from our own files, with operations that run as they stand."""

import json
from collections.abc import Mapping
from dataclasses import dataclass
from secrets import token_urlsafe

from django.conf import settings
from django.http import HttpRequest, HttpResponse
from django.shortcuts import render

#: What the demo's data is called; everything below that names it names it through these.
PROJECT_SLUG = "huerta-del-rio"
DEMO_LOGIN = {"email": "ana@example.org", "password": "riega-la-huerta"}


@dataclass(frozen=True, slots=True)
class FirstOperation:
    """One tab of the page: a document with the variables it runs with, under its operation's name."""

    title: str
    document: str
    variables: Mapping[str, object]


DISCOVER = FirstOperation(
    title="Discover",
    document="""\
# Projects anyone may see. Ctrl-Enter runs it.
#
# To act as a person, run the LogIn tab: this page then
# keeps the token in memory, for this browser tab only,
# and sends it with every request and subscription whose
# Headers pane holds no Authorization of its own.
query Discover($first: Int!) {
  projects(first: $first) {
    totalCount
    edges {
      node {
        id
        slug
        title
        summary
        category
        status
        owner {
          handle
        }
        followerCount
      }
    }
  }
}
""",
    variables={"first": 5},
)

PROJECT_PAGE = FirstOperation(
    title="ProjectPage",
    document="""\
# One project with its boards and the work on them.
# A board's id is what the BoardLive tab asks for.
query ProjectPage($slug: String!) {
  project(slug: $slug) {
    id
    title
    summary
    status
    owner {
      handle
      displayName
    }
    followerCount
    viewerIsFollowing
    boards {
      id
      title
      tasks(first: 30) {
        edges {
          node {
            id
            title
            state
            claimants {
              handle
            }
          }
        }
      }
    }
  }
}
""",
    variables={"slug": PROJECT_SLUG},
)

LOG_IN = FirstOperation(
    title="LogIn",
    document="""\
# Signs in as Ana of the example data. From here on this
# page speaks for her; the line below the answer says so.
mutation LogIn($input: LogInInput!) {
  logIn(input: $input) {
    session {
      token
      expiresAt
      viewer {
        user {
          id
          handle
          displayName
        }
        email
        unreadNotificationCount
      }
    }
    errors {
      code
      message
      field
    }
  }
}
""",
    variables={"input": DEMO_LOGIN},
)

BOARD_LIVE = FirstOperation(
    title="BoardLive",
    document="""\
# Everything that happens on one board, as it happens.
# Run it, then claim one of its tasks in a second window.
subscription BoardLive($boardId: ID!) {
  boardEvents(boardId: $boardId) {
    __typename
    cursor
    occurredAt
    actor {
      handle
      displayName
    }
    ... on TaskCreated {
      task {
        ...TaskOnBoard
      }
    }
    ... on TaskEdited {
      task {
        ...TaskOnBoard
      }
    }
    ... on TaskMoved {
      task {
        id
        position
      }
    }
    ... on TaskClaimed {
      task {
        ...TaskOnBoard
      }
    }
    ... on ClaimReleased {
      task {
        ...TaskOnBoard
      }
      reason
    }
    ... on WorkSubmitted {
      task {
        ...TaskOnBoard
      }
    }
    ... on WorkReviewed {
      task {
        ...TaskOnBoard
      }
      verdict
    }
    ... on TaskClosed {
      task {
        id
        state
      }
    }
    ... on ResyncRequired {
      reason
    }
  }
}

fragment TaskOnBoard on Task {
  id
  number
  title
  state
  openSlots
  claims {
    state
    claimant {
      handle
    }
  }
}
""",
    variables={"boardId": ""},
)

NOTIFICATIONS_LIVE = FirstOperation(
    title="NotificationsLive",
    document="""\
# What concerns you, as it happens. Run LogIn first:
# notifications belong to a person.
subscription NotificationsLive {
  notificationReceived {
    unreadNotificationCount
    notification {
      id
      cursor
      kind
      occurredAt
      text
      url
      actorCount
      actors(first: 3) {
        handle
        displayName
      }
      subject {
        __typename
        id
      }
    }
  }
}
""",
    variables={},
)

FIRST_OPERATIONS = (DISCOVER, PROJECT_PAGE, LOG_IN, BOARD_LIVE, NOTIFICATIONS_LIVE)

BOARD_ID_HINT = """\
# First fill in boardId below: run the ProjectPage tab
# and copy an id from its boards.
#
"""


def graphiql_page(request: HttpRequest, *, board_id: str | None = None) -> HttpResponse:
    """Answers with GraphiQL, its BoardLive tab ready for `board_id` or saying where to find one."""
    nonce = token_urlsafe(16)
    response = render(request, "graphiql.html", {"nonce": nonce, "config": {"tabs": _tabs(board_id)}})
    # The page holds a token in memory: should a script or an address of others slip in, the browser refuses it.
    response["Content-Security-Policy"] = "; ".join(
        (
            "default-src 'none'",
            "script-src 'self'",
            f"style-src 'self' 'nonce-{nonce}'",
            "img-src 'self' data:",
            "connect-src 'self'",
            "base-uri 'none'",
            "form-action 'none'",
            "frame-ancestors 'none'",
        )
    )
    # A kept page would repeat its nonce, and its address also answers with JSON.
    response["Cache-Control"] = "no-store"
    return response


def _tabs(board_id: str | None) -> list[dict[str, str]]:
    return [_tab(operation, board_id) for operation in FIRST_OPERATIONS]


def _tab(operation: FirstOperation, board_id: str | None) -> dict[str, str]:
    document, variables = operation.document, dict(operation.variables)
    if operation is LOG_IN and not settings.DEVELOPMENT:
        # There is no demo on a server, and a page that says passwords teaches nothing good.
        variables["input"] = dict.fromkeys(DEMO_LOGIN, "")
    if operation is BOARD_LIVE:
        if board_id is None:
            document = BOARD_ID_HINT + document
        else:
            variables["boardId"] = board_id
    return {"query": document, "variables": json.dumps(variables, indent=2)}
