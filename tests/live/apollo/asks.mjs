// What Apollo's own client does with a list of operations: it sends a hash, and the document only when it is told to.
//
//   npm ci && ACEQUIA_URL=http://127.0.0.1:8000 CLIENT=client.graphql node asks.mjs
//
// It prints what it was answered to each, and what it sent for it.

import { createHash } from "node:crypto";
import { readFileSync } from "node:fs";
import { ApolloClient, ApolloLink, HttpLink, InMemoryCache, gql } from "@apollo/client/core/index.js";
import { createPersistedQueryLink } from "@apollo/client/link/persisted-queries/index.js";

const url = `${process.env.ACEQUIA_URL}/graphql`;
const headers = process.env.TOKEN ? { Authorization: `Bearer ${process.env.TOKEN}` } : {};
const sent = [];

function watched(address, options) {
  const body = JSON.parse(options.body);
  sent.push(`${"query" in body ? "document" : ""}${body.extensions?.persistedQuery ? "hash" : ""}`);
  return fetch(address, options);
}

const sha256 = (text) => createHash("sha256").update(text).digest("hex");
const link = ApolloLink.from([
  createPersistedQueryLink({ sha256 }),
  new HttpLink({ uri: url, headers, fetch: watched }),
]);
const client = new ApolloClient({ cache: new InMemoryCache(), link });
const told = [];

async function ask(query, variables) {
  const answer = await client
    .query({ query: gql(query), variables, fetchPolicy: "no-cache", errorPolicy: "all" })
    .catch((error) => ({ errors: error.graphQLErrors.length ? error.graphQLErrors : [error.networkError.result.errors[0]] }));
  const codes = answer.errors?.map((error) => error.extensions.code);
  told.push({ data: answer.data ?? null, codes: codes ?? [], sent: sent.splice(0) });
}

await ask(readFileSync(process.env.CLIENT, "utf8"), { handle: process.env.HANDLE });
await ask("query Other { viewer { locale } }");
await ask("query Other { viewer { locale } }");
console.log(JSON.stringify(told));
