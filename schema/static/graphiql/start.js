"use strict";
/* Starts GraphiQL with the tabs that graphiql.py put into the page, talking to the page's own address. */
(() => {
  const { createElement: h, useSyncExternalStore } = React;
  const { GraphQL } = GraphiQL;

  // location.search and .hash are left out on purpose: nothing of a request ever goes into a URL.
  const endpoint = location.origin + location.pathname;
  const socketEndpoint = endpoint.replace(/^http/, "ws");
  const { tabs } = JSON.parse(document.getElementById("graphiql-config").textContent);

  // Dialogs lock scrolling with a <style> element; the library behind them looks for its CSP nonce under this name.
  window.__webpack_nonce__ = document.currentScript.nonce;

  /* The session of the last signUp or logIn: in memory only, so it is this tab's and ends with a reload. */
  const session = {
    current: null,
    listeners: new Set(),
    set(value) {
      session.current = value;
      session.listeners.forEach((listener) => listener());
    },
    subscribe(listener) {
      session.listeners.add(listener);
      return () => session.listeners.delete(listener);
    },
  };

  const OPENS_SESSION = new Set(["signUp", "logIn", "resetPassword"]);

  /* Follows what the answer did to the session: opened one, or ended the one we sent. */
  const followSession = (operation, result, usedSession) => {
    if (operation?.operation !== "mutation" || !result?.data) return;
    for (const selection of operation.selectionSet.selections) {
      if (selection.kind !== "Field") continue;
      const name = selection.name.value;
      const payload = result.data[selection.alias?.value ?? name];
      const token = payload?.session?.token;
      if (OPENS_SESSION.has(name) && typeof token === "string") {
        session.set({ token, handle: payload.session.viewer?.user?.handle });
      } else if (name === "logOut" && payload && !payload.errors?.length && usedSession === session.current) {
        session.set(null);
      }
    }
  };

  /* The Headers pane wins; without an Authorization there, the remembered session speaks. */
  const authorize = (paneHeaders) => {
    const headers = new Headers(paneHeaders ?? {});
    if (headers.has("Authorization")) return { headers, usedSession: undefined };
    if (session.current) headers.set("Authorization", `Bearer ${session.current.token}`);
    return { headers, usedSession: session.current };
  };

  /* Plain objects: GraphiQL prints an Error with its stack, which says nothing about the server. */
  const failure = (message) => ({ errors: [{ message }] });

  const post = async (params, headers) => {
    headers.set("Content-Type", "application/json");
    headers.set("Accept", "application/json");
    let response, text;
    try {
      response = await fetch(endpoint, { method: "POST", headers, body: JSON.stringify(params) });
      text = await response.text();
    } catch (reason) {
      return failure(`The server could not be reached: ${reason.message}`);
    }
    try {
      return JSON.parse(text);
    } catch {
      return failure(`HTTP ${response.status}, and the answer is not JSON: ${text.slice(0, 500)}`);
    }
  };

  /* graphql-ws reports the server's errors as an array and a lost socket as an event, which prints as nothing. */
  const socketErrors = (reason) => {
    if (Array.isArray(reason)) return reason;
    if (typeof reason?.code === "number") {
      return failure(`The socket was closed: ${reason.code} ${reason.reason ?? ""}`.trim()).errors;
    }
    return failure(reason instanceof Error ? reason.message : "The socket could not be opened.").errors;
  };

  const subscribe = (params, headers) => ({
    subscribe(sink) {
      // One socket per run, because a connection keeps for its whole life the credentials it was opened with.
      const client = graphqlWs.createClient({
        url: socketEndpoint,
        connectionParams: () => {
          const authorization = headers.get("Authorization");
          return authorization ? { Authorization: authorization } : undefined;
        },
        // A silent retry would hide that events may have been missed in between.
        retryAttempts: 0,
      });
      const dispose = client.subscribe(params, {
        next: (result) => sink.next(result),
        error: (reason) => sink.error(socketErrors(reason)),
        complete: () => sink.complete(),
      });
      return {
        unsubscribe() {
          dispose();
          client.dispose();
        },
      };
    },
  });

  /* The operation about to run; a document that does not parse has none, and the server says why. */
  const operationOf = ({ query, operationName }) => {
    try {
      return GraphQL.getOperationAST(GraphQL.parse(query), operationName);
    } catch {
      return null;
    }
  };

  const fetcher = (params, options) => {
    const operation = operationOf(params);
    const { headers, usedSession } = authorize(options?.headers);
    if (operation?.operation === "subscription") return subscribe(params, headers);
    return post(params, headers).then((result) => {
      followSession(operation, result, usedSession);
      return result;
    });
  };

  /* What GraphiQL keeps survives a reload of this tab and nothing longer: variables may hold a password. */
  const KEEPS_REQUESTS = new Set(["graphiql:tabState", "graphiql:queries", "graphiql:favorites"]);
  const storage = {
    getItem: (key) => sessionStorage.getItem(key),
    removeItem: (key) => sessionStorage.removeItem(key),
    clear: () => sessionStorage.clear(),
    get length() {
      return sessionStorage.length;
    },
    setItem(key, value) {
      if (key === "graphiql:headers") return;
      // GraphiQL's history keeps the headers of each request even where `shouldPersistHeaders` is false.
      const kept = KEEPS_REQUESTS.has(key)
        ? JSON.stringify(JSON.parse(value), (name, part) => (name === "headers" ? null : part))
        : value;
      sessionStorage.setItem(key, kept);
    },
  };
  const first = JSON.stringify(tabs);
  if (storage.getItem("acequia:first-tabs") !== first) {
    // The server offers other tabs than those kept (new example data has new ids): begin with its own.
    storage.clear();
    storage.setItem("acequia:first-tabs", first);
    // GraphiQL takes a first tab's query from `defaultTabs`, but its variables only from here.
    storage.setItem("graphiql:variables", tabs[0].variables);
  }

  const SessionStatus = () => {
    const current = useSyncExternalStore(session.subscribe, () => session.current);
    if (!current) {
      return h("div", { className: "acequia-session" }, "Not signed in. Run LogIn, or fill in the Headers pane.");
    }
    const who = current.handle ? `Signed in as ${current.handle}` : "Signed in";
    return h(
      "div",
      { className: "acequia-session" },
      `${who}: the token stays in this tab's memory until a reload.`,
      h("button", { type: "button", className: "graphiql-button", onClick: () => session.set(null) }, "Forget"),
    );
  };

  ReactDOM.createRoot(document.getElementById("graphiql")).render(
    h(
      GraphiQL,
      {
        fetcher,
        storage,
        defaultTabs: tabs,
        defaultEditorToolsVisibility: "variables",
        isHeadersEditorEnabled: true,
        shouldPersistHeaders: false,
        showPersistHeadersSettings: false,
      },
      h(GraphiQL.Logo, null, "Acequia"),
      h(GraphiQL.Footer, null, h(SessionStatus)),
    ),
  );
})();
