import Box from "@cloudscape-design/components/box";
import Header from "@cloudscape-design/components/header";
import Link from "@cloudscape-design/components/link";
import SpaceBetween from "@cloudscape-design/components/space-between";
import { type ReactNode, useEffect, useLayoutEffect } from "react";
import { useWords } from "../words/language.ts";
import { changeFrame, type Crumb, openHelp } from "./frame.ts";
import { paths } from "./paths.ts";

export interface PageProps {
  /** The h1, and the title of the tab. */
  readonly title: string;
  /** Between "Custom Labels" and the page itself. */
  readonly crumbs?: readonly Crumb[];
  /** The last crumb, where it is shorter than the title. */
  readonly crumb?: string;
  readonly counter?: string;
  readonly description?: ReactNode;
  readonly actions?: ReactNode;
  /** A HelpPanel, or null; the Info link beside the title opens it. */
  readonly help?: ReactNode;
  /** Without header, for pages that draw their own; an h1 is then theirs. */
  readonly bare?: boolean;
  /** Without top bar and navigation: labelling. */
  readonly focused?: boolean;
  readonly children?: ReactNode;
}

/** A screen: tells the frame its breadcrumbs and help, and draws the header. */
export function Page(props: PageProps): ReactNode {
  const { shell } = useWords();
  const { title, help, focused = false } = props;
  const crumb = props.crumb ?? title;
  const above = JSON.stringify(props.crumbs ?? []);
  useLayoutEffect(() => {
    const here = { text: crumb, href: "#" };
    const root = { text: shell.service, href: paths.landing };
    changeFrame({ crumbs: [root, ...(JSON.parse(above) as Crumb[]), here], focused });
    return () => changeFrame({ focused: false });
  }, [above, crumb, focused, shell.service]);
  useEffect(() => {
    document.title = title === shell.product ? title : `${title} - ${shell.product}`;
  }, [title, shell.product]);
  const hasHelp = help !== undefined && help !== null;
  useEffect(() => {
    changeFrame({ help: help ?? null, ...(hasHelp ? {} : { helpOpen: false }) });
    // The help of a page is the same as long as the page and the language are.
    // oxlint-disable-next-line react-hooks/exhaustive-deps
  }, [hasHelp, title, shell]);
  if (props.bare) return props.children;
  return (
    <SpaceBetween size="l">
      <Header
        variant="h1"
        actions={props.actions}
        {...(props.counter === undefined ? {} : { counter: props.counter })}
        description={props.description}
        info={hasHelp ? <InfoLink help={help} /> : undefined}
      >
        {title}
      </Header>
      {props.children}
    </SpaceBetween>
  );
}

/** The word "Info" behind a title or a field's name; opens the help panel. */
export function InfoLink({ help }: { readonly help: ReactNode }): ReactNode {
  const { shell } = useWords();
  return (
    <Link variant="info" onFollow={() => openHelp(help)}>
      {shell.info}
    </Link>
  );
}

/** What an empty table or list says. */
export function Empty(props: {
  readonly title: string;
  readonly detail?: ReactNode;
  readonly action?: ReactNode;
}): ReactNode {
  return (
    <Box textAlign="center" color="inherit" padding={{ vertical: "xxl" }}>
      <SpaceBetween size="s">
        <Box variant="h3" tagOverride="p" color="inherit" padding="n">
          {props.title}
        </Box>
        {props.detail === undefined ? null : <Box color="text-body-secondary">{props.detail}</Box>}
        {props.action}
      </SpaceBetween>
    </Box>
  );
}
