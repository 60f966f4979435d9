// Two people meet, told by a client that nobody here wrote: npm's graphql-ws for the socket, node's own fetch for the rest.
//
//   npm ci && ACEQUIA_URL=http://127.0.0.1:8000 STAFF_TOKEN=… node story.mjs
//
// It says each thing that it has seen, and ends with 1 when anything is not as told.

import assert from "node:assert/strict";
import { setTimeout as pause } from "node:timers/promises";
import { createClient } from "graphql-ws";
import WebSocket from "ws";

const url = process.env.ACEQUIA_URL;
const staff = { token: process.env.STAFF_TOKEN };
const once = Date.now().toString(36);
const patience = 20_000;

setTimeout(() => fail(new Error(`nothing more happened for ${patience / 1000} s`)), patience).unref();
process.on("unhandledRejection", fail);

function fail(error) {
  console.error(error);
  process.exit(1);
}

async function ask(person, query, variables) {
  const answer = await fetch(`${url}/graphql`, {
    method: "POST",
    headers: { "Content-Type": "application/json", ...(person && { Authorization: `Bearer ${person.token}` }) },
    body: JSON.stringify({ query, variables }),
  });
  const { data, errors } = await answer.json();
  assert.equal(answer.status, 200, JSON.stringify(errors));
  assert.equal(errors, undefined);
  return Object.values(data)[0];
}

/** A mutation that must succeed: its payload. */
async function act(person, name, input, selection) {
  const type = `${name[0].toUpperCase()}${name.slice(1)}Input`;
  const query = `mutation Act($input: ${type}!) { ${name}(input: $input) { ${selection} errors { code message field } } }`;
  const payload = await ask(person, query, { input });
  assert.deepEqual(payload.errors, []);
  return payload;
}

async function signUp(name) {
  const handle = `${name}-${once}`;
  const input = { handle, email: `${handle}@example.org`, password: "riega-la-huerta", displayName: name };
  const { session } = await act(null, "signUp", input, "session { token }");
  return { handle, token: session.token };
}

/** What somebody is told by a subscription, from now on. */
function follow(person, query, variables) {
  const client = createClient({
    url: `${url.replace("http", "ws")}/graphql`,
    webSocketImpl: WebSocket,
    connectionParams: { Authorization: `Bearer ${person.token}` },
    retryAttempts: 0,
  });
  const told = [];
  client.subscribe(
    { query, variables },
    {
      next: ({ data, errors }) => (errors ? fail(errors) : told.push(Object.values(data)[0])),
      error: fail,
      complete: () => {},
    },
  );
  return { told, end: () => client.dispose() };
}

async function until(isSo) {
  while (!isSo()) await pause(10);
}

const [ana, bo] = await Promise.all([signUp("ana"), signUp("bo")]);
console.log(`${ana.handle} and ${bo.handle} signed up`);

const { project } = await act(
  ana,
  "createProject",
  {
    title: `Acequia ${once}`,
    category: "ECOLOGICAL",
    summary: "Water for all.",
    description: "We dig the old channel free, from the weir to the last garden, and whoever digs waters with us.",
  },
  "project { id }",
);
const projectId = project.id;
await act(ana, "submitProject", { projectId }, "project { status }");
await act(staff, "reviewProject", { projectId, verdict: "APPROVE" }, "project { status }");
const launched = await act(ana, "launchProject", { projectId }, "project { status }");
assert.equal(launched.project.status, "LIVE");
console.log("ana launched a project");

const notifications = follow(
  bo,
  `subscription {
    notificationReceived {
      notification { kind text actors(first: 3) { handle } subject { __typename id } }
      unreadNotificationCount
    }
  }`,
);
// No message says that a subscription has begun.
await pause(1_000);
await act(bo, "follow", { targetId: projectId }, "target { id }");
const { update } = await act(ana, "draftUpdate", { projectId, title: "Water!", body: "It runs." }, "update { id }");
await act(ana, "publishUpdate", { updateId: update.id }, "update { publishedAt }");
await until(() => notifications.told.length > 0);
const [{ notification, unreadNotificationCount }] = notifications.told;
assert.deepEqual(notification.subject, { __typename: "Update", id: update.id });
assert.deepEqual(notification.actors, [{ handle: ana.handle }]);
assert.equal(unreadNotificationCount, 1);
console.log(`bo was told: ${notification.text}`);

const { board } = await act(ana, "createBoard", { projectId, title: "Spring" }, "board { id }");
const { task } = await act(ana, "createTask", { boardId: board.id, title: "Paint the gate" }, "task { id }");
const watching = await Promise.all(
  [ana, bo].map(async (person) => {
    const { cursor } = await ask(person, "query Look($id: ID!) { board(id: $id) { cursor } }", { id: board.id });
    return follow(
      person,
      `subscription Live($boardId: ID!, $after: String) {
        boardEvents(boardId: $boardId, after: $after) {
          __typename
          actor { handle }
          ... on TaskClaimed { task { id openSlots claimants { handle } } }
        }
      }`,
      { boardId: board.id, after: cursor },
    );
  }),
);
const claim = `mutation Claim($input: ClaimTaskInput!) { claimTask(input: $input) { claim { id } errors { code } } }`;
const claims = await Promise.all([ana, bo].map((person) => ask(person, claim, { input: { taskId: task.id } })));
const codes = claims.map(({ errors }) => errors.map(({ code }) => code).join());
assert.deepEqual(codes.toSorted(), ["", "TAKEN"]);
const { handle } = [ana, bo][codes.indexOf("")];
console.log(`both claimed a task: ${handle} has it, the other one reads TAKEN`);

await until(() => watching.every(({ told }) => told.length > 0));
await pause(500);
for (const { told } of watching) {
  const claimed = { id: task.id, openSlots: 0, claimants: [{ handle }] };
  assert.deepEqual(told, [{ __typename: "TaskClaimed", actor: { handle }, task: claimed }]);
}
assert.equal(notifications.told.length, 1);
console.log("both saw it on their open boards, once");

await Promise.all([notifications, ...watching].map(({ end }) => end()));
process.exit(0);
