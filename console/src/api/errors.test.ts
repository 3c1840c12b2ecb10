import { describe, expect, it } from "vitest";
import { apiError, hasCode, needsSignIn } from "./errors.ts";

const headers = (named: Record<string, string>) => (name: string) => named[name] ?? null;

describe("apiError", () => {
  it("takes the code from the header and drops the link behind it", () => {
    const error = apiError(
      400,
      headers({ "x-amzn-errortype": "ResourceInUseException:http://x/", "x-amzn-requestid": "r1" }),
      '{"__type":"other","message":"in use"}',
    );
    expect([error.code, error.message, error.requestId]).toEqual([
      "ResourceInUseException",
      "in use",
      "r1",
    ]);
  });

  it("takes the code from a namespaced __type, and keeps further fields", () => {
    const error = apiError(503, headers({}), '{"__type":"com.amazonaws#Slow","Message":"m","errno":28}');
    expect([error.code, error.message, error.details]).toEqual(["Slow", "m", { errno: 28 }]);
  });

  it("shows a body that is not JSON", () => {
    const error = apiError(502, headers({}), "<html>bad gateway");
    expect([error.code, error.message]).toEqual(["HTTP 502", "<html>bad gateway"]);
  });

  it("knows the codes that need a sign-in", () => {
    expect(needsSignIn(apiError(403, headers({}), '{"__type":"ExpiredTokenException"}'))).toBe(true);
    expect(needsSignIn(apiError(403, headers({}), '{"__type":"AccessDeniedException"}'))).toBe(false);
    expect(hasCode(apiError(400, headers({}), '{"__type":"A"}'), "B", "A")).toBe(true);
  });
});
