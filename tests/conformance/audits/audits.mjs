// Every audit of graphql-http, one after the other, as a JSON array: [{ id, name, status, reason }].
import { serverAudits } from "graphql-http"

const audits = serverAudits({ url: process.argv[2] })
const told = []
for (const audit of audits) {
  const { id, name, status, reason } = await audit.fn()
  told.push({ id, name, status, reason })
}
console.log(JSON.stringify(told))
