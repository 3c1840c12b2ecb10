import { I18nProvider, type I18nProviderProps } from "@cloudscape-design/components/i18n";
import english from "@cloudscape-design/components/i18n/messages/all.en";
import { QueryClient, QueryClientProvider } from "@tanstack/react-query";
import { RouterProvider } from "@tanstack/react-router";
import { type ReactNode, useEffect, useState } from "react";
import { ApiError, ConnectionLost } from "../api/errors.ts";
import { useLanguage } from "../words/language.ts";
import { followLinks } from "./links.ts";
import { router } from "./router.tsx";
import { SessionGate } from "./session-gate.tsx";

type Messages = I18nProviderProps["messages"];

const queryClient = new QueryClient({
  defaultOptions: {
    queries: {
      networkMode: "always",
      staleTime: 2_000,
      // An answer is an answer; only a lost connection is worth asking again, and until it is back.
      retry: (count, error) =>
        error instanceof ConnectionLost || (error instanceof ApiError && error.status === 503 && count < 3),
      retryDelay: (count) => Math.min(500 * 2 ** count, 5_000),
    },
    mutations: { networkMode: "always" },
  },
});

/** Cloudscape's own texts; Japanese comes as a chunk of its own. */
function useMessages(): readonly [string, Messages] {
  const language = useLanguage();
  const [japanese, setJapanese] = useState<Messages | null>(null);
  useEffect(() => {
    if (language !== "ja" || japanese !== null) return;
    // Without them Cloudscape's own texts stay English.
    import("@cloudscape-design/components/i18n/messages/all.ja").then(
      (loaded) => setJapanese([loaded.default]),
      () => undefined,
    );
  }, [language, japanese]);
  return language === "ja" && japanese !== null ? ["ja", japanese] : ["en", [english]];
}

export function App({ tokenError }: { readonly tokenError: unknown }): ReactNode {
  const [locale, messages] = useMessages();
  useEffect(() => followLinks(router), []);
  return (
    <QueryClientProvider client={queryClient}>
      <I18nProvider locale={locale} messages={messages}>
        <SessionGate tokenError={tokenError}>
          <RouterProvider router={router} />
        </SessionGate>
      </I18nProvider>
    </QueryClientProvider>
  );
}
