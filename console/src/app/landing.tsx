import Box from "@cloudscape-design/components/box";
import Header from "@cloudscape-design/components/header";
import SpaceBetween from "@cloudscape-design/components/space-between";
import type { ReactNode } from "react";
import { Page } from "../shell/page.tsx";
import { paths } from "../shell/paths.ts";
import { useWords } from "../words/language.ts";
import { Picture } from "./picture.tsx";
import { Walkthrough } from "./walkthrough.tsx";

/** The first page: what Lensmith is and how to begin (S2). */
export function Landing(): ReactNode {
  const { landing: t, shell } = useWords();
  return (
    <Page title={shell.nav.getStarted} bare>
      <SpaceBetween size="xxl">
        <section className="hero">
          <div>
            <p className="hero-kicker">{t.kicker}</p>
            <h1>{t.hero}</h1>
            <p className="hero-lead">{t.lead}</p>
            <div className="hero-actions">
              <a className="hero-action is-primary" href={paths.createProject}>
                {t.getStarted}
              </a>
              <a className="hero-action" href={paths.examples}>
                {t.examples}
              </a>
              <a className="hero-action" href={paths.projects}>
                {t.toProjects}
              </a>
            </div>
          </div>
          <Picture />
        </section>
        <section>
          <SpaceBetween size="m">
            <Header variant="h2">{t.howItWorks}</Header>
            <ol className="steps">
              {t.steps.map(([title, text], index) => (
                <li className="step" key={title}>
                  <span className="step-number" aria-hidden="true">
                    {index + 1}
                  </span>
                  <strong>{title}</strong>
                  <p>{text}</p>
                </li>
              ))}
            </ol>
          </SpaceBetween>
        </section>
        <section>
          <SpaceBetween size="m">
            <Header variant="h2">{t.whatIs}</Header>
            <Box fontSize="body-m" color="text-body-secondary">
              {t.whatIsText}
            </Box>
            <Walkthrough />
            <div className="facts">
              {t.facts.map(([title, text]) => (
                <div className="fact" key={title}>
                  <strong>{title}</strong>
                  <p>{text}</p>
                </div>
              ))}
            </div>
          </SpaceBetween>
        </section>
      </SpaceBetween>
    </Page>
  );
}
