/** CloudWatch's counts of calls, which Lensmith serves at the same endpoint. */
import { json } from "./http.ts";

const TARGET = "GraniteServiceVersion20100801";

interface Statistics {
  readonly Datapoints?: readonly { readonly Sum?: number }[];
}

const HOUR_SECONDS = 3600;
const MAX_HOURS = 1400; // a request has at most 1,440 points

/** Count the successful calls of an operation of the account, by anybody, since a time in seconds. */
export async function countCalls(operation: string, since: number): Promise<number> {
  const now = Date.now() / 1000;
  const begin = Math.max(since, now - MAX_HOURS * HOUR_SECONDS);
  // Counts are of minutes; hours that began before `since` would count too much.
  const isRecent = now - begin < 20 * HOUR_SECONDS;
  const { Datapoints = [] } = await json<Statistics>("/", {
    method: "POST",
    headers: { "Content-Type": "application/x-amz-json-1.0", "X-Amz-Target": `${TARGET}.GetMetricStatistics` },
    body: {
      Namespace: "AWS/Rekognition",
      MetricName: "SuccessfulRequestCount",
      Dimensions: [{ Name: "Operation", Value: operation }],
      StartTime: Math.floor(begin / 60) * 60,
      EndTime: Math.floor(now) + 120,
      Period: isRecent ? 60 : HOUR_SECONDS,
      Statistics: ["Sum"],
    },
  });
  return Datapoints.reduce((sum, { Sum = 0 }) => sum + Sum, 0);
}
