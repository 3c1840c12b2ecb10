import HelpPanel from "@cloudscape-design/components/help-panel";
import type { ReactNode } from "react";
import { useWords } from "../words/language.ts";

/** The help of screens that have none of their own. */
export function GeneralHelp(): ReactNode {
  const { landing, shell } = useWords();
  return (
    <HelpPanel header={<h2>{shell.product}</h2>}>
      <p>{landing.whatIsText}</p>
      <h3>{landing.howItWorks}</h3>
      <ol>
        {landing.steps.map(([title, text]) => (
          <li key={title}>
            <strong>{title}</strong>
            <br />
            {text}
          </li>
        ))}
      </ol>
    </HelpPanel>
  );
}
