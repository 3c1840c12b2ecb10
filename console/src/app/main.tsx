import "@cloudscape-design/global-styles/index.css";
import "virtual:theme.css";
import "./app.css";
import { StrictMode } from "react";
import { createRoot } from "react-dom/client";
import { signIn } from "../api/lensmith.ts";
import { session } from "../api/session.ts";
import { speak } from "../words/language.ts";
import { App } from "./app.tsx";
import { startTheme } from "./theme.ts";
import { takeTokenFromAddress } from "./token.ts";

/** Begin the session that the address brings, or take over that of another tab. */
async function startSession(token: string | null): Promise<unknown> {
  if (token === null) {
    await session.askOtherTabs();
    return null;
  }
  try {
    await signIn({ token });
    return null;
  } catch (error) {
    return error;
  }
}

const token = takeTokenFromAddress();
startTheme();
const [tokenError] = await Promise.all([startSession(token), speak()]);

const root = document.querySelector("#root");
if (root === null) throw new Error("index.html has no #root");
createRoot(root).render(
  <StrictMode>
    <App tokenError={tokenError} />
  </StrictMode>,
);
