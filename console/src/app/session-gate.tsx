import { useQuery, useQueryClient } from "@tanstack/react-query";
import { lazy, type ReactNode, Suspense, useEffect, useState, useSyncExternalStore } from "react";
import * as queries from "../api/queries.ts";
import { session } from "../api/session.ts";
import { dismiss, notify } from "../shell/notices.ts";
import { useWords } from "../words/language.ts";
import { leaveBehind, leftUntil } from "./left-session.ts";

const SignInPage = lazy(async () => ({ default: (await import("./sign-in.tsx")).SignInPage }));
const SignInDialog = lazy(async () => ({ default: (await import("./sign-in.tsx")).SignInDialog }));

const SignInAgain = lazy(async () => ({ default: (await import("./sign-in.tsx")).SignInAgain }));

const ENDED = "session-ended";
const hadSession = session.token() !== null;

/** Shows the console to a session. One that ends is asked for again above the page, which stays. */
export function SessionGate(props: {
  readonly tokenError: unknown;
  readonly children: ReactNode;
}): ReactNode {
  const { session: t } = useWords();
  const held = useSyncExternalStore(session.subscribe, session.token);
  const client = useQueryClient();
  const [isPutOff, setPutOff] = useState(false);
  useEffect(() => {
    if (held === null) return;
    leaveBehind(null);
    // Where the session ends while the server is away, the form must be here already. What did
    // not arrive now is loaded when it is shown.
    import("./sign-in.tsx").catch(() => undefined);
    void client.invalidateQueries();
    dismiss(ENDED);
  }, [held, client]);
  useEffect(() => {
    if (!isPutOff) return;
    // To read or copy something on the page first.
    const action = (
      <Suspense>
        <SignInAgain onClick={() => setPutOff(false)} />
      </Suspense>
    );
    notify({ id: ENDED, type: "warning", content: t.ended, action });
  }, [isPutOff, t]);
  const { data: who, isPending, failureCount } = useQuery({
    ...queries.who(),
    enabled: held !== null,
  });
  if ((who === undefined || leftUntil() !== null) && held === null) {
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
      {held === null && !isPutOff ? (
        <Suspense>
          <SignInDialog onPutOff={() => setPutOff(true)} />
        </Suspense>
      ) : null}
    </>
  );
}
