import { useQuery, useQueryClient } from "@tanstack/react-query";
import { lazy, type ReactNode, Suspense, useEffect, useSyncExternalStore } from "react";
import * as queries from "../api/queries.ts";
import { session } from "../api/session.ts";

const SignInPage = lazy(async () => ({ default: (await import("./sign-in.tsx")).SignInPage }));
const SignInDialog = lazy(async () => ({ default: (await import("./sign-in.tsx")).SignInDialog }));

const hadSession = session.token() !== null;

/** Shows the console to a session. One that ends is asked for again above the page, which stays. */
export function SessionGate(props: {
  readonly tokenError: unknown;
  readonly children: ReactNode;
}): ReactNode {
  const held = useSyncExternalStore(session.subscribe, session.token);
  const client = useQueryClient();
  useEffect(() => {
    if (held !== null) void client.invalidateQueries();
  }, [held, client]);
  const { data: who, isPending, failureCount } = useQuery({
    ...queries.who(),
    enabled: held !== null,
  });
  if (who === undefined && held === null) {
    return (
      <Suspense>
        <SignInPage tokenError={props.tokenError} hasEnded={hadSession} />
      </Suspense>
    );
  }
  // The first answer shows whether a session kept from before still holds.
  if (who === undefined && isPending && failureCount === 0) return null;
  return (
    <>
      {props.children}
      {held === null ? (
        <Suspense>
          <SignInDialog />
        </Suspense>
      ) : null}
    </>
  );
}
