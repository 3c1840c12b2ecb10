// Prints a verdict a case, as one JSON list: node simulate.mjs <module directory> <cases.json>
import { readFileSync } from "node:fs";
import { createRequire } from "node:module";

const [directory, file] = process.argv.slice(2);
const { runSimulation, anonymousPrincipal } = createRequire(`${directory}/`)(
  "@cloud-copilot/iam-simulate",
);

const verdicts = [];
for (const each of JSON.parse(readFileSync(file))) {
  const simulation = {
    request: {
      principal: each.principal === "anonymous" ? anonymousPrincipal : each.principal,
      action: each.action,
      resource: { resource: each.resource, accountId: each.owner },
      contextVariables: each.context,
    },
    identityPolicies: each.identity.map((policy, number) => ({ name: `${number}`, policy })),
    serviceControlPolicies: [],
    resourceControlPolicies: [],
    resourcePolicy: each.of_resource ?? undefined,
    permissionBoundaryPolicies: each.boundary ? [{ name: "boundary", policy: each.boundary }] : undefined,
    sessionPolicy: each.session ?? undefined,
  };
  const result = await runSimulation(simulation, {});
  const ignored = result.result?.ignoredContextKeys ?? [];
  if (result.resultType === "error" || ignored.length > 0) {
    verdicts.push(JSON.stringify(result.errors ?? ignored));
  } else {
    verdicts.push(result.overallResult);
  }
}
console.log(JSON.stringify(verdicts));
