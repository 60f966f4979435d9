// PostGraphile 4 as its documentation says to run it in production: a process a core, without logs, development's tools or
// mutations that nobody asks for; parsed documents and prepared statements are cached.
const cluster = require("node:cluster");
const { createHash } = require("node:crypto");
const http = require("node:http");
const { Pool } = require("pg");
const { postgraphile } = require("postgraphile");
const simplifyInflector = require("@graphile-contrib/pg-simplify-inflector");

const { DATABASE_URL, PORT, PROCESSES, CONNECTIONS } = process.env;

// The same question as the project asks of every request.
const SESSION = {
  name: "session",
  text: `select session.user_id, is_staff
    from accounts_session session join accounts_user person on person.id = session.user_id
    where token_hash = $1 and ended_at is null and expires_at > now() and is_active`,
};

function serve() {
  const pool = new Pool({ connectionString: DATABASE_URL, max: Number(CONNECTIONS) });
  const handler = postgraphile(pool, "public", {
    appendPlugins: [simplifyInflector],
    simpleCollections: "both",
    legacyRelations: "omit",
    setofFunctionsContainNulls: false,
    ignoreRBAC: true,
    disableDefaultMutations: true,
    disableQueryLog: true,
    graphiql: false,
    watchPg: false,
    graphqlRoute: "/graphql",
    queryCacheMaxSize: 100 * 1024 * 1024,
    async pgSettings(request) {
      const token = request.headers.authorization.slice("Bearer ".length);
      const hash = createHash("sha256").update(token).digest("hex");
      const { rows } = await pool.query({ ...SESSION, values: [hash] });
      if (!rows.length) throw Object.assign(new Error("unknown token"), { status: 401 });
      return { role: "bench_peer", "bench.viewer": rows[0].user_id };
    },
  });
  http.createServer(handler).listen(Number(PORT), "127.0.0.1");
}

if (cluster.isPrimary) {
  for (let each = 0; each < Number(PROCESSES); each++) cluster.fork();
  cluster.on("exit", (worker, code) => process.exit(code || 1));
} else {
  serve();
}
