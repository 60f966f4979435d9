// The peer in Node: graphql-ws over ws, as its documentation says, fed by Redis. An event is read once a process and handed to
// every subscription of its board; graphql-js then answers each of them. There is no person and no database.
const http = require("node:http");
const { buildSchema } = require("graphql");
const { useServer } = require("graphql-ws/use/ws");
const Redis = require("ioredis");
const { WebSocketServer } = require("ws");

const { PORT, REDIS_URL } = process.env;

const schema = buildSchema(`
  enum TaskState { OPEN CLAIMED SUBMITTED DONE CLOSED }
  type Task { id: ID! title: String! state: TaskState! openSlots: Int! }
  interface BoardEvent { cursor: String! occurredAt: String! }
  type TaskEdited implements BoardEvent { cursor: String! occurredAt: String! task: Task }
  type Query { isThere: Boolean }
  type Subscription { boardEvents(boardId: ID!): BoardEvent }
`);

const followers = new Map();

function follow(boardId) {
  const waiting = [];
  let wake = null;
  const push = (event) => {
    if (wake) {
      wake({ value: { boardEvents: event }, done: false });
      wake = null;
    } else waiting.push(event);
  };
  if (!followers.has(boardId)) followers.set(boardId, new Set());
  followers.get(boardId).add(push);
  return {
    [Symbol.asyncIterator]() {
      return this;
    },
    next() {
      if (waiting.length) return Promise.resolve({ value: { boardEvents: waiting.shift() }, done: false });
      return new Promise((resolve) => (wake = resolve));
    },
    return() {
      followers.get(boardId).delete(push);
      if (wake) wake({ value: undefined, done: true });
      return Promise.resolve({ value: undefined, done: true });
    },
  };
}

schema.getSubscriptionType().getFields().boardEvents.subscribe = (_, { boardId }) => follow(boardId);

const redis = new Redis(REDIS_URL.startsWith("unix://") ? REDIS_URL.slice("unix://".length) : REDIS_URL);
redis.on("pmessage", (_, channel, message) => {
  const board = followers.get(channel.slice("events:".length));
  if (!board) return;
  const event = JSON.parse(message);
  for (const push of board) push(event);
});

const server = http.createServer();
useServer({ schema }, new WebSocketServer({ server, path: "/graphql", perMessageDeflate: false }));
redis.psubscribe("events:*").then(() => server.listen(Number(PORT), "127.0.0.1"));
